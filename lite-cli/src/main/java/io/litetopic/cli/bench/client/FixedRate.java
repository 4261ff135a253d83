package io.litetopic.cli.bench.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** Does something at a fixed rate, by a plan that does not wait for slow steps. */
final class FixedRate {
    private FixedRate() {}

    /** Calls {@code step} with the time that each step was due, by {@link System#nanoTime()}, from {@code startNanos}; blocks. */
    static void run(int perSecond, long startNanos, long lengthNanos, LongConsumer step) {
        long steps = lengthNanos / TimeUnit.SECONDS.toNanos(1) * perSecond;
        for (long i = 0; i < steps; i++) {
            long dueNanos = startNanos + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
            for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            step.accept(dueNanos);
        }
    }
}
