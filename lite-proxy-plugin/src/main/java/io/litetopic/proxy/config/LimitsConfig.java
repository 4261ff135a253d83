package io.litetopic.proxy.config;

/** What one client may ask of the proxy at most, so that a faulty one cannot take its memory. Immutable. */
public final class LimitsConfig {
    public static final LimitsConfig DEFAULT = builder().build();

    private final int namesPerRequest;
    private final int acksPerRequest;
    private final int receivesPerClient;
    private final int receivesPerGroup;
    private final int requestsPerSecond;
    private final int requestBytes;

    private LimitsConfig(Builder builder) {
        this.namesPerRequest = builder.namesPerRequest;
        this.acksPerRequest = builder.acksPerRequest;
        this.receivesPerClient = builder.receivesPerClient;
        this.receivesPerGroup = builder.receivesPerGroup;
        this.requestsPerSecond = builder.requestsPerSecond;
        this.requestBytes = builder.requestBytes;
    }

    /** The defaults, for changes. */
    public static Builder builder() {
        return new Builder();
    }

    /** Lite topics that one request may subscribe to or unsubscribe from, 1 or more. */
    public int namesPerRequest() {
        return namesPerRequest;
    }

    /** Messages that one request may acknowledge, 1 or more. */
    public int acksPerRequest() {
        return acksPerRequest;
    }

    /** Receive calls of one client that may wait at a time, 1 or more. */
    public int receivesPerClient() {
        return receivesPerClient;
    }

    /** Receive calls of all clients of a group that may wait at a time, 1 or more. */
    public int receivesPerGroup() {
        return receivesPerGroup;
    }

    /** Lite requests per second of one client in the long run, 1 or more; as many may come at once after a pause. */
    public int requestsPerSecond() {
        return requestsPerSecond;
    }

    /** Bytes that a lite request may have in its protobuf form, 1 or more. */
    public int requestBytes() {
        return requestBytes;
    }

    @Override
    public String toString() {
        return "{namesPerRequest=" + namesPerRequest + ", acksPerRequest=" + acksPerRequest + ", receivesPerClient="
                + receivesPerClient + ", receivesPerGroup=" + receivesPerGroup + ", requestsPerSecond="
                + requestsPerSecond + ", requestBytes=" + requestBytes + '}';
    }

    /** Changes of the defaults. Not thread-safe. Ranges are checked by {@link PluginConfigLoader}. */
    public static final class Builder {
        private int namesPerRequest = 100_000;
        private int acksPerRequest = 1_024;
        private int receivesPerClient = 64;
        private int receivesPerGroup = 100_000;
        private int requestsPerSecond = 50_000;
        private int requestBytes = 8 << 20;

        private Builder() {}

        public Builder namesPerRequest(int value) {
            namesPerRequest = value;
            return this;
        }

        public Builder acksPerRequest(int value) {
            acksPerRequest = value;
            return this;
        }

        public Builder receivesPerClient(int value) {
            receivesPerClient = value;
            return this;
        }

        public Builder receivesPerGroup(int value) {
            receivesPerGroup = value;
            return this;
        }

        public Builder requestsPerSecond(int value) {
            requestsPerSecond = value;
            return this;
        }

        public Builder requestBytes(int value) {
            requestBytes = value;
            return this;
        }

        public LimitsConfig build() {
            return new LimitsConfig(this);
        }
    }
}
