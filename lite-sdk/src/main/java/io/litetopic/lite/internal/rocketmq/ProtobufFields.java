package io.litetopic.lite.internal.rocketmq;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Fields in protobuf encoding, to be appended to an encoded message: those that the client's protocol classes lack, or
 * type with a class that is shaded in one variant of the client and not in the other.
 *
 * <p>Not thread-safe.
 */
final class ProtobufFields {

    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private ProtobufFields() {}

    static ProtobufFields none() {
        return new ProtobufFields();
    }

    static ProtobufFields appendedTo(byte[] message) {
        ProtobufFields fields = new ProtobufFields();
        fields.out.write(message, 0, message.length);
        return fields;
    }

    /** A message of two fields: 1 seconds, 2 nanos. */
    ProtobufFields duration(int field, Duration duration) {
        return message(field, none().varint(1, duration.getSeconds()).varint(2, duration.getNano()));
    }

    ProtobufFields message(int field, ProtobufFields message) {
        return bytes(field, message.toByteArray());
    }

    ProtobufFields string(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtobufFields bool(int field, boolean value) {
        return varint(field, value ? 1 : 0);
    }

    /** An integer or a value of an enumeration. */
    ProtobufFields varint(int field, long value) {
        put((field << 3) | VARINT);
        put(value);
        return this;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    private ProtobufFields bytes(int field, byte[] bytes) {
        put((field << 3) | LENGTH_DELIMITED);
        put(bytes.length);
        out.write(bytes, 0, bytes.length);
        return this;
    }

    private void put(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
