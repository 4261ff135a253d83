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
    private final int maxPendingMessages;
    private final int maxInHandPerClient;
    private final long disconnectGraceNanos;
    private final long recentDeliveryNanos;
    private final long livenessTimeoutNanos;
    private final long handleSeed;

    private EngineSettings(Builder builder) {
        this.ttlNanos = builder.ttlNanos;
        this.subscriptionsPerClient = builder.subscriptionsPerClient;
        this.subscriptionsPerGroup = builder.subscriptionsPerGroup;
        this.maxAttempts = builder.maxAttempts;
        this.bodyCacheBytes = builder.bodyCacheBytes;
        this.maxPendingMessages = builder.maxPendingMessages;
        this.maxInHandPerClient = builder.maxInHandPerClient;
        this.disconnectGraceNanos = builder.disconnectGraceNanos;
        this.recentDeliveryNanos = builder.recentDeliveryNanos;
        this.livenessTimeoutNanos = builder.livenessTimeoutNanos;
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

    /** Waiting messages of which at least the position is kept in memory; beyond it the queues are not read further. */
    public int maxPendingMessages() {
        return maxPendingMessages;
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
        private int maxPendingMessages = 20_000_000;
        private int maxInHandPerClient = 4_096;
        private long disconnectGraceNanos = 2_500_000_000L;
        private long recentDeliveryNanos = 2_000_000_000L;
        private long livenessTimeoutNanos = 35_000_000_000L;
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

        public Builder maxPendingMessages(int value) {
            this.maxPendingMessages = value;
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

        public Builder handleSeed(long value) {
            this.handleSeed = value;
            return this;
        }

        public EngineSettings build() {
            return new EngineSettings(this);
        }
    }
}
