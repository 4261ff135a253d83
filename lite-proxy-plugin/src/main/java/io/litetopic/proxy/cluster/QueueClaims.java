package io.litetopic.proxy.cluster;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which queues of one bind topic this proxy is to own, the same for all its groups. A claim is no right: that is the broker's lock.
 * Thread-safe; nothing blocks.
 */
public interface QueueClaims extends AutoCloseable {

    /** Begins to look for other proxies. At most once. */
    void start();

    /** The id under which this proxy holds locks. */
    String ownerId();

    /**
     * Those of {@code queues} that this proxy is to own now; they stay so while it {@link #leave leaves}.
     *
     * @param queues all queues of the bind topic
     * @return null as long as it is not known who else is there
     */
    @Nullable
    Set<BrokerQueue> claimed(List<BrokerQueue> queues);

    /**
     * Ids of former members that are dead for sure, looked at just now: their locks on queues of this broker may be ended in their
     * name. Usually none. The future never fails.
     */
    CompletableFuture<Set<String>> deadHolders(String brokerName);

    /** {@code listener} is called, on any thread, whenever claims may have changed. */
    void onChange(Runnable listener);

    /** Who serves the bind topic, as last seen. */
    ClusterView view();

    /**
     * Tells the others that this proxy goes, so that they claim its queues, which are to be given back next. Completes when brokers
     * know it, or cannot be told.
     */
    CompletableFuture<?> leave();

    /** Ends the membership. */
    @Override
    void close();

    /** Claims of a proxy that shares with nobody: the queues of one broker. */
    static QueueClaims ofBroker(String ownerId, String brokerName) {
        return new FixedClaims(ownerId, brokerName);
    }

    /** Claims of a proxy that is the only one: all queues. */
    static QueueClaims ofAll(String ownerId) {
        return new FixedClaims(ownerId, null);
    }
}
