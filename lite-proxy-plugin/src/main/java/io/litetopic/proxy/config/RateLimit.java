package io.litetopic.proxy.config;

/** How fast the messages of one lite topic are delivered to one group at most. Immutable. */
public final class RateLimit {
    public static final double MIN_MESSAGES_PER_SECOND = 0.001;
    public static final double MAX_MESSAGES_PER_SECOND = 1_000_000;
    public static final int MAX_BURST = 1_000_000;

    private final double messagesPerSecond;
    private final int burst;

    /**
     * @param messagesPerSecond {@value #MIN_MESSAGES_PER_SECOND} to {@value #MAX_MESSAGES_PER_SECOND}
     * @param burst messages that may be delivered at once after a pause, 1 to {@value #MAX_BURST}
     */
    public RateLimit(double messagesPerSecond, int burst) {
        this.messagesPerSecond = messagesPerSecond;
        this.burst = burst;
    }

    public double messagesPerSecond() {
        return messagesPerSecond;
    }

    public int burst() {
        return burst;
    }

    @Override
    public String toString() {
        return "{messagesPerSecond=" + messagesPerSecond + ", burst=" + burst + '}';
    }
}
