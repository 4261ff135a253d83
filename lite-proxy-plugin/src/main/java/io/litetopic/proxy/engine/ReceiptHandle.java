package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Token for one delivery of one message. Immutable; its text form is opaque to clients.
 *
 * <p>Text form: base64url without padding of
 *
 * <pre>
 * offset  size  field
 *      0     1  version, 1
 *      1     8  lease id, random, big endian
 *      9     8  position: queue slot and queue offset, big endian
 *     17     n  lite topic, UTF-8
 * </pre>
 */
public final class ReceiptHandle {
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 17;
    private static final int MAX_BYTES = HEADER_BYTES + 1024;

    private final String liteTopic;
    private final long leaseId;
    private final long position;

    ReceiptHandle(String liteTopic, long leaseId, long position) {
        this.liteTopic = liteTopic;
        this.leaseId = leaseId;
        this.position = position;
    }

    /** @throws IllegalArgumentException if {@code text} is no handle of ours */
    public static ReceiptHandle parse(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a receipt handle of a lite topic: not base64url", e);
        }
        if (bytes.length <= HEADER_BYTES || bytes.length > MAX_BYTES || bytes[0] != VERSION) {
            throw new IllegalArgumentException("not a receipt handle of a lite topic: length or version do not fit");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, HEADER_BYTES - 1);
        long leaseId = buffer.getLong();
        long position = buffer.getLong();
        String liteTopic = new String(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, StandardCharsets.UTF_8);
        return new ReceiptHandle(liteTopic, leaseId, position);
    }

    public String liteTopic() {
        return liteTopic;
    }

    /** Slot of the queue that the message came from. */
    public int slot() {
        return Position.slot(position);
    }

    long leaseId() {
        return leaseId;
    }

    long position() {
        return position;
    }

    /** The text form. */
    public String encode() {
        byte[] name = liteTopic.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + name.length);
        buffer.put(VERSION).putLong(leaseId).putLong(position).put(name);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
    }

    @Override
    public String toString() {
        return "ReceiptHandle[liteTopic=" + liteTopic + ", position=" + Position.describe(position) + ']';
    }
}
