package io.litetopic.proxy.journal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time of a stream: the broker's clock, as it stored the record with which the stream was taken over, going on by the monotonic clock
 * of this process. Owners whose own clocks differ, or are set, agree on it. Thread-safe.
 */
final class StreamClock {
    private final long storedMillis;
    private final long sentNanos;
    private final long answeredNanos;
    private final LongSupplier nanoClock;

    /** @param storedMillis when the broker stored the record, which was between the two times of the monotonic clock */
    StreamClock(long storedMillis, long sentNanos, long answeredNanos, LongSupplier nanoClock) {
        this.storedMillis = storedMillis;
        this.sentNanos = sentNanos;
        this.answeredNanos = answeredNanos;
        this.nanoClock = nanoClock;
    }

    /** Not before it is that time. */
    long earliestMillis() {
        return storedMillis + TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - answeredNanos);
    }

    /** It may be that time, not later. */
    long latestMillis() {
        return storedMillis
                + 2
                + TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - sentNanos); // both are rounded down
    }
}
