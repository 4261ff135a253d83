package io.litetopic.proxy.cluster;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Claims that never change. */
final class FixedClaims implements QueueClaims {
    private final String ownerId;
    private final @Nullable String brokerName;

    /** @param brokerName the broker whose queues are claimed; null for all */
    FixedClaims(String ownerId, @Nullable String brokerName) {
        this.ownerId = ownerId;
        this.brokerName = brokerName;
    }

    @Override
    public void start() {}

    @Override
    public String ownerId() {
        return ownerId;
    }

    @Override
    public Set<BrokerQueue> claimed(List<BrokerQueue> queues) {
        Set<BrokerQueue> claimed = new HashSet<>();
        for (BrokerQueue queue : queues) {
            if (brokerName == null || brokerName.equals(queue.brokerName())) {
                claimed.add(queue);
            }
        }
        return claimed;
    }

    @Override
    public CompletableFuture<Set<String>> deadHolders(String broker) {
        return CompletableFuture.completedFuture(Collections.emptySet());
    }

    @Override
    public void onChange(Runnable listener) {}

    @Override
    public ClusterView view() {
        return ClusterView.alone(ownerId);
    }

    @Override
    public CompletableFuture<?> leave() {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public void close() {}
}
