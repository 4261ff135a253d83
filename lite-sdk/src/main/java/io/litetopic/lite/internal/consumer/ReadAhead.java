package io.litetopic.lite.internal.consumer;

import java.time.Duration;

/**
 * How many messages may wait for a worker: what the workers get through in a few milliseconds, by what they have got through lately.
 * With a listener that is done in microseconds, asking for no more than there are workers would make a call to the proxy for each
 * few messages; with one that takes long, a message that waits here could be handled elsewhere, so there is none.
 *
 * <p>Owner: guarded by the lock of {@link Lanes}.
 */
final class ReadAhead {
    /** How long a message may wait, by the pace of late. */
    private static final long WAIT_NANOS = Duration.ofMillis(30).toNanos();
    /** Listeners that take longer on average do not gain anything. */
    private static final long FAST_NANOS = Duration.ofMillis(10).toNanos();

    private static final long WINDOW_NANOS = Duration.ofMillis(100).toNanos();
    private static final int MAX_MESSAGES = 128;

    private long windowStartNanos;
    private int calls; // that have ended in the window
    private long tookNanos; // they together
    private int callsBefore; // the same of the window before
    private long tookNanosBefore;

    ReadAhead(long nowNanos) {
        windowStartNanos = nowNanos;
    }

    /** A listener call has ended. */
    void callEnded(long tookNanos, long nowNanos) {
        roll(nowNanos);
        calls++;
        this.tookNanos += tookNanos;
    }

    /** How many messages may wait now. */
    int messages(long nowNanos) {
        roll(nowNanos);
        if (callsBefore == 0 || tookNanosBefore / callsBefore > FAST_NANOS) {
            return 0;
        }
        return (int) Math.min(MAX_MESSAGES, callsBefore * WAIT_NANOS / WINDOW_NANOS);
    }

    private void roll(long nowNanos) {
        long age = nowNanos - windowStartNanos;
        if (age < WINDOW_NANOS) {
            return;
        }
        boolean isAdjacent = age < 2 * WINDOW_NANOS;
        callsBefore = isAdjacent ? calls : 0;
        tookNanosBefore = isAdjacent ? tookNanos : 0;
        windowStartNanos = isAdjacent ? windowStartNanos + WINDOW_NANOS : nowNanos;
        calls = 0;
        tookNanos = 0;
    }
}
