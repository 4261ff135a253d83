package io.litetopic.proxy.config;

import io.litetopic.proxy.engine.LiteTopicRule;
import io.litetopic.proxy.engine.LiteTopicRules;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.util.Collections;
import java.util.Map;

/** One consumer group that consumes lite topics of one bind topic. Immutable. */
public final class LiteGroupConfig {
    public static final int DEFAULT_SUBSCRIPTIONS_PER_CLIENT = 2_000;
    public static final int DEFAULT_SUBSCRIPTIONS_PER_GROUP = 1_000_000;
    public static final int DEFAULT_MAX_ATTEMPTS = 17;
    public static final int DEFAULT_IN_FLIGHT_PER_CLIENT = 16_384;
    public static final int DEFAULT_IN_FLIGHT_PER_LITE_TOPIC = 1_024;

    private final String name;
    private final SubscriptionMode mode;
    private final int subscriptionsPerClient;
    private final int subscriptionsPerGroup;
    private final int maxAttempts;
    private final int maxInFlightPerClient;
    private final int maxInFlightPerLiteTopic;
    private final NamePatternTable<Integer> weights;
    private final NamePatternTable<RateLimit> rateLimits;

    private LiteGroupConfig(Builder builder) {
        this.name = builder.name;
        this.mode = builder.mode;
        this.subscriptionsPerClient = builder.subscriptionsPerClient;
        this.subscriptionsPerGroup = builder.subscriptionsPerGroup;
        this.maxAttempts = builder.maxAttempts;
        this.maxInFlightPerClient = builder.maxInFlightPerClient;
        this.maxInFlightPerLiteTopic = builder.maxInFlightPerLiteTopic;
        this.weights = new NamePatternTable<>(builder.weights);
        this.rateLimits = new NamePatternTable<>(builder.rateLimits);
    }

    /** Without weights, without rate limits, with the default for messages in flight. */
    public LiteGroupConfig(
            String name,
            SubscriptionMode mode,
            int subscriptionsPerClient,
            int subscriptionsPerGroup,
            int maxAttempts) {
        this(builder(name)
                .mode(mode)
                .subscriptionsPerClient(subscriptionsPerClient)
                .subscriptionsPerGroup(subscriptionsPerGroup)
                .maxAttempts(maxAttempts));
    }

    /** A group with all defaults, for changes. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    public String name() {
        return name;
    }

    public SubscriptionMode mode() {
        return mode;
    }

    /** Lite topics one client may subscribe to at a time, 1 or more. */
    public int subscriptionsPerClient() {
        return subscriptionsPerClient;
    }

    /** Lite topics all clients of the group together may subscribe to at a time, 1 or more. */
    public int subscriptionsPerGroup() {
        return subscriptionsPerGroup;
    }

    /** Deliveries of a message, the first one included, before it goes to the dead letter queue; 1 or more. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** Messages that may be with one client, delivered and not settled, at a time; 1 or more. */
    public int maxInFlightPerClient() {
        return maxInFlightPerClient;
    }

    /** Messages of one lite topic that may be with clients of the group, delivered and not settled, at a time; 1 or more. */
    public int maxInFlightPerLiteTopic() {
        return maxInFlightPerLiteTopic;
    }

    /** Weights by pattern in the order of the file; 1 if none matches. */
    public NamePatternTable<Integer> weights() {
        return weights;
    }

    /** Rate limits by pattern in the order of the file; none if none matches. */
    public NamePatternTable<RateLimit> rateLimits() {
        return rateLimits;
    }

    /** Weight and rate limit of each lite topic, for the engine. Thread-safe; {@link LiteTopicRules#NONE} if there are none. */
    public LiteTopicRules rules() {
        return weights.isEmpty() && rateLimits.isEmpty() ? LiteTopicRules.NONE : this::ruleOf;
    }

    private LiteTopicRule ruleOf(String liteTopic) {
        LiteTopicRule rule = LiteTopicRule.DEFAULT;
        Integer weight = weights.valueFor(liteTopic);
        if (weight != null) {
            rule = rule.withWeight(weight);
        }
        RateLimit limit = rateLimits.valueFor(liteTopic);
        return limit == null ? rule : rule.withRateLimit(limit.messagesPerSecond(), limit.burst());
    }

    @Override
    public String toString() {
        return "{name=" + name + ", mode=" + mode.configName() + ", subscriptionsPerClient=" + subscriptionsPerClient
                + ", subscriptionsPerGroup=" + subscriptionsPerGroup + ", maxAttempts=" + maxAttempts
                + ", inFlightPerClient=" + maxInFlightPerClient + ", inFlightPerLiteTopic=" + maxInFlightPerLiteTopic
                + ", weights=" + weights.values()
                + ", rateLimits=" + rateLimits.values() + '}';
    }

    /** Changes of the defaults. Not thread-safe. Ranges are checked by {@link PluginConfigLoader}. */
    public static final class Builder {
        private final String name;
        private SubscriptionMode mode = SubscriptionMode.SHARED;
        private int subscriptionsPerClient = DEFAULT_SUBSCRIPTIONS_PER_CLIENT;
        private int subscriptionsPerGroup = DEFAULT_SUBSCRIPTIONS_PER_GROUP;
        private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
        private int maxInFlightPerClient = DEFAULT_IN_FLIGHT_PER_CLIENT;
        private int maxInFlightPerLiteTopic = DEFAULT_IN_FLIGHT_PER_LITE_TOPIC;
        private Map<NamePattern, Integer> weights = Collections.emptyMap();
        private Map<NamePattern, RateLimit> rateLimits = Collections.emptyMap();

        private Builder(String name) {
            this.name = name;
        }

        public Builder mode(SubscriptionMode value) {
            mode = value;
            return this;
        }

        public Builder subscriptionsPerClient(int value) {
            subscriptionsPerClient = value;
            return this;
        }

        public Builder subscriptionsPerGroup(int value) {
            subscriptionsPerGroup = value;
            return this;
        }

        public Builder maxAttempts(int value) {
            maxAttempts = value;
            return this;
        }

        public Builder maxInFlightPerClient(int value) {
            maxInFlightPerClient = value;
            return this;
        }

        public Builder maxInFlightPerLiteTopic(int value) {
            maxInFlightPerLiteTopic = value;
            return this;
        }

        /** @param value 1 to 1,000 each, in the order in which they count */
        public Builder weights(Map<NamePattern, Integer> value) {
            weights = value;
            return this;
        }

        /** @param value in the order in which they count */
        public Builder rateLimits(Map<NamePattern, RateLimit> value) {
            rateLimits = value;
            return this;
        }

        public LiteGroupConfig build() {
            return new LiteGroupConfig(this);
        }
    }
}
