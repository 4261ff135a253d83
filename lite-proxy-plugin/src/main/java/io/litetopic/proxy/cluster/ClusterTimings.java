package io.litetopic.proxy.cluster;

import java.util.concurrent.TimeUnit;

/** How often proxies look at each other and renew locks, and when they give up. Immutable. */
public final class ClusterTimings {
    /** For brokers with the stock lease of 60 s on queue locks. */
    public static final ClusterTimings DEFAULT = new ClusterTimings(1);

    private final int divisor;

    private ClusterTimings(int divisor) {
        this.divisor = divisor;
    }

    /** All times divided, for brokers with a lease that is shorter by as much. */
    public ClusterTimings dividedBy(int times) {
        return new ClusterTimings(divisor * times);
    }

    /** Period of heartbeats. */
    long beatMillis() {
        return 1_000 / divisor;
    }

    /** Period of looks at the lists of members; hints of the broker come between. */
    long lookMillis() {
        return 500 / divisor;
    }

    /** Period of connections to other members. */
    long probeMillis() {
        return 5_000 / divisor;
    }

    /** Pause between looks whether this proxy listens. */
    long ownPortMillis() {
        return Math.max(10, 100 / divisor);
    }

    /** A member that has accepted connections but said nothing for so long hangs. */
    long hungNanos() {
        return TimeUnit.MILLISECONDS.toNanos(10_000 / divisor);
    }

    /** A member that a broker has not listed for so long has no lock there any more. */
    long goneNanos() {
        return TimeUnit.MILLISECONDS.toNanos(60_000 / divisor);
    }

    /** How long a lock counts here after it was asked for: less than at the broker. */
    public long leaseNanos() {
        return TimeUnit.MILLISECONDS.toNanos(40_000 / divisor);
    }

    /** Period of renewals. */
    public long renewMillis() {
        return 2_000 / divisor;
    }

    /** Period of tries while a queue is missing. */
    public long retryMillis() {
        return Math.max(10, 200 / divisor);
    }

    /** Pause after a queue was locked but could not be dispatched. */
    public long failurePauseMillis() {
        return Math.max(10, 1_000 / divisor);
    }

    /** The pause doubles with every failure that needs help, up to this. */
    public long longestFailurePauseMillis() {
        return 60 * failurePauseMillis();
    }

    /** How long a proxy that stops waits for the hand-over of its queues. */
    public long closeMillis() {
        return 5_000 / Math.min(divisor, 5);
    }
}
