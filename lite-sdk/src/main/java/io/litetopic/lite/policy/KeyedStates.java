package io.litetopic.lite.policy;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * States by key, each used by one thread at a time, that are dropped once a new one would be the same.
 *
 * <p>A general cache would drop by age or number; only the state itself knows when nothing is lost by it. The states are
 * looked through every 10 s, piecemeal by the callers of {@link #with}: each of them looks at 1/64 of the states.
 *
 * <p>Thread-safe. Lock order: the lock of the sweep, then that of a state.
 */
final class KeyedStates<S extends KeyedStates.State> {

    /** What is kept for a key. All methods are called with its lock held. */
    abstract static class State {

        // guarded by this
        private boolean dropped;

        /** Whether a new state would decide the same as this one does from now on. */
        abstract boolean isIdle(long nowNanos);
    }

    private static final long PASS_NANOS = 10_000_000_000L;
    private static final int PIECES = 64;
    private static final int MIN_PIECE = 64;

    private final PolicyClock clock;
    private final Supplier<S> factory;
    private final Map<String, S> states = new ConcurrentHashMap<>();
    private final ReentrantLock sweep = new ReentrantLock();

    // guarded by sweep
    private Iterator<Map.Entry<String, S>> pass = Collections.emptyIterator();
    private int piece;

    // written under sweep
    private volatile long nextPassNanos;

    KeyedStates(PolicyClock clock, Supplier<S> factory) {
        this.clock = clock;
        this.factory = factory;
        this.nextPassNanos = clock.nanoTime() + PASS_NANOS;
    }

    /** Does something with the state of a key while nobody else does. */
    <R> R with(String key, Function<S, R> action) {
        if (clock.nanoTime() - nextPassNanos >= 0 && sweep.tryLock()) {
            try {
                sweep();
            } finally {
                sweep.unlock();
            }
        }
        while (true) {
            S state = states.computeIfAbsent(key, unused -> factory.get());
            synchronized (state) {
                State common = state;
                if (!common.dropped) {
                    return action.apply(state);
                }
            }
        }
    }

    int size() {
        return states.size();
    }

    private void sweep() {
        long now = clock.nanoTime();
        if (!pass.hasNext()) {
            pass = states.entrySet().iterator();
            piece = Math.max(MIN_PIECE, states.size() / PIECES);
        }
        for (int i = 0; i < piece && pass.hasNext(); i++) {
            Map.Entry<String, S> entry = pass.next();
            S state = entry.getValue();
            synchronized (state) {
                State common = state;
                if (common.isIdle(now)) {
                    common.dropped = true;
                    states.remove(entry.getKey(), state);
                }
            }
        }
        if (!pass.hasNext()) {
            nextPassNanos = now + PASS_NANOS;
        }
    }
}
