package io.litetopic.proxy.runtime;

import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.PluginConfig;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which topics and groups are lite. Immutable. */
public final class BindTopics {
    private final Map<String, BindTopic> byTopic = new LinkedHashMap<>();
    private final Map<String, BindTopic> byGroup = new HashMap<>();

    public BindTopics(PluginConfig config) {
        for (BindTopicConfig topic : config.bindTopics().values()) {
            BindTopic bindTopic = new BindTopic(topic);
            byTopic.put(topic.name(), bindTopic);
            for (String group : topic.groups().keySet()) {
                byGroup.put(group, bindTopic);
            }
        }
    }

    /** Null if the topic is an ordinary one. */
    public @Nullable BindTopic ofTopic(String topic) {
        return byTopic.get(topic);
    }

    /** The bind topic of a lite group; null if the group is an ordinary one. */
    public @Nullable BindTopic ofGroup(String group) {
        return byGroup.get(group);
    }

    /** What clients may receive has changed: those that lost a lite topic lose their subscription to it. */
    public void filtersChanged() {
        byTopic.values().forEach(topic -> topic.dispatchers().values().forEach(GroupDispatcher::filtersChanged));
    }

    public Collection<BindTopic> all() {
        return Collections.unmodifiableCollection(byTopic.values());
    }
}
