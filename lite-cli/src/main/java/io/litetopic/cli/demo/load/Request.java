package io.litetopic.cli.demo.load;

import java.nio.ByteBuffer;

/**
 * One request of a tenant, as it travels in a message body: 20 bytes, big endian.
 *
 * <pre>
 * offset  size  field
 *      0     4  tenant index
 *      4     4  sequence number within the tenant, from 0; -1 in a probe
 *      8     8  due: when it is meant to be sent, nanoseconds since the start of the load
 *     16     4  inference time, microseconds
 * </pre>
 */
public record Request(int tenant, int sequence, long dueNanos, int inferenceMicros) {
    private static final int BYTES = 20;
    private static final int PROBE = -1;

    /** A request outside the load, which only shows that the way from a tenant to the gateway works. */
    public static Request probe(int tenant) {
        return new Request(tenant, PROBE, 0, 0);
    }

    public boolean isProbe() {
        return sequence == PROBE;
    }

    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(tenant)
                .putInt(sequence)
                .putLong(dueNanos)
                .putInt(inferenceMicros)
                .array();
    }

    /**
     * Reads a request from the buffer's position, which does not move.
     *
     * @throws IllegalArgumentException if the body is not exactly one request
     */
    public static Request decode(ByteBuffer body) {
        if (body.remaining() != BYTES) {
            throw new IllegalArgumentException(
                    "not a demo request [bytes=" + body.remaining() + ", expected=" + BYTES + "]");
        }
        ByteBuffer in = body.duplicate();
        return new Request(in.getInt(), in.getInt(), in.getLong(), in.getInt());
    }
}
