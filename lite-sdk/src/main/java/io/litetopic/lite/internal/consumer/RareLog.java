package io.litetopic.lite.internal.consumer;

import java.time.Duration;

/**
 * Decides which of many similar failures is logged loudly: the first one of each period. A server that is away fails
 * every call of every message in hand. Thread-safe.
 */
final class RareLog {

    private static final long PERIOD_NANOS = Duration.ofSeconds(30).toNanos();

    private final LoopTimer timer;

    // guarded by this
    private boolean used;
    private long lastNanos;

    RareLog(LoopTimer timer) {
        this.timer = timer;
    }

    synchronized boolean isDue() {
        long now = timer.nanoTime();
        if (used && now - lastNanos < PERIOD_NANOS) {
            return false;
        }
        used = true;
        lastNanos = now;
        return true;
    }

    /** The trouble is over: the next failure is news again. */
    synchronized void reset() {
        used = false;
    }
}
