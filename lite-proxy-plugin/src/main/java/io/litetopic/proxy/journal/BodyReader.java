package io.litetopic.proxy.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link BodyWriter} has written. Not thread-safe. */
final class BodyReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    BodyReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    int position() {
        return position;
    }

    boolean hasMore() {
        return position < end;
    }

    int readByte() throws DamagedRecordException {
        require(1);
        return bytes[position++] & 0xFF;
    }

    long readVarint() throws DamagedRecordException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new DamagedRecordException(position, "a number has more than ten bytes");
    }

    /** A varint that must be from 0 to {@code max}. */
    int readCount(int max) throws DamagedRecordException {
        long value = readVarint();
        if (value < 0 || value > max) {
            throw new DamagedRecordException(position, "a number is " + value + " but must be from 0 to " + max);
        }
        return (int) value;
    }

    String readString() throws DamagedRecordException {
        int length = readCount(end - position);
        String value = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return value;
    }

    byte[] readBytes(int length) throws DamagedRecordException {
        require(length);
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    /** Reads a length and gives a reader of that many bytes, which this one skips. */
    BodyReader readPayload() throws DamagedRecordException {
        int length = readCount(end - position);
        BodyReader payload = new BodyReader(bytes, position, position + length);
        position += length;
        return payload;
    }

    int remaining() {
        return end - position;
    }

    private void require(int count) throws DamagedRecordException {
        if (end - position < count) {
            throw new DamagedRecordException(
                    position, count + " more bytes are needed but only " + (end - position) + " are there");
        }
    }
}
