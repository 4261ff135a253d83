package io.litetopic.testkit.clock;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Lets a class call {@link ShiftedClock#currentTimeMillis()} where it calls {@link System#currentTimeMillis()}. Only the constant pool
 * changes: the reference to the method gets another class, which is appended.
 *
 * <pre>
 * offset size field (JVM specification, chapter 4)
 * 0      8    magic, minor and major version
 * 8      2    number of constants + 1
 * 10     ...  constants, each a tag of one byte and what the tag says
 * ...    ...  the rest, which refers to constants by their index and stays as it is
 * </pre>
 */
final class ClassPatch {
    private static final int POOL_START = 10;
    private static final String SYSTEM = "java/lang/System";
    private static final String METHOD = "currentTimeMillis";

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int METHOD_REF = 10;
    private static final int NAME_AND_TYPE = 12;

    private final byte[] file;
    private final int[] offsets; // of each constant's tag, by index; 0 where there is none
    private final int end; // of the constants

    private ClassPatch(byte[] file, int[] offsets, int end) {
        this.file = file;
        this.offsets = offsets;
        this.end = end;
    }

    /** The patched class, or {@code file} itself if it never asks for the time. */
    static byte[] apply(byte[] file) throws IOException {
        int[] offsets = new int[unsigned(file, 8)];
        int offset = POOL_START;
        for (int index = 1; index < offsets.length; index++) {
            offsets[index] = offset;
            int tag = file[offset];
            offset += 1 + size(file, offset);
            if (tag == LONG || tag == DOUBLE) {
                index++; // they take two indexes
            }
        }
        return new ClassPatch(file, offsets, offset).patched();
    }

    private byte[] patched() throws IOException {
        byte[] head = Arrays.copyOf(file, end);
        boolean found = false;
        for (int offset : offsets) {
            if (offset != 0 && file[offset] == METHOD_REF && isCurrentTime(offset)) {
                int newClass = offsets.length + 1; // after the appended name
                head[offset + 1] = (byte) (newClass >> 8);
                head[offset + 2] = (byte) newClass;
                found = true;
            }
        }
        if (!found) {
            return file;
        }
        head[8] = (byte) ((offsets.length + 2) >> 8);
        head[9] = (byte) (offsets.length + 2);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(file.length + 100);
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(head);
        out.writeByte(UTF8);
        out.writeUTF(ShiftedClock.class.getName().replace('.', '/'));
        out.writeByte(CLASS);
        out.writeShort(offsets.length);
        out.write(file, end, file.length - end);
        return bytes.toByteArray();
    }

    private boolean isCurrentTime(int methodRef) throws IOException {
        int owner = offsets[unsigned(file, methodRef + 1)];
        int nameAndType = offsets[unsigned(file, methodRef + 3)];
        if (file[owner] != CLASS || file[nameAndType] != NAME_AND_TYPE) {
            throw new IOException(
                    "not a class file: a method reference at " + methodRef + " refers to other constants");
        }
        return text(unsigned(file, owner + 1)).equals(SYSTEM)
                && text(unsigned(file, nameAndType + 1)).equals(METHOD);
    }

    private String text(int index) throws IOException {
        int start = offsets[index] + 1;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(file, start, file.length - start))) {
            return in.readUTF();
        }
    }

    /** How many bytes follow the tag at {@code offset}. */
    private static int size(byte[] file, int offset) throws IOException {
        return switch (file[offset]) {
            case UTF8 -> 2 + unsigned(file, offset + 1);
            case 3, 4, 9, METHOD_REF, 11, NAME_AND_TYPE, 17, 18 -> 4;
            case LONG, DOUBLE -> 8;
            case CLASS, 8, 16, 19, 20 -> 2;
            case 15 -> 3;
            default ->
                throw new IOException("unknown constant in a class file [tag=" + file[offset] + ", offset=" + offset
                        + "]; this patch knows those of Java 17");
        };
    }

    private static int unsigned(byte[] file, int offset) {
        return (file[offset] & 0xFF) << 8 | (file[offset + 1] & 0xFF);
    }
}
