package io.litetopic.lite.policy;

import java.time.Duration;

/** The one place that turns estimates into times for which a lite topic can be suspended. */
final class SuspendTimes {

    static final long MILLI = 1_000_000;

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Duration MAX = Duration.ofDays(365);
    private static final long MAX_MILLIS = MAX.toMillis();

    private SuspendTimes() {}

    /** Rounds up to milliseconds, so that nobody comes too early, within the limits of a suspend. */
    static long ceilToMillis(long nanos) {
        long millis = Math.floorDiv(nanos, MILLI) + (Math.floorMod(nanos, MILLI) == 0 ? 0 : 1);
        return Math.min(Math.max(millis, 1), MAX_MILLIS) * MILLI;
    }

    /** The same for a time that may be negative, or longer than a long has nanoseconds. */
    static Duration within(Duration time) {
        if (time.compareTo(MIN) < 0) {
            return MIN;
        }
        return time.compareTo(MAX) > 0 ? MAX : time;
    }

    static Duration scaled(Duration time, double factor) {
        double nanos = time.getSeconds() * 1e9 * factor + time.getNano() * factor;
        return nanos >= MAX_MILLIS * 1e6 ? MAX : Duration.ofNanos((long) nanos);
    }
}
