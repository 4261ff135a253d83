package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/** Where a group goes on in a queue that it has just locked. Nothing blocks; thread-safe. */
final class QueueStart {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final BrokerGateway gateway;

    QueueStart(String group, BrokerGateway gateway) {
        this.group = group;
        this.gateway = gateway;
    }

    /**
     * The committed offset, or the end of the queue that it is beyond of. What the broker has deleted before it was consumed is
     * logged. Fails as the gateway does.
     */
    CompletableFuture<Long> of(BrokerQueue queue) {
        CompletableFuture<Long> committed = gateway.committedOffset(group, queue);
        CompletableFuture<Long> min = gateway.minOffset(queue);
        CompletableFuture<Long> max = gateway.maxOffset(queue);
        return CompletableFuture.allOf(committed, min, max)
                .thenApply(done -> start(queue, committed.join(), min.join(), max.join()));
    }

    private long start(BrokerQueue queue, long committed, long min, long max) {
        if (committed > 0 && committed < min) {
            log.warn(
                    "messages were deleted by the broker before they were consumed consumerGroup={} queue={}"
                            + " committedOffset={} minOffset={} lost={}",
                    group,
                    queue,
                    committed,
                    min,
                    min - committed);
        }
        if (committed > max) {
            log.error(
                    "the queue ends before the committed offset: the broker has lost messages or the topic was created anew;"
                            + " going on at its end consumerGroup={} queue={} committedOffset={} minOffset={} maxOffset={}",
                    group,
                    queue,
                    committed,
                    min,
                    max);
        }
        return Math.max(Math.min(committed, max), min);
    }
}
