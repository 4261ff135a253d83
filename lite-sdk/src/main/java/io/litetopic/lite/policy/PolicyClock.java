package io.litetopic.lite.policy;

import java.time.Instant;

/** Where policies take the time from: the machine's, or a test's. Thread-safe. */
interface PolicyClock {

    PolicyClock SYSTEM = new PolicyClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Instant now() {
            return Instant.now();
        }
    };

    /** Monotonic, for durations; like {@link System#nanoTime()} it has no meaning by itself and may be negative. */
    long nanoTime();

    /** Wall clock, for opening hours. */
    Instant now();
}
