package io.litetopic.proxy.engine;

/** Limits and periods of one {@link GroupEngine}. Immutable; durations in nanoseconds. */
public final class EngineSettings {
    /** Answer of {@link #ttlNanos()} for lite topics that never expire. */
    public static final long NO_TTL = Long.MAX_VALUE;

    private final long ttlNanos;
    private final int subscriptionsPerClient;
    private final int subscriptionsPerGroup;
    private final int maxAttempts;
    private final long bodyCacheBytes;
    private final long indexBytes;
    private final int maxInHandPerClient;
    private final long disconnectGraceNanos;
    private final long recentDeliveryNanos;
    private final long livenessTimeoutNanos;
    private final SubscriptionMode mode;
    private final ExpiryPolicy onExpiry;
    private final LiteTopicRules rules;
    private final int maxInHandPerLiteTopic;
    private final long quickGraceNanos;
    private final int recentSubscriptionMillis;
    private final int lowIndexMessages;
    private final long handleSeed;

    private EngineSettings(Builder builder) {
        this.ttlNanos = builder.ttlNanos;
        this.subscriptionsPerClient = builder.subscriptionsPerClient;
        this.subscriptionsPerGroup = builder.subscriptionsPerGroup;
        this.maxAttempts = builder.maxAttempts;
        this.bodyCacheBytes = builder.bodyCacheBytes;
        this.indexBytes = builder.indexBytes;
        this.maxInHandPerClient = builder.maxInHandPerClient;
        this.disconnectGraceNanos = builder.disconnectGraceNanos;
        this.recentDeliveryNanos = builder.recentDeliveryNanos;
        this.livenessTimeoutNanos = builder.livenessTimeoutNanos;
        this.mode = builder.mode;
        this.onExpiry = builder.onExpiry;
        this.rules = builder.rules;
        this.maxInHandPerLiteTopic = builder.maxInHandPerLiteTopic;
        this.quickGraceNanos = builder.quickGraceNanos;
        this.recentSubscriptionMillis = builder.recentSubscriptionMillis;
        this.lowIndexMessages = builder.lowIndexMessages;
        this.handleSeed = builder.handleSeed;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** How long after its last message unconsumed messages of a lite topic are kept. */
    public long ttlNanos() {
        return ttlNanos;
    }

    public int subscriptionsPerClient() {
        return subscriptionsPerClient;
    }

    public int subscriptionsPerGroup() {
        return subscriptionsPerGroup;
    }

    /** Deliveries of one message before it goes to the dead letter queue. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** Memory for bodies of waiting messages; beyond it they are read from the broker again when due. */
    public long bodyCacheBytes() {
        return bodyCacheBytes;
    }

    /** Memory for the index of waiting messages; beyond it only the first ones of the largest lite topics stay in it. */
    public long indexBytes() {
        return indexBytes;
    }

    /** Unacked messages one client may hold. */
    public int maxInHandPerClient() {
        return maxInHandPerClient;
    }

    /** Time a client has to come back after its connection broke, before its deliveries go to others. */
    public long disconnectGraceNanos() {
        return disconnectGraceNanos;
    }

    /** Deliveries this young when a connection broke may have been lost with it. */
    public long recentDeliveryNanos() {
        return recentDeliveryNanos;
    }

    /** Silence after which a client counts as gone. */
    public long livenessTimeoutNanos() {
        return livenessTimeoutNanos;
    }

    /** How the clients of the group share its lite topics. */
    public SubscriptionMode mode() {
        return mode;
    }

    /** What becomes of unconsumed messages once {@link #ttlNanos()} is over. */
    public ExpiryPolicy onExpiry() {
        return onExpiry;
    }

    /** Weights and rate limits by lite topic. */
    public LiteTopicRules rules() {
        return rules;
    }

    /** Unacked messages of one lite topic that its holder may have. */
    public int maxInHandPerLiteTopic() {
        return maxInHandPerLiteTopic;
    }

    /** Like {@link #disconnectGraceNanos()}, for clients whose deliveries have a deadline: those come back at once. */
    public long quickGraceNanos() {
        return quickGraceNanos;
    }

    /** A complete set that does not have a name added less than this ago was on its way when that was added. */
    public int recentSubscriptionMillis() {
        return recentSubscriptionMillis;
    }

    /** A lite topic of which the index was cut is looked for in the queue again when fewer messages than this are in it. */
    public int lowIndexMessages() {
        return lowIndexMessages;
    }

    /** Seed of the random part of receipt handles; must be unpredictable in production. */
    public long handleSeed() {
        return handleSeed;
    }

    /** Starts from production defaults. */
    public static final class Builder {
        private long ttlNanos = NO_TTL;
        private int subscriptionsPerClient = 2_000;
        private int subscriptionsPerGroup = 1_000_000;
        private int maxAttempts = 17;
        private long bodyCacheBytes = 64L << 20;
        private long indexBytes = 128L << 20;
        private int maxInHandPerClient = 4_096;
        private long disconnectGraceNanos = 2_500_000_000L;
        private long recentDeliveryNanos = 2_000_000_000L;
        private long livenessTimeoutNanos = 35_000_000_000L;
        private SubscriptionMode mode = SubscriptionMode.SHARED;
        private ExpiryPolicy onExpiry = ExpiryPolicy.DELETE;
        private LiteTopicRules rules = LiteTopicRules.NONE;
        private int maxInHandPerLiteTopic = 1_024;
        private long quickGraceNanos = 500_000_000L;
        private int recentSubscriptionMillis = 5_000;
        private int lowIndexMessages = 256;
        private long handleSeed;

        private Builder() {}

        public Builder ttlNanos(long value) {
            this.ttlNanos = value;
            return this;
        }

        public Builder subscriptionsPerClient(int value) {
            this.subscriptionsPerClient = value;
            return this;
        }

        public Builder subscriptionsPerGroup(int value) {
            this.subscriptionsPerGroup = value;
            return this;
        }

        public Builder maxAttempts(int value) {
            this.maxAttempts = value;
            return this;
        }

        public Builder bodyCacheBytes(long value) {
            this.bodyCacheBytes = value;
            return this;
        }

        public Builder indexBytes(long value) {
            this.indexBytes = value;
            return this;
        }

        public Builder maxInHandPerClient(int value) {
            this.maxInHandPerClient = value;
            return this;
        }

        public Builder disconnectGraceNanos(long value) {
            this.disconnectGraceNanos = value;
            return this;
        }

        public Builder recentDeliveryNanos(long value) {
            this.recentDeliveryNanos = value;
            return this;
        }

        public Builder livenessTimeoutNanos(long value) {
            this.livenessTimeoutNanos = value;
            return this;
        }

        public Builder mode(SubscriptionMode value) {
            this.mode = value;
            return this;
        }

        public Builder onExpiry(ExpiryPolicy value) {
            this.onExpiry = value;
            return this;
        }

        public Builder rules(LiteTopicRules value) {
            this.rules = value;
            return this;
        }

        public Builder maxInHandPerLiteTopic(int value) {
            this.maxInHandPerLiteTopic = value;
            return this;
        }

        public Builder quickGraceNanos(long value) {
            this.quickGraceNanos = value;
            return this;
        }

        public Builder recentSubscriptionMillis(int value) {
            this.recentSubscriptionMillis = value;
            return this;
        }

        public Builder lowIndexMessages(int value) {
            this.lowIndexMessages = value;
            return this;
        }

        public Builder handleSeed(long value) {
            this.handleSeed = value;
            return this;
        }

        public EngineSettings build() {
            return new EngineSettings(this);
        }
    }
}
