package io.litetopic.proxy.timer;

/**
 * A deadline of one target, to be scheduled in one {@link TimerQueue}. It is made once and scheduled as often as needed.
 *
 * <p>Owner: the thread of its queue.
 */
public final class Timer<T> {
    static final int NOT_SCHEDULED = -1;

    private final T target;
    long deadlineNanos;
    long sequence;
    int heapIndex = NOT_SCHEDULED;

    public Timer(T target) {
        this.target = target;
    }

    public T target() {
        return target;
    }

    public boolean isScheduled() {
        return heapIndex != NOT_SCHEDULED;
    }

    /** Meaningful while {@link #isScheduled()}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }
}
