package io.litetopic.cli.demo.load;

import java.time.Duration;

/** Time since the start of the load, on the monotonic clock. Thread-safe. Before {@link #start} it stands at 0. */
public final class LoadClock {
    private volatile boolean started;
    private volatile long originNanos;

    /** Time 0 comes after the given lead, which lets everyone get ready; until then the time is negative. */
    public void start(Duration lead) {
        originNanos = System.nanoTime() + lead.toNanos();
        started = true;
    }

    public long nowNanos() {
        return started ? System.nanoTime() - originNanos : 0;
    }
}
