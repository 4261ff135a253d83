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
    private final int maxMessagesInHand;
    private final long maxBytesInHand;
    // changed in copies only
    private int threads;
    private int concurrency;
    private boolean readsAhead;
    private Duration closeTimeout = CLOSE_TIMEOUT;
    private Observers observers = Observers.NONE;

    private ConsumerSettings(String bindTopic, String consumerGroup, int maxMessagesInHand, long maxBytesInHand) {
        this.bindTopic = bindTopic;
        this.consumerGroup = consumerGroup;
        this.maxMessagesInHand = maxMessagesInHand;
        this.maxBytesInHand = maxBytesInHand;
    }

    private ConsumerSettings copy() {
        ConsumerSettings copy = new ConsumerSettings(bindTopic, consumerGroup, maxMessagesInHand, maxBytesInHand);
        copy.threads = threads;
        copy.concurrency = concurrency;
        copy.readsAhead = readsAhead;
        copy.closeTimeout = closeTimeout;
        copy.observers = observers;
        return copy;
    }

    /** As many lite topics at a time as there are threads. */
    public static ConsumerSettings of(
            String bindTopic, String consumerGroup, int threads, int maxMessagesInHand, long maxBytesInHand) {
        ConsumerSettings settings = new ConsumerSettings(bindTopic, consumerGroup, maxMessagesInHand, maxBytesInHand);
        settings.threads = threads;
        settings.concurrency = threads;
        return settings;
    }

    /**
     * Other threads, or other lite topics at a time, than one for each.
     *
     * @param threads 0 if they are the application's, so that nothing is known of them
     */
    public ConsumerSettings with(int threads, int concurrency) {
        ConsumerSettings copy = copy();
        copy.threads = threads;
        copy.concurrency = concurrency;
        return copy;
    }

    /** May receive more than can be handled at once, where that does not wait for long; only threads of its own limit its calls then. */
    public ConsumerSettings readingAhead(boolean readsAhead) {
        ConsumerSettings copy = copy();
        copy.readsAhead = readsAhead;
        return copy;
    }

    public ConsumerSettings withCloseTimeout(Duration closeTimeout) {
        ConsumerSettings copy = copy();
        copy.closeTimeout = closeTimeout;
        return copy;
    }

    public ConsumerSettings observedBy(Observers observers) {
        ConsumerSettings copy = copy();
        copy.observers = observers;
        return copy;
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

    boolean readsAhead() {
        return readsAhead;
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
