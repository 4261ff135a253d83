package io.litetopic.lite.internal.consumer;

import java.time.Duration;

/** Waiting times that grow from one try to the next. */
final class Backoff {

    // the delay levels that stock consumers use for redelivery
    private static final long[] REDELIVERY_SECONDS = {
        1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200
    };

    // one minute of attempts
    private static final int MANY_REJOINS = 200;

    private Backoff() {}

    /**
     * How long a message waits after a failed attempt.
     *
     * @param attempt of the delivery that failed, from 1
     */
    static Duration ofRedelivery(int attempt) {
        int level = Math.min(Math.max(attempt, 1), REDELIVERY_SECONDS.length) - 1;
        return Duration.ofSeconds(REDELIVERY_SECONDS[level]);
    }

    /**
     * How long to wait before a result is sent again: 100 ms, doubled up to 5 s.
     *
     * @param failures in a row, from 1
     */
    static Duration ofCall(int failures) {
        return doubled(100, failures, 5_000);
    }

    /**
     * How long to wait before receiving is tried again: 100 ms, doubled up to 1 s, so that a server that was restarted
     * is used again soon.
     *
     * @param failures in a row, from 1
     */
    static Duration ofReceive(int failures) {
        return doubled(100, failures, 1_000);
    }

    /**
     * How long to wait before a proxy that does not answer is tried again, and the route is asked for: 100 ms, 200 ms,
     * then 300 ms for a minute, which is longer than a restart takes, then 2 s.
     *
     * @param failures in a row, from 1
     */
    static Duration ofRejoin(int failures) {
        return failures > MANY_REJOINS
                ? Duration.ofSeconds(2)
                : Duration.ofMillis(100L * Math.min(Math.max(failures, 1), 3));
    }

    /**
     * How long to wait after receive calls that came back empty without waiting: 5 ms, doubled up to 1 s.
     *
     * @param emptyCalls in a row, from 1
     */
    static Duration ofEmptyReceive(int emptyCalls) {
        return doubled(5, emptyCalls, 1_000);
    }

    private static Duration doubled(long firstMillis, int count, long maxMillis) {
        int shift = Math.min(Math.max(count, 1) - 1, 20);
        return Duration.ofMillis(Math.min(firstMillis << shift, maxMillis));
    }
}
