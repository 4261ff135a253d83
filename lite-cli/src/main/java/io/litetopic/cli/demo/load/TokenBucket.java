package io.litetopic.cli.demo.load;

import java.util.concurrent.TimeUnit;

/**
 * A tenant's allowance: {@code burst} requests at once, then one every {@code 1/rate} seconds (the generic cell rate
 * algorithm, as in ITU-T I.371). Answers how long to wait, to the nanosecond, so that a caller can suspend for exactly that
 * time. Thread-safe; never blocks.
 */
public final class TokenBucket {
    private final long intervalNanos;
    private final long toleranceNanos;
    private long nextNanos; // guarded by this: when the bucket is full again
    private boolean lifted; // guarded by this

    public TokenBucket(double ratePerSecond, int burst, long nowNanos) {
        this.intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) / ratePerSecond);
        this.toleranceNanos = intervalNanos * (burst - 1);
        this.nextNanos = nowNanos;
    }

    /**
     * Takes a token if there is one.
     *
     * @return 0 if taken; else the nanoseconds until the next token, and nothing is taken
     */
    public synchronized long tryTake(long nowNanos) {
        if (lifted) {
            return 0;
        }
        long wait = nextNanos - toleranceNanos - nowNanos;
        if (wait > 0) {
            return wait;
        }
        nextNanos = Math.max(nextNanos, nowNanos) + intervalNanos;
        return 0;
    }

    /** From now on every request is granted. */
    public synchronized void lift() {
        lifted = true;
    }
}
