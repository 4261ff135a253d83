package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out whether a broker still has the messages that were read of a queue, or has lost the end of it and given the offsets to
 * others since. Asks for one message; if that is another one, for as many as a binary search needs. Nothing blocks.
 */
final class TailCheck {
    static final long SAME = -1;

    private final String group;
    private final BrokerGateway gateway;

    TailCheck(String group, BrokerGateway gateway) {
        this.group = group;
        this.gateway = gateway;
    }

    /**
     * The trail must not change meanwhile.
     *
     * @return the offset from which on the queue may hold other messages than were read, or {@link #SAME}; fails as the gateway does
     */
    CompletableFuture<Long> firstDifference(BrokerQueue queue, ReadTrail trail) {
        int last = trail.size() - 1;
        return isSame(queue, trail, last)
                .thenCompose(same ->
                        same ? CompletableFuture.completedFuture(SAME) : firstDifference(queue, trail, -1, last));
    }

    /** @param same index of a mark that is the same, or -1; what is before the first mark is not known */
    private CompletableFuture<Long> firstDifference(BrokerQueue queue, ReadTrail trail, int same, int different) {
        if (different - same == 1) {
            return CompletableFuture.completedFuture(same < 0 ? trail.fromOffset() : trail.queueOffset(same) + 1);
        }
        int middle = (same + different) >>> 1;
        return isSame(queue, trail, middle)
                .thenCompose(isSame -> isSame
                        ? firstDifference(queue, trail, middle, different)
                        : firstDifference(queue, trail, same, middle));
    }

    private CompletableFuture<Boolean> isSame(BrokerQueue queue, ReadTrail trail, int mark) {
        long offset = trail.queueOffset(mark);
        long storeTimestampMillis = trail.storeTimestampMillis(mark);
        return gateway.pull(group, queue, offset, 1, Duration.ZERO)
                .thenApply(batch -> isSame(queue, batch, offset, storeTimestampMillis));
    }

    private static boolean isSame(BrokerQueue queue, PullBatch batch, long offset, long storeTimestampMillis) {
        if (batch.minOffset() > offset) {
            return true; // deleted by retention, which begins with the oldest
        }
        if (batch.maxOffset() <= offset) {
            return false;
        }
        if (batch.messages().isEmpty() && batch.nextOffset() > offset && batch.nextOffset() <= batch.maxOffset()) {
            return true; // deleted too, though the broker still counts it
        }
        for (BrokerMessage message : batch.messages()) {
            if (message.queueOffset() >= offset) {
                return message.queueOffset() == offset && message.storeTimestampMillis() == storeTimestampMillis;
            }
        }
        throw new IllegalStateException("the broker did not return a message that was read before [queue=" + queue
                + ", queueOffset=" + offset + ", minOffset=" + batch.minOffset() + ", maxOffset=" + batch.maxOffset()
                + "]; it is asked again");
    }
}
