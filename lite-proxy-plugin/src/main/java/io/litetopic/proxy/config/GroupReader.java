package io.litetopic.proxy.config;

import io.litetopic.proxy.engine.LiteTopicRule;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the keys of one lite group. Thread-safe. */
final class GroupReader {
    private static final int MAX_COUNT = 100_000_000;
    private static final int MAX_ATTEMPTS = 1_000;
    private static final int MAX_IN_FLIGHT = 1_024;
    private static final int MAX_IN_FLIGHT_PER_CLIENT = 1_000_000;

    private final Set<SubscriptionMode> supportedModes;

    GroupReader(Set<SubscriptionMode> supportedModes) {
        this.supportedModes = Collections.unmodifiableSet(EnumSet.copyOf(supportedModes));
    }

    LiteGroupConfig read(String name, YamlSection groups) {
        YamlSection group = groups.section(name, "keys of a group: {mode: shared}");
        group.allowOnly(
                "mode",
                "subscriptionsPerClient",
                "subscriptionsPerGroup",
                "maxAttempts",
                "inFlightPerClient",
                "inFlightPerLiteTopic",
                "weights",
                "rateLimits");
        return LiteGroupConfig.builder(name)
                .mode(mode(group))
                .subscriptionsPerClient(group.intValue(
                        "subscriptionsPerClient", 1, MAX_COUNT, LiteGroupConfig.DEFAULT_SUBSCRIPTIONS_PER_CLIENT))
                .subscriptionsPerGroup(group.intValue(
                        "subscriptionsPerGroup", 1, MAX_COUNT, LiteGroupConfig.DEFAULT_SUBSCRIPTIONS_PER_GROUP))
                .maxAttempts(group.intValue("maxAttempts", 1, MAX_ATTEMPTS, LiteGroupConfig.DEFAULT_MAX_ATTEMPTS))
                .maxInFlightPerClient(group.intValue(
                        "inFlightPerClient", 1, MAX_IN_FLIGHT_PER_CLIENT, LiteGroupConfig.DEFAULT_IN_FLIGHT_PER_CLIENT))
                .maxInFlightPerLiteTopic(group.intValue(
                        "inFlightPerLiteTopic", 1, MAX_IN_FLIGHT, LiteGroupConfig.DEFAULT_IN_FLIGHT_PER_LITE_TOPIC))
                .weights(weights(group))
                .rateLimits(rateLimits(group))
                .build();
    }

    private SubscriptionMode mode(YamlSection group) {
        String word = group.word("mode", "one of " + supportedNames());
        if (word == null) {
            return SubscriptionMode.SHARED;
        }
        for (SubscriptionMode mode : SubscriptionMode.values()) {
            if (mode.configName().equals(word)) {
                if (!supportedModes.contains(mode)) {
                    group.reject(
                            "mode", "mode '" + word + "' is not supported by this version; use " + supportedNames());
                }
                return mode;
            }
        }
        group.reject("mode", "'" + word + "' is not a mode; use " + supportedNames());
        return SubscriptionMode.SHARED;
    }

    private String supportedNames() {
        StringBuilder names = new StringBuilder();
        for (SubscriptionMode mode : supportedModes) {
            names.append(names.length() == 0 ? "" : " or ").append(mode.configName());
        }
        return names.toString();
    }

    private static Map<NamePattern, Integer> weights(YamlSection group) {
        Map<NamePattern, Integer> result = new LinkedHashMap<>();
        YamlSection weights = group.section("weights", "weights by pattern: {\"vip-*\": 10}");
        for (String text : weights.keys()) {
            NamePattern pattern = pattern(weights, text);
            int weight = weights.intValue(text, 1, LiteTopicRule.MAX_WEIGHT, 1);
            if (pattern != null) {
                result.put(pattern, weight);
            }
        }
        return result;
    }

    private static Map<NamePattern, RateLimit> rateLimits(YamlSection group) {
        Map<NamePattern, RateLimit> result = new LinkedHashMap<>();
        YamlSection limits = group.section("rateLimits", "limits by pattern: {\"free-*\": {messagesPerSecond: 2}}");
        for (String text : limits.keys()) {
            NamePattern pattern = pattern(limits, text);
            YamlSection limit = limits.section(text, "a limit: {messagesPerSecond: 2, burst: 5}");
            limit.allowOnly("messagesPerSecond", "burst");
            RateLimit read = new RateLimit(
                    limit.requiredNumber(
                            "messagesPerSecond", RateLimit.MIN_MESSAGES_PER_SECOND, RateLimit.MAX_MESSAGES_PER_SECOND),
                    limit.intValue("burst", 1, RateLimit.MAX_BURST, 1));
            if (pattern != null) {
                result.put(pattern, read);
            }
        }
        return result;
    }

    private static @Nullable NamePattern pattern(YamlSection section, String text) {
        try {
            return NamePattern.of(text);
        } catch (IllegalArgumentException e) {
            section.rejectName(text, String.valueOf(e.getMessage()));
            return null;
        }
    }
}
