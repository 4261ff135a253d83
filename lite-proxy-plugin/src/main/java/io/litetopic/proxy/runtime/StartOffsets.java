package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Asks the broker for the offsets that a {@link StartOption} means. Nothing blocks; thread-safe. */
final class StartOffsets {
    private final BrokerGateway gateway;

    StartOffsets(BrokerGateway gateway) {
        this.gateway = gateway;
    }

    /** First offset of each queue that counts; for a tail the first that may be looked at. Fails as the gateway does. */
    CompletableFuture<Map<BrokerQueue, Long>> of(Collection<BrokerQueue> queues, StartOption option) {
        Map<BrokerQueue, CompletableFuture<Long>> asked = new HashMap<>();
        for (BrokerQueue queue : queues) {
            asked.put(queue, of(queue, option));
        }
        return CompletableFuture.allOf(asked.values().toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> {
                    Map<BrokerQueue, Long> offsets = new HashMap<>();
                    asked.forEach((queue, offset) -> offsets.put(queue, offset.join()));
                    return offsets;
                });
    }

    private CompletableFuture<Long> of(BrokerQueue queue, StartOption option) {
        switch (option.kind()) {
            case EARLIEST:
            case TAIL:
                return gateway.minOffset(queue);
            case LATEST:
                return gateway.maxOffset(queue);
            case TIMESTAMP:
                return gateway.offsetAt(queue, option.value());
            case OFFSET:
                // Behind the end nothing is skipped: a lite topic is in one queue, and the others may be far shorter.
                return gateway.minOffset(queue)
                        .thenCombine(
                                gateway.maxOffset(queue), (min, max) -> Math.max(min, Math.min(option.value(), max)));
        }
        throw new IllegalStateException("unknown option: " + option);
    }
}
