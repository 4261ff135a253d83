package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.ConsumeResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of the listener. Thread-safe. */
final class ListenerCall {

    private static final Logger log = LoggerFactory.getLogger(ListenerCall.class);

    private final CompletableFuture<ConsumeResult> result = new CompletableFuture<>();
    private volatile @Nullable CompletionStage<ConsumeResult> stage;
    private volatile boolean cancelled;

    /** What the listener decided; never fails. */
    CompletableFuture<ConsumeResult> result() {
        return result;
    }

    /** The stage that the listener has returned, which will say what it decided. */
    void waitsFor(CompletionStage<ConsumeResult> stage) {
        this.stage = stage;
    }

    /** Nobody waits for the result any more. Asks the application to end the call, which many stages cannot. */
    void cancel() {
        cancelled = true;
        CompletionStage<ConsumeResult> known = stage;
        if (known == null) {
            return;
        }
        try {
            known.toCompletableFuture().cancel(true);
        } catch (RuntimeException e) {
            log.debug(
                    "listener call cannot be cancelled stage={}",
                    known.getClass().getName(),
                    e);
        }
    }

    boolean isCancelled() {
        return cancelled;
    }
}
