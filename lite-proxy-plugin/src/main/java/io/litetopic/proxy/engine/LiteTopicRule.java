package io.litetopic.proxy.engine;

import java.util.concurrent.TimeUnit;

/** How the messages of a lite topic are dispatched. Immutable. */
public final class LiteTopicRule {
    /** Weight 1, no rate limit. */
    public static final LiteTopicRule DEFAULT = new LiteTopicRule(1, 0, 0);

    public static final int MAX_WEIGHT = 1_000;
    /** {@link #intervalNanos()} of a lite topic without rate limit. */
    public static final long UNLIMITED = 0;

    private final int weight;
    private final long intervalNanos;
    private final long toleranceNanos;

    private LiteTopicRule(int weight, long intervalNanos, long toleranceNanos) {
        this.weight = weight;
        this.intervalNanos = intervalNanos;
        this.toleranceNanos = toleranceNanos;
    }

    /** @param value turns in a row while other lite topics wait, 1 to {@link #MAX_WEIGHT} */
    public LiteTopicRule withWeight(int value) {
        if (value < 1 || value > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight is out of range: " + value + ", min=1, max=" + MAX_WEIGHT);
        }
        return new LiteTopicRule(value, intervalNanos, toleranceNanos);
    }

    /**
     * @param messagesPerSecond more than 0, at most 1,000,000
     * @param burst messages that may be delivered at once after a pause, 1 or more
     */
    public LiteTopicRule withRateLimit(double messagesPerSecond, int burst) {
        if (!(messagesPerSecond > 0 && messagesPerSecond <= 1_000_000) || burst < 1) {
            throw new IllegalArgumentException(
                    "rate limit is out of range: messagesPerSecond=" + messagesPerSecond + ", burst=" + burst);
        }
        long interval = Math.max(1, (long) (TimeUnit.SECONDS.toNanos(1) / messagesPerSecond));
        long tolerance = (long) Math.min((double) interval * (burst - 1), (double) TimeUnit.DAYS.toNanos(365));
        return new LiteTopicRule(weight, interval, tolerance);
    }

    public int weight() {
        return weight;
    }

    /** Nanoseconds between two messages at the limit, or {@link #UNLIMITED}. */
    public long intervalNanos() {
        return intervalNanos;
    }

    /** How far a message may be ahead of its time: the burst. */
    long toleranceNanos() {
        return toleranceNanos;
    }
}
