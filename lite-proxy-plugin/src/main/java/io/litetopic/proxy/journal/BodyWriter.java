package io.litetopic.proxy.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow. Not thread-safe. */
final class BodyWriter {
    private byte[] bytes = new byte[256];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    void writeByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    /** Seven bits a byte, the lowest first, the highest bit set in all but the last; negative values take ten bytes. */
    void writeVarint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** Length in bytes as varint, then UTF-8. */
    void writeString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        writeVarint(utf8.length);
        writeBytes(utf8);
    }

    void writeBytes(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** Tag, length, then everything that {@code payload} has. */
    void writeEntry(int tag, BodyWriter payload) {
        writeByte(tag);
        writeVarint(payload.size);
        reserve(payload.size);
        System.arraycopy(payload.bytes, 0, bytes, size, payload.size);
        size += payload.size;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
