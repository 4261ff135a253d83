package io.litetopic.proxy.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Runs tasks one at a time, in the order in which they came, on the threads of another executor. What one task wrote the next one
 * sees. A task that fails is logged. Once the other executor is shut down tasks are dropped. Thread-safe; never blocks.
 */
public final class SerialExecutor implements Executor {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final Executor threads;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    public SerialExecutor(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            runNext();
        }
    }

    private void runNext() {
        try {
            threads.execute(this::run);
        } catch (RejectedExecutionException e) {
            log.debug("not executed any more: closing", e);
        }
    }

    private void run() {
        Runnable task = tasks.poll();
        try {
            if (task != null) {
                task.run();
            }
        } catch (RuntimeException e) {
            log.error("task failed", e);
        } finally {
            if (waiting.decrementAndGet() > 0) {
                runNext();
            }
        }
    }
}
