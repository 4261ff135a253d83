package io.litetopic.proxy.broker;

import java.util.Collections;
import java.util.List;

/** Answer to one pull. Immutable. */
public final class PullBatch {
    private final List<BrokerMessage> messages;
    private final long nextOffset;
    private final long minOffset;
    private final long maxOffset;

    /**
     * @param messages in queue offset order; empty if none arrived in time or the asked offset does not exist
     * @param nextOffset where to go on reading; it jumps when the asked offset is below {@code minOffset} or above
     *     {@code maxOffset}
     * @param minOffset first offset the broker still has
     * @param maxOffset one past the last offset of the queue
     */
    public PullBatch(List<BrokerMessage> messages, long nextOffset, long minOffset, long maxOffset) {
        this.messages = Collections.unmodifiableList(messages);
        this.nextOffset = nextOffset;
        this.minOffset = minOffset;
        this.maxOffset = maxOffset;
    }

    public List<BrokerMessage> messages() {
        return messages;
    }

    public long nextOffset() {
        return nextOffset;
    }

    public long minOffset() {
        return minOffset;
    }

    public long maxOffset() {
        return maxOffset;
    }
}
