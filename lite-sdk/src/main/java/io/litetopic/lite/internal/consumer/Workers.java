package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of the listener. They may belong to the application, whose executor may refuse work: nothing is asked for
 * then until it has rested for a while.
 *
 * <p>Thread-safe.
 */
final class Workers {

    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    private final Executor executor;
    private final LoopTimer timer;
    private final Runnable onRested;
    private final RareLog rareLog;

    // guarded by this
    private int refusals;
    private boolean resting;

    /** @param onRested called when work may be asked for again */
    Workers(Executor executor, LoopTimer timer, Runnable onRested) {
        this.executor = executor;
        this.timer = timer;
        this.onRested = onRested;
        this.rareLog = new RareLog(timer);
    }

    /** Whether no work should be asked for. */
    synchronized boolean isResting() {
        return resting;
    }

    /** Runs the task on one of the threads; returns whether the executor has taken it. */
    boolean run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException e) {
            refused(e);
            return false;
        }
        synchronized (this) {
            // A call that came before the rest may still bring messages, and they may find room: no reason to end it.
            if (!resting) {
                refusals = 0;
            }
        }
        return true;
    }

    private void refused(RuntimeException failure) {
        Duration rest;
        synchronized (this) {
            if (resting) {
                return;
            }
            resting = true;
            refusals++;
            rest = Backoff.ofReceive(refusals);
        }
        if (rareLog.isDue()) {
            log.warn(
                    "consumption executor refuses work, messages go back and are asked for later; it may be full or shut"
                            + " down refusals={} retryInMillis={} executor={}",
                    refusals(),
                    rest.toMillis(),
                    executor.getClass().getName(),
                    failure);
        } else {
            log.debug("consumption executor refuses work retryInMillis={}", rest.toMillis(), failure);
        }
        timer.schedule(rest, this::rested);
    }

    private synchronized int refusals() {
        return refusals;
    }

    private void rested() {
        synchronized (this) {
            resting = false;
        }
        onRested.run();
    }
}
