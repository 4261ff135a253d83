package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Objects;

/**
 * How many calls of the listener may begin in a time, as a token bucket: permits come back evenly, one after each
 * {@code period / permits}, and up to {@link #burst()} of them are saved while nobody uses them. So in any time span
 * {@code d} at most {@code burst + d * permits / period} calls begin, and at first a full burst.
 *
 * <p>For a provider that counts strictly, such as "10 in any second", {@code burst + permits} must not exceed that: for
 * instance 9 per second with a burst of 1. With a burst of 1 nothing is saved, so the few milliseconds by which a
 * suspended lite topic comes back late are lost; a burst of 2 or more makes up for them.
 *
 * <p>Immutable and thread-safe.
 */
public final class Rate {

    /** No limit, for functions that return a rate for each lite topic. */
    public static final Rate UNLIMITED = new Rate(Long.MAX_VALUE, Duration.ofNanos(1), Long.MAX_VALUE);

    private static final long MAX_PERMITS = 1_000_000_000L;
    private static final Duration MIN_PERIOD = Duration.ofMillis(1);
    private static final Duration MAX_PERIOD = Duration.ofDays(365);

    private final long permits;
    private final Duration period;
    private final long burst;

    private Rate(long permits, Duration period, long burst) {
        this.permits = permits;
        this.period = period;
        this.burst = burst;
    }

    /**
     * Returns a rate whose burst is the permits of one period.
     *
     * @param permits 1 to 1,000,000,000, and at most one per nanosecond
     * @param period 1 ms to 365 days
     * @throws IllegalArgumentException if one is out of range
     */
    public static Rate of(long permits, Duration period) {
        Objects.requireNonNull(period, "period");
        if (period.compareTo(MIN_PERIOD) < 0 || period.compareTo(MAX_PERIOD) > 0) {
            throw new IllegalArgumentException("cannot limit the rate: period is out of range [period=" + period
                    + ", min=" + MIN_PERIOD + ", max=" + MAX_PERIOD + "]; state the permits of another period");
        }
        long max = Math.min(MAX_PERMITS, period.toNanos());
        if (permits < 1 || permits > max) {
            throw new IllegalArgumentException("cannot limit the rate: permits are out of range [permits=" + permits
                    + ", period=" + period + ", min=1, max=" + max
                    + "]; choose another period, or Rate.UNLIMITED for no limit");
        }
        return new Rate(permits, period, permits);
    }

    /** Returns {@code of(permits, 1 s)}. */
    public static Rate perSecond(long permits) {
        return of(permits, Duration.ofSeconds(1));
    }

    /** Returns {@code of(permits, 1 min)}. */
    public static Rate perMinute(long permits) {
        return of(permits, Duration.ofMinutes(1));
    }

    /**
     * Returns this rate with another burst.
     *
     * @param burst how many unused permits are saved, 1 to 1,000,000,000
     * @throws IllegalArgumentException if it is out of range or this is {@link #UNLIMITED}
     */
    public Rate withBurst(long burst) {
        if (isUnlimited() || burst < 1 || burst > MAX_PERMITS) {
            throw new IllegalArgumentException("cannot limit the rate: burst is out of range [burst=" + burst
                    + ", rate=" + this + ", min=1, max=" + MAX_PERMITS + "]; pass 1 to save nothing");
        }
        return new Rate(permits, period, burst);
    }

    /** Returns the permits of one {@link #period()}. */
    public long permits() {
        return permits;
    }

    /** Returns the time in which {@link #permits()} come back. */
    public Duration period() {
        return period;
    }

    /** Returns how many permits are there at first, and at most. */
    public long burst() {
        return burst;
    }

    boolean isUnlimited() {
        return permits == Long.MAX_VALUE;
    }

    /** The time in which a number of permits come back, rounded up to nanoseconds. */
    long nanosOf(long number) {
        return (long) Math.ceil((double) number * period.toNanos() / permits);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Rate)) {
            return false;
        }
        Rate that = (Rate) other;
        return permits == that.permits && period.equals(that.period) && burst == that.burst;
    }

    @Override
    public int hashCode() {
        return Objects.hash(permits, period, burst);
    }

    @Override
    public String toString() {
        return isUnlimited() ? "unlimited" : permits + "/" + period + " burst " + burst;
    }
}
