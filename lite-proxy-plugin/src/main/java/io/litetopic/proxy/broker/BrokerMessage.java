package io.litetopic.proxy.broker;

import org.jspecify.annotations.Nullable;

/** A message as read from a queue of a bind topic. Immutable; the payload is opaque outside the broker adapter. */
public final class BrokerMessage {
    private final long queueOffset;
    private final @Nullable String liteTopic;
    private final long storeTimestampMillis;
    private final int sizeBytes;
    private final Object payload;

    /**
     * @param queueOffset position in its queue
     * @param liteTopic value of the {@code __LITE_TOPIC} property, else the message group, else {@code null}
     * @param storeTimestampMillis wall clock of the broker when it stored the message, in ms since 1970
     * @param sizeBytes memory that holding {@code payload} costs, about
     * @param payload the broker adapter's own representation
     */
    public BrokerMessage(
            long queueOffset, @Nullable String liteTopic, long storeTimestampMillis, int sizeBytes, Object payload) {
        this.queueOffset = queueOffset;
        this.liteTopic = liteTopic;
        this.storeTimestampMillis = storeTimestampMillis;
        this.sizeBytes = sizeBytes;
        this.payload = payload;
    }

    public long queueOffset() {
        return queueOffset;
    }

    public @Nullable String liteTopic() {
        return liteTopic;
    }

    public long storeTimestampMillis() {
        return storeTimestampMillis;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    public Object payload() {
        return payload;
    }
}
