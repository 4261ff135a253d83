package io.litetopic.cli.bench.client;

import java.nio.ByteBuffer;

/**
 * What a message of a load says: offset, size, field: 0, 4, number of the message; 4, 4, index of the lite topic; 8, 8, when it
 * was due, by {@link System#nanoTime()} of the load process; then zeros. Big endian.
 */
record Payload(int message, int liteTopic, long dueNanos) {
    private static final int BYTES = 16;

    byte[] encode(int bodyBytes) {
        return ByteBuffer.allocate(Math.max(BYTES, bodyBytes))
                .putInt(message)
                .putInt(liteTopic)
                .putLong(dueNanos)
                .array();
    }

    static Payload decode(ByteBuffer body) {
        int start = body.position();
        return new Payload(body.getInt(start), body.getInt(start + 4), body.getLong(start + 8));
    }
}
