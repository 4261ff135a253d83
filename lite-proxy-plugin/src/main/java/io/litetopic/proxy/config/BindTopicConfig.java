package io.litetopic.proxy.config;

import io.litetopic.proxy.engine.ExpiryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One stock FIFO topic that carries lite topics, and the groups that consume them. Immutable. */
public final class BindTopicConfig {
    public static final int DEFAULT_LITE_TOPIC_QUOTA = 1_000_000;
    public static final int DEFAULT_QUEUES = 8;

    private final String name;
    private final @Nullable Duration ttl;
    private final ExpiryPolicy onExpiry;
    private final int liteTopicQuota;
    private final int queues;
    private final List<Permission> permissions;
    private final Map<String, LiteGroupConfig> groups;

    private BindTopicConfig(Builder builder) {
        this.name = builder.name;
        this.ttl = builder.ttl;
        this.onExpiry = builder.onExpiry;
        this.liteTopicQuota = builder.liteTopicQuota;
        this.queues = builder.queues;
        this.permissions = Collections.unmodifiableList(new ArrayList<>(builder.permissions));
        this.groups = Collections.unmodifiableMap(new LinkedHashMap<>(builder.groups));
    }

    /**
     * Open to all users; what expires is deleted.
     *
     * @param ttl {@code null} if lite topics never expire
     */
    public BindTopicConfig(
            String name, @Nullable Duration ttl, int liteTopicQuota, int queues, Map<String, LiteGroupConfig> groups) {
        this(builder(name)
                .ttl(ttl)
                .liteTopicQuota(liteTopicQuota)
                .queues(queues)
                .groups(groups));
    }

    /** A bind topic with all defaults and no group yet, for changes. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    public String name() {
        return name;
    }

    /** How long a lite topic lives without a new message, 1 s to 365 d; empty if it never expires. */
    public Optional<Duration> ttl() {
        return Optional.ofNullable(ttl);
    }

    /** What becomes of the unconsumed messages of a lite topic that has expired. */
    public ExpiryPolicy onExpiry() {
        return onExpiry;
    }

    /** Lite topics that may exist at a time, 1 or more. */
    public int liteTopicQuota() {
        return liteTopicQuota;
    }

    /** Queues per broker if the topic has to be created; an existing topic keeps its own number. */
    public int queues() {
        return queues;
    }

    /** Who may do what, as the proxy started; empty if all users may do all that the topic's own rights allow them. */
    public List<Permission> permissions() {
        return permissions;
    }

    /** Groups by name in the order of the file, at least one. */
    public Map<String, LiteGroupConfig> groups() {
        return groups;
    }

    @Override
    public String toString() {
        return "{name=" + name + ", ttl=" + (ttl == null ? "none" : ttl) + ", onExpiry=" + onExpiry.configName()
                + ", liteTopicQuota=" + liteTopicQuota + ", queues=" + queues + ", permissions=" + permissions
                + ", groups=" + groups.values() + '}';
    }

    /** Changes of the defaults. Not thread-safe. Ranges are checked by {@link PluginConfigLoader}. */
    public static final class Builder {
        private final String name;
        private @Nullable Duration ttl;
        private ExpiryPolicy onExpiry = ExpiryPolicy.DELETE;
        private int liteTopicQuota = DEFAULT_LITE_TOPIC_QUOTA;
        private int queues = DEFAULT_QUEUES;
        private List<Permission> permissions = Collections.emptyList();
        private Map<String, LiteGroupConfig> groups = Collections.emptyMap();

        private Builder(String name) {
            this.name = name;
        }

        /** @param value {@code null} if lite topics never expire */
        public Builder ttl(@Nullable Duration value) {
            ttl = value;
            return this;
        }

        public Builder onExpiry(ExpiryPolicy value) {
            onExpiry = value;
            return this;
        }

        public Builder liteTopicQuota(int value) {
            liteTopicQuota = value;
            return this;
        }

        public Builder queues(int value) {
            queues = value;
            return this;
        }

        public Builder permissions(List<Permission> value) {
            permissions = value;
            return this;
        }

        /** @param value by name, in the order of the file */
        public Builder groups(Map<String, LiteGroupConfig> value) {
            groups = value;
            return this;
        }

        public BindTopicConfig build() {
            return new BindTopicConfig(this);
        }
    }
}
