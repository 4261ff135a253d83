package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timer of one consumer: a single thread for renewals, retries and the periodic sync. */
final class SchedulerTimer implements LoopTimer, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SchedulerTimer.class);

    private final ScheduledThreadPoolExecutor executor;

    private SchedulerTimer(ScheduledThreadPoolExecutor executor) {
        this.executor = executor;
    }

    static SchedulerTimer start(String threadName) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, NamedThreads.of(threadName));
        // After close nothing is due any more: whatever completes late must not fail on a closed timer.
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return new SchedulerTimer(executor);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the task logs its own failure
    public void schedule(Duration delay, Runnable task) {
        executor.schedule(() -> runLogged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void runLogged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            log.error("timer task failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
