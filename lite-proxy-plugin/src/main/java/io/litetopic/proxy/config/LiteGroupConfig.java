package io.litetopic.proxy.config;

import io.litetopic.proxy.engine.SubscriptionMode;

/** One consumer group that consumes lite topics of one bind topic. Immutable. */
public final class LiteGroupConfig {
    public static final int DEFAULT_SUBSCRIPTIONS_PER_CLIENT = 2_000;
    public static final int DEFAULT_SUBSCRIPTIONS_PER_GROUP = 1_000_000;
    public static final int DEFAULT_MAX_ATTEMPTS = 17;

    private final String name;
    private final SubscriptionMode mode;
    private final int subscriptionsPerClient;
    private final int subscriptionsPerGroup;
    private final int maxAttempts;

    public LiteGroupConfig(
            String name,
            SubscriptionMode mode,
            int subscriptionsPerClient,
            int subscriptionsPerGroup,
            int maxAttempts) {
        this.name = name;
        this.mode = mode;
        this.subscriptionsPerClient = subscriptionsPerClient;
        this.subscriptionsPerGroup = subscriptionsPerGroup;
        this.maxAttempts = maxAttempts;
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

    @Override
    public String toString() {
        return "{name=" + name + ", mode=" + mode.configName() + ", subscriptionsPerClient=" + subscriptionsPerClient
                + ", subscriptionsPerGroup=" + subscriptionsPerGroup + ", maxAttempts=" + maxAttempts + '}';
    }
}
