package io.litetopic.proxy.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Which keys differ between two configurations, permissions apart. */
public final class ConfigDifferences {
    private ConfigDifferences() {}

    /** Paths of the keys whose effective values differ, sorted; of a bind topic or group that only one has, its own path. */
    public static List<String> between(PluginConfig one, PluginConfig other) {
        Map<String, Object> ofOne = values(one);
        Map<String, Object> ofOther = values(other);
        Set<String> paths = new TreeSet<>(ofOne.keySet());
        paths.addAll(ofOther.keySet());
        List<String> differing = new ArrayList<>();
        for (String path : paths) {
            boolean isBelowOneThatDiffers = !differing.isEmpty() && path.startsWith(last(differing) + '.');
            if (!isBelowOneThatDiffers && !Objects.equals(ofOne.get(path), ofOther.get(path))) {
                differing.add(path);
            }
        }
        return differing;
    }

    private static String last(List<String> paths) {
        return paths.get(paths.size() - 1);
    }

    private static Map<String, Object> values(PluginConfig config) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (BindTopicConfig topic : config.bindTopics().values()) {
            String path = "bindTopics." + topic.name();
            values.put(path, true);
            values.put(path + ".ttl", topic.ttl().map(Duration::toString).orElse("none"));
            values.put(path + ".onExpiry", topic.onExpiry());
            values.put(path + ".liteTopicQuota", topic.liteTopicQuota());
            values.put(path + ".queues", topic.queues());
            topic.groups().values().forEach(group -> addGroup(values, path + ".groups." + group.name(), group));
        }
        LimitsConfig limits = config.limits();
        values.put("limits.namesPerRequest", limits.namesPerRequest());
        values.put("limits.acksPerRequest", limits.acksPerRequest());
        values.put("limits.receivesPerClient", limits.receivesPerClient());
        values.put("limits.receivesPerGroup", limits.receivesPerGroup());
        values.put("limits.requestsPerSecond", limits.requestsPerSecond());
        values.put("limits.requestBytes", limits.requestBytes());
        values.put("journal.flushInterval", config.journal().flushInterval().toString());
        values.put("journal.onDamage", config.journal().skipsDamaged() ? "skip" : "stop");
        values.put("cluster.advertisedAddress", String.valueOf(config.advertisedAddress()));
        return values;
    }

    private static void addGroup(Map<String, Object> values, String path, LiteGroupConfig group) {
        values.put(path, true);
        values.put(path + ".mode", group.mode());
        values.put(path + ".subscriptionsPerClient", group.subscriptionsPerClient());
        values.put(path + ".subscriptionsPerGroup", group.subscriptionsPerGroup());
        values.put(path + ".maxAttempts", group.maxAttempts());
        values.put(path + ".inFlightPerClient", group.maxInFlightPerClient());
        values.put(path + ".inFlightPerLiteTopic", group.maxInFlightPerLiteTopic());
        values.put(path + ".weights", group.weights().values().toString()); // their order counts
        values.put(path + ".rateLimits", group.rateLimits().values().toString());
    }
}
