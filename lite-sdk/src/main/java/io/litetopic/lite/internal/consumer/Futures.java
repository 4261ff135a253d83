package io.litetopic.lite.internal.consumer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the outcome of futures. */
public final class Futures {

    private static final Logger log = LoggerFactory.getLogger(Futures.class);

    private Futures() {}

    /**
     * Calls one of both when the future is done, on the thread that completes it. A callback must not throw; if it does,
     * that is logged, as nobody else would see it.
     *
     * @param failed gets the failure without the wrappers that futures put around it
     */
    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes and failing callbacks are handled here
    public static <T> void onDone(CompletableFuture<T> future, Consumer<T> succeeded, Consumer<Throwable> failed) {
        future.whenComplete((value, failure) -> {
            try {
                if (failure == null) {
                    succeeded.accept(value);
                } else {
                    failed.accept(causeOf(failure));
                }
            } catch (RuntimeException | Error e) {
                log.error("callback failed", e);
            }
        });
    }

    /** Strips the wrappers that futures put around a failure. */
    public static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
