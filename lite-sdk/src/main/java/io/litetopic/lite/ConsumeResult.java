package io.litetopic.lite;

/**
 * What a {@link MessageListener} decided about a message: {@link #SUCCESS}, {@link #FAILURE}, or a
 * {@link ConsumeResultSuspend}. Immutable and thread-safe.
 */
public class ConsumeResult {

    /** The message is done; the next one of its lite topic may follow. */
    public static final ConsumeResult SUCCESS = new ConsumeResult("SUCCESS");

    /**
     * The message could not be handled. It is delivered again, before any later message of its lite topic, after 1 s,
     * then 5 s, 10 s, 30 s, 1 min, 2 min and so on up to 2 h, until the maximum number of attempts of the consumer
     * group sends it to the dead letter queue.
     */
    public static final ConsumeResult FAILURE = new ConsumeResult("FAILURE");

    private final String name;

    ConsumeResult(String name) {
        this.name = name;
    }

    /** Returns SUCCESS, FAILURE or SUSPEND. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
