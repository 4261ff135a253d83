package io.litetopic.proxy.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/** Continuations whose own failure is logged instead of vanishing with a future that nobody looks at. */
public final class Callbacks {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private Callbacks() {}

    /** Runs {@code callback} on the thread that completes the future. */
    public static <T> void onDone(CompletableFuture<T> future, BiConsumer<? super T, @Nullable Throwable> callback) {
        onDone(future, callback, Runnable::run);
    }

    /** Runs {@code callback} on {@code executor}. */
    @SuppressWarnings("FutureReturnValueIgnored") // it carries the callback's failure only, which is logged here
    public static <T> void onDone(
            CompletableFuture<T> future, BiConsumer<? super T, @Nullable Throwable> callback, Executor executor) {
        future.whenCompleteAsync(
                (value, failure) -> {
                    try {
                        callback.accept(value, failure);
                    } catch (RuntimeException e) {
                        log.error("callback failed", e);
                    }
                },
                executor);
    }

    /** Runs {@code task} after a while, unless the scheduler is shut down before. */
    @SuppressWarnings("FutureReturnValueIgnored") // it carries the task's failure only, which is logged here
    public static void later(ScheduledExecutorService scheduler, long delayMillis, Runnable task) {
        try {
            scheduler.schedule(
                    () -> {
                        try {
                            task.run();
                        } catch (RuntimeException e) {
                            log.error("scheduled task failed", e);
                        }
                    },
                    delayMillis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("not scheduled any more: closing", e);
        }
    }
}
