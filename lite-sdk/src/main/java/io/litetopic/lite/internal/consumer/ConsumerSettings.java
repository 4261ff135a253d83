package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.internal.Observers;
import java.time.Duration;

/** What the builder was told, checked there, and the fixed times of the protocol. */
public final class ConsumerSettings {

    /**
     * How long a delivery stays ours without a word from us; renewed at a third of it. One that never arrived keeps its lite topic waiting
     * for that long.
     */
    static final Duration INVISIBLE_DURATION = Duration.ofSeconds(30);

    /** How long running listener calls may go on after close, unless the application says otherwise. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final String bindTopic;
    private final String consumerGroup;
    private final int threads;
    private final int concurrency;
    private final int maxMessagesInHand;
    private final long maxBytesInHand;
    private final Duration closeTimeout;
    private final Observers observers;

    private ConsumerSettings(
            String bindTopic,
            String consumerGroup,
            int threads,
            int concurrency,
            int maxMessagesInHand,
            long maxBytesInHand,
            Duration closeTimeout,
            Observers observers) {
        this.bindTopic = bindTopic;
        this.consumerGroup = consumerGroup;
        this.threads = threads;
        this.concurrency = concurrency;
        this.maxMessagesInHand = maxMessagesInHand;
        this.maxBytesInHand = maxBytesInHand;
        this.closeTimeout = closeTimeout;
        this.observers = observers;
    }

    /** As many lite topics at a time as there are threads. */
    public static ConsumerSettings of(
            String bindTopic, String consumerGroup, int threads, int maxMessagesInHand, long maxBytesInHand) {
        return new ConsumerSettings(
                bindTopic,
                consumerGroup,
                threads,
                threads,
                maxMessagesInHand,
                maxBytesInHand,
                CLOSE_TIMEOUT,
                Observers.NONE);
    }

    /**
     * Other threads, or other lite topics at a time, than one for each.
     *
     * @param threads 0 if they are the application's, so that nothing is known of them
     */
    public ConsumerSettings with(int threads, int concurrency) {
        return new ConsumerSettings(
                bindTopic,
                consumerGroup,
                threads,
                concurrency,
                maxMessagesInHand,
                maxBytesInHand,
                closeTimeout,
                observers);
    }

    public ConsumerSettings withCloseTimeout(Duration closeTimeout) {
        return new ConsumerSettings(
                bindTopic,
                consumerGroup,
                threads,
                concurrency,
                maxMessagesInHand,
                maxBytesInHand,
                closeTimeout,
                observers);
    }

    public ConsumerSettings observedBy(Observers observers) {
        return new ConsumerSettings(
                bindTopic,
                consumerGroup,
                threads,
                concurrency,
                maxMessagesInHand,
                maxBytesInHand,
                closeTimeout,
                observers);
    }

    String bindTopic() {
        return bindTopic;
    }

    String consumerGroup() {
        return consumerGroup;
    }

    /** Threads that only this consumer uses; 0 if all are the application's. */
    int threads() {
        return threads;
    }

    /** Lite topics that may be handled at the same time. */
    int concurrency() {
        return concurrency;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    Observers observers() {
        return observers;
    }

    int maxMessagesInHand() {
        return maxMessagesInHand;
    }

    long maxBytesInHand() {
        return maxBytesInHand;
    }
}
