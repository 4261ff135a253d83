package io.litetopic.cli.bench.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Waiting, with a word now and then about what is waited for. Thread-safe. */
final class Pace {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WORD_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** When nothing has moved for that long, it never will; a FIFO queue that a dead consumer holds comes free after 60 s. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(75);

    private final Parent parent;
    private final AtomicLong nextWordNanos = new AtomicLong(System.nanoTime());

    Pace(Parent parent) {
        this.parent = parent;
    }

    /** Says something, once a second at most; {@code text} is asked only then. */
    void say(Supplier<String> text) {
        long due = nextWordNanos.get();
        long now = System.nanoTime();
        if (now - due >= 0 && nextWordNanos.compareAndSet(due, now + WORD_NANOS)) {
            parent.progress(text.get());
        }
    }

    /** Waits for the condition as long as the counter moves. */
    void awaitWhileMoving(BooleanSupplier condition, LongSupplier counter, String what) {
        long last = counter.getAsLong();
        long movedNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long now = counter.getAsLong();
            if (now != last) {
                last = now;
                movedNanos = System.nanoTime();
            } else if (System.nanoTime() - movedNanos > STALL_NANOS) {
                throw new LoadFailure("waited for %s; nothing has moved for %d s at %,d"
                        .formatted(what, TimeUnit.NANOSECONDS.toSeconds(STALL_NANOS), now));
            }
            say(() -> "%s: %,d".formatted(what, now));
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Waits for the condition, not longer than {@code limit}. */
    void awaitAtMost(Duration limit, BooleanSupplier condition, Supplier<String> state) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > limit.toNanos()) {
                throw new LoadFailure("given up after " + limit.toSeconds() + " s: " + state.get());
            }
            say(state);
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Lets that much time pass. */
    void pause(Duration duration, String what) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(left) + 1;
            say(() -> "%s: %d s left".formatted(what, seconds));
            LockSupport.parkNanos(Math.min(left, WORD_NANOS));
        }
    }
}
