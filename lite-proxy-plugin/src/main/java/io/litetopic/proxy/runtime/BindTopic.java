package io.litetopic.proxy.runtime;

import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
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

    /** Whether lite messages are accepted and consumed: every group has dispatched all queues once. Stays true from then on. */
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

    void serve(Map<String, GroupDispatcher> started) {
        refusal = null;
        dispatchers = started;
    }

    void refuse(String reason) {
        refusal = reason;
    }

    Map<String, GroupDispatcher> dispatchers() {
        return dispatchers;
    }
}
