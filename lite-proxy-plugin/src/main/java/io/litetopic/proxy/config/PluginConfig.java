package io.litetopic.proxy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the plugin serves: bind topics and their groups. Immutable; {@link PluginConfigLoader} makes it from YAML. */
public final class PluginConfig {
    private final Map<String, BindTopicConfig> bindTopics;
    private final LimitsConfig limits;
    private final JournalConfig journal;
    private final @Nullable String advertisedAddress;

    /** @param advertisedAddress see {@link #advertisedAddress} */
    public PluginConfig(
            Map<String, BindTopicConfig> bindTopics,
            LimitsConfig limits,
            JournalConfig journal,
            @Nullable String advertisedAddress) {
        this.bindTopics = Collections.unmodifiableMap(new LinkedHashMap<>(bindTopics));
        this.limits = limits;
        this.journal = journal;
        this.advertisedAddress = advertisedAddress;
    }

    /** With the defaults of all else. */
    public PluginConfig(Map<String, BindTopicConfig> bindTopics) {
        this(bindTopics, LimitsConfig.DEFAULT, JournalConfig.DEFAULT, null);
    }

    /** Bind topics by name in the order of the file, at least one. A group name occurs in one of them only. */
    public Map<String, BindTopicConfig> bindTopics() {
        return bindTopics;
    }

    public LimitsConfig limits() {
        return limits;
    }

    public JournalConfig journal() {
        return journal;
    }

    /** {@code host:port} under which clients reach this proxy; null for the proxy's own idea of it. */
    public @Nullable String advertisedAddress() {
        return advertisedAddress;
    }

    @Override
    public String toString() {
        return "{bindTopics=" + bindTopics.values() + ", limits=" + limits + ", journal=" + journal
                + ", cluster={advertisedAddress=" + advertisedAddress + "}}";
    }
}
