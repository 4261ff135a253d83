package io.litetopic.lite.internal.consumer;

import java.time.Duration;

/** Time as the consumer sees it: a monotonic clock and tasks that run later. Thread-safe. */
interface LoopTimer {

    long nanoTime();

    /** Runs the task after the delay, unless the timer is closed by then. Tasks must not block. */
    void schedule(Duration delay, Runnable task);
}
