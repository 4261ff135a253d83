package io.litetopic.lite;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Pauses the lite topic of the message for a time. The message and all later ones of the lite topic are kept at the
 * server and delivered again, to whichever consumer is subscribed, once that time has passed. No thread waits meanwhile,
 * other lite topics are not affected, and the pause does not count as an attempt.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConsumeResultSuspend extends ConsumeResult {

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Duration MAX = Duration.ofDays(365);

    private final Duration suspendTime;

    private ConsumeResultSuspend(Duration suspendTime) {
        super("SUSPEND");
        this.suspendTime = suspendTime;
    }

    /**
     * Returns a result that pauses the lite topic.
     *
     * @param suspendTime 1 ms to 365 days, counted from when the server accepts the result; parts of a millisecond are
     *     rounded up
     * @throws IllegalArgumentException if {@code suspendTime} is null or out of range
     */
    public static ConsumeResultSuspend of(Duration suspendTime) {
        if (suspendTime == null || suspendTime.compareTo(MIN) < 0 || suspendTime.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("cannot suspend: suspendTime is out of range [suspendTime=" + suspendTime
                    + ", min=" + MIN + ", max=" + MAX + "]; pass a Duration from 1 ms to 365 days");
        }
        return new ConsumeResultSuspend(ceilToMillis(suspendTime));
    }

    /** Returns how long the lite topic pauses: 1 ms to 365 days, whole milliseconds. */
    public Duration getSuspendTime() {
        return suspendTime;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsumeResultSuspend && ((ConsumeResultSuspend) other).suspendTime.equals(suspendTime);
    }

    @Override
    public int hashCode() {
        return suspendTime.hashCode();
    }

    @Override
    public String toString() {
        return name() + "(" + suspendTime + ")";
    }

    private static Duration ceilToMillis(Duration duration) {
        Duration floor = Duration.ofMillis(duration.toMillis());
        return floor.equals(duration) ? floor : floor.plusMillis(1);
    }
}
