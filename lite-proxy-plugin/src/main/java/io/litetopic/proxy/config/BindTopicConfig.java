package io.litetopic.proxy.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One stock FIFO topic that carries lite topics, and the groups that consume them. Immutable. */
public final class BindTopicConfig {
    public static final int DEFAULT_LITE_TOPIC_QUOTA = 1_000_000;
    public static final int DEFAULT_QUEUES = 8;

    private final String name;
    private final @Nullable Duration ttl;
    private final int liteTopicQuota;
    private final int queues;
    private final Map<String, LiteGroupConfig> groups;

    /** @param ttl {@code null} if lite topics never expire */
    public BindTopicConfig(
            String name, @Nullable Duration ttl, int liteTopicQuota, int queues, Map<String, LiteGroupConfig> groups) {
        this.name = name;
        this.ttl = ttl;
        this.liteTopicQuota = liteTopicQuota;
        this.queues = queues;
        this.groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    public String name() {
        return name;
    }

    /** How long a lite topic lives without a new message, 1 s to 365 d; empty if it never expires. */
    public Optional<Duration> ttl() {
        return Optional.ofNullable(ttl);
    }

    /** Lite topics that may exist at a time, 1 or more. */
    public int liteTopicQuota() {
        return liteTopicQuota;
    }

    /** Queues per broker if the topic has to be created; an existing topic keeps its own number. */
    public int queues() {
        return queues;
    }

    /** Groups by name in the order of the file, at least one. */
    public Map<String, LiteGroupConfig> groups() {
        return groups;
    }

    @Override
    public String toString() {
        return "{name=" + name + ", ttl=" + (ttl == null ? "none" : ttl) + ", liteTopicQuota=" + liteTopicQuota
                + ", queues=" + queues + ", groups=" + groups.values() + '}';
    }
}
