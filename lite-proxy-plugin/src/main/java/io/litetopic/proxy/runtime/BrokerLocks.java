package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One group's lock calls to one broker, one after the other: the broker may carry out at the same time what is under way at the same
 * time, and a renewal that came after the unlock would take the queue for another minute. Not thread-safe.
 */
final class BrokerLocks {
    private final String group;
    private final BrokerGateway gateway;
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    BrokerLocks(String group, BrokerGateway gateway) {
        this.group = group;
        this.gateway = gateway;
    }

    /** Whether a call is under way. */
    boolean isBusy() {
        return !last.isDone();
    }

    CompletableFuture<Set<BrokerQueue>> lock(String ownerId, Set<BrokerQueue> queues) {
        CompletableFuture<Set<BrokerQueue>> answer =
                last.handle((done, failure) -> true).thenCompose(go -> gateway.lock(group, ownerId, queues));
        last = answer;
        return answer;
    }

    CompletableFuture<@Nullable Void> unlock(String ownerId, Set<BrokerQueue> queues) {
        CompletableFuture<@Nullable Void> answer =
                last.handle((done, failure) -> true).thenCompose(go -> gateway.unlock(group, ownerId, queues));
        last = answer;
        return answer;
    }
}
