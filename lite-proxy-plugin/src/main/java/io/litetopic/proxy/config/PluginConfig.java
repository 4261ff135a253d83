package io.litetopic.proxy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the plugin serves: bind topics and their groups. Immutable; {@link PluginConfigLoader} makes it from YAML. */
public final class PluginConfig {
    private final Map<String, BindTopicConfig> bindTopics;
    private final LimitsConfig limits;

    public PluginConfig(Map<String, BindTopicConfig> bindTopics, LimitsConfig limits) {
        this.bindTopics = Collections.unmodifiableMap(new LinkedHashMap<>(bindTopics));
        this.limits = limits;
    }

    /** With the default limits. */
    public PluginConfig(Map<String, BindTopicConfig> bindTopics) {
        this(bindTopics, LimitsConfig.DEFAULT);
    }

    /** Bind topics by name in the order of the file, at least one. A group name occurs in one of them only. */
    public Map<String, BindTopicConfig> bindTopics() {
        return bindTopics;
    }

    public LimitsConfig limits() {
        return limits;
    }

    @Override
    public String toString() {
        return "{bindTopics=" + bindTopics.values() + ", limits=" + limits + '}';
    }
}
