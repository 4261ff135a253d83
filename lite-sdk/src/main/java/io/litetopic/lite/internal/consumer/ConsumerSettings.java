package io.litetopic.lite.internal.consumer;

import java.time.Duration;

/** What the builder was told, checked there, and the fixed times of the protocol. */
public final class ConsumerSettings {

    /**
     * How long a delivery stays ours without a word from us; renewed at a third of it. One that never arrived keeps its lite topic waiting
     * for that long.
     */
    static final Duration INVISIBLE_DURATION = Duration.ofSeconds(30);

    /** How long running listener calls may go on after close. */
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final String bindTopic;
    private final String consumerGroup;
    private final int threads;
    private final int maxMessagesInHand;
    private final long maxBytesInHand;

    private ConsumerSettings(
            String bindTopic, String consumerGroup, int threads, int maxMessagesInHand, long maxBytesInHand) {
        this.bindTopic = bindTopic;
        this.consumerGroup = consumerGroup;
        this.threads = threads;
        this.maxMessagesInHand = maxMessagesInHand;
        this.maxBytesInHand = maxBytesInHand;
    }

    public static ConsumerSettings of(
            String bindTopic, String consumerGroup, int threads, int maxMessagesInHand, long maxBytesInHand) {
        return new ConsumerSettings(bindTopic, consumerGroup, threads, maxMessagesInHand, maxBytesInHand);
    }

    String bindTopic() {
        return bindTopic;
    }

    String consumerGroup() {
        return consumerGroup;
    }

    int threads() {
        return threads;
    }

    int maxMessagesInHand() {
        return maxMessagesInHand;
    }

    long maxBytesInHand() {
        return maxBytesInHand;
    }
}
