package io.litetopic.lite.policy;

import java.time.Duration;
import java.time.Instant;

/** Time that moves when the test says so. Starts just before the nanosecond time overflows. For one thread. */
final class ManualPolicyClock implements PolicyClock {

    private static final long START = Long.MAX_VALUE - 1_000_000_000L;

    private final Instant startInstant;
    private long elapsedNanos;

    ManualPolicyClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    ManualPolicyClock(Instant start) {
        this.startInstant = start;
    }

    void advance(Duration time) {
        elapsedNanos += time.toNanos();
    }

    void advanceTo(long elapsedNanos) {
        this.elapsedNanos = elapsedNanos;
    }

    long elapsedNanos() {
        return elapsedNanos;
    }

    @Override
    public long nanoTime() {
        return START + elapsedNanos;
    }

    @Override
    public Instant now() {
        return startInstant.plusNanos(elapsedNanos);
    }
}
