package io.litetopic.proxy.runtime;

import io.litetopic.proxy.cluster.ClusterView;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One bind topic as it is served: its lite topics, its groups, and whether it is served yet.
 *
 * <p>Thread-safe: the state is published as a whole.
 */
public final class BindTopic {
    private final BindTopicConfig config;
    private final LiteTopicRegistry registry;
    private volatile Map<String, GroupDispatcher> dispatchers = Collections.emptyMap();
    private volatile @Nullable QueueClaims claims;
    private volatile @Nullable String refusal;

    public BindTopic(BindTopicConfig config) {
        this.config = config;
        this.registry = new LiteTopicRegistry(
                config.liteTopicQuota(), config.ttl().map(Duration::toNanos).orElse(Long.MAX_VALUE));
    }

    public BindTopicConfig config() {
        return config;
    }

    public String name() {
        return config.name();
    }

    public LiteTopicRegistry registry() {
        return registry;
    }

    /** The group's dispatcher, or null before the topic is served or if the group is not one of the topic's. */
    public @Nullable GroupDispatcher dispatcher(String group) {
        return dispatchers.get(group);
    }

    /** Whether lite messages are accepted and consumed: every group has once dispatched all queues that are this
     * proxy's, possibly none. Stays true from then on. */
    public boolean hasServed() {
        Map<String, GroupDispatcher> current = dispatchers;
        return !current.isEmpty() && current.values().stream().allMatch(GroupDispatcher::hasServed);
    }

    /**
     * Why requests of the group are not served, for users; null while they are. A group that has served once is never refused: a
     * queue that it misses for a while must not keep the others waiting, and what clients hold they may settle.
     */
    public @Nullable String whyNotServing(String group) {
        String refused = refusal;
        if (refused != null) {
            return "bind topic '" + name() + "' cannot be used: " + refused;
        }
        GroupDispatcher dispatcher = dispatchers.get(group);
        return dispatcher != null && dispatcher.hasServed()
                ? null
                : "bind topic '" + name() + "' is not served yet for consumer group '" + group
                        + "': the proxy is still taking over its queues; try again";
    }

    /** The proxies that serve the topic and who of them is to have which queue; null before the topic is prepared. */
    public @Nullable ClusterView view() {
        QueueClaims current = claims;
        return current == null ? null : current.view();
    }

    CompletableFuture<?> leave() {
        QueueClaims current = claims;
        return current == null ? CompletableFuture.completedFuture(true) : current.leave();
    }

    void closeClaims() {
        QueueClaims current = claims;
        if (current != null) {
            current.close();
        }
    }

    void serve(Map<String, GroupDispatcher> started, QueueClaims ofTopic) {
        refusal = null;
        claims = ofTopic;
        dispatchers = started;
    }

    void refuse(String reason) {
        refusal = reason;
    }

    Map<String, GroupDispatcher> dispatchers() {
        return dispatchers;
    }
}
