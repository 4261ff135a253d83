package io.litetopic.lite.policy;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** An asynchronous listener with a policy before it. */
final class GovernedAsyncListener implements AsyncMessageListener {

    private final LitePolicy policy;
    private final AsyncMessageListener listener;

    GovernedAsyncListener(LitePolicy policy, AsyncMessageListener listener) {
        this.policy = policy;
        this.listener = listener;
    }

    @Override
    public CompletionStage<ConsumeResult> consume(MessageView messageView) {
        Call call = Call.of(messageView);
        Decision decision = policy.decide(call);
        Permit permit = decision.permit();
        if (permit == null) {
            return CompletableFuture.completedFuture(decision.result(call));
        }
        CompletableFuture<ConsumeResult> result = new CompletableFuture<>();
        try {
            CompletionStage<ConsumeResult> stage = listener.consume(messageView);
            if (stage == null) {
                throw new NullPointerException("the asynchronous listener returned null instead of a stage");
            }
            stage.whenComplete((value, failure) -> end(call, permit, value, failure, result));
            return passingOnCancel(result, stage);
        } catch (Throwable failure) {
            end(call, permit, null, failure, result);
            return result;
        }
    }

    private void end(
            Call call,
            Permit permit,
            @Nullable ConsumeResult value,
            @Nullable Throwable failure,
            CompletableFuture<ConsumeResult> result) {
        Throwable cause = cause(failure);
        Optional<Decision> instead = permit.end(cause);
        if (cause == null) {
            result.complete(value);
        } else if (instead.isPresent()) {
            result.complete(instead.get().resultAfter(call, cause));
        } else {
            result.completeExceptionally(cause);
        }
    }

    private static CompletionStage<ConsumeResult> passingOnCancel(
            CompletableFuture<ConsumeResult> result, CompletionStage<ConsumeResult> stage) {
        CompletableFuture<ConsumeResult> unused = result.whenComplete((value, failure) -> {
            if (result.isCancelled()) {
                stage.toCompletableFuture().cancel(true);
            }
        });
        return result;
    }

    /** What the listener's stage failed with, without what stages wrap around it on their way. */
    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
