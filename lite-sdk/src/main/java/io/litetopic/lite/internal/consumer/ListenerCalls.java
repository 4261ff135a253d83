package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.observability.ListenerObservation;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the listener. Whatever it does becomes a result, and a failure is logged once, with its cause.
 *
 * <p>Thread-safe.
 */
final class ListenerCalls {

    private static final Logger log = LoggerFactory.getLogger(ListenerCalls.class);

    private final AsyncMessageListener listener;
    private final String consumerGroup;
    private final Observers observers;

    ListenerCalls(AsyncMessageListener listener, String consumerGroup, Observers observers) {
        this.listener = listener;
        this.consumerGroup = consumerGroup;
        this.observers = observers;
    }

    /** A listener whose calls have ended when they return. */
    static AsyncMessageListener blocking(MessageListener listener) {
        return message -> CompletableFuture.completedFuture(listener.consume(message));
    }

    /**
     * Calls the listener on this thread.
     *
     * @param waited since the message was received
     */
    ListenerCall begin(Delivery delivery, Duration waited) {
        ListenerCall call = new ListenerCall();
        if (delivery.isCorrupted()) {
            return failed(call, delivery, ListenerObservation.NONE, "body does not match its checksum", null);
        }
        ListenerObservation observation = observers.calling(consumerGroup, delivery.message(), waited);
        CompletionStage<ConsumeResult> stage;
        try {
            stage = listener.consume(delivery.message());
        } catch (Throwable e) {
            // Whatever the listener throws, the worker must live and the message must not be lost: it comes again.
            observation.returned();
            return failed(call, delivery, observation, "listener threw an exception", e);
        }
        observation.returned();
        if (stage == null) {
            return failed(call, delivery, observation, "listener returned null instead of a stage", null);
        }
        call.waitsFor(stage);
        try {
            stage.whenComplete((value, failure) -> {
                ConsumeResult result = resultOf(call, delivery, value, failure);
                observation.ended(result, failure == null ? null : Futures.causeOf(failure));
                call.result().complete(result);
            });
        } catch (RuntimeException e) {
            return failed(call, delivery, observation, "stage of the listener cannot be waited for", e);
        }
        return call;
    }

    private ListenerCall failed(
            ListenerCall call,
            Delivery delivery,
            ListenerObservation observation,
            String reason,
            @Nullable Throwable cause) {
        logFailure(delivery, reason, cause);
        observation.ended(ConsumeResult.FAILURE, cause);
        call.result().complete(ConsumeResult.FAILURE);
        return call;
    }

    private ConsumeResult resultOf(
            ListenerCall call, Delivery delivery, @Nullable ConsumeResult value, @Nullable Throwable failure) {
        if (call.isCancelled()) {
            return ConsumeResult.FAILURE; // It does not count.
        }
        if (failure != null) {
            Throwable cause = Futures.causeOf(failure);
            boolean cancelled = cause instanceof CancellationException;
            logFailure(delivery, cancelled ? "stage was cancelled" : "stage failed", cause);
            return ConsumeResult.FAILURE;
        }
        if (value == null) {
            logFailure(delivery, "listener gave null as result", null);
            return ConsumeResult.FAILURE;
        }
        if (value == ConsumeResult.FAILURE) {
            logFailure(delivery, "listener returned FAILURE", null);
        }
        return value;
    }

    private void logFailure(Delivery delivery, String reason, @Nullable Throwable cause) {
        log.warn(
                "message failed, will be delivered again reason=\"{}\" consumerGroup={} liteTopic={} messageId={}"
                        + " attempt={}",
                reason,
                consumerGroup,
                delivery.liteTopic(),
                delivery.message().getMessageId(),
                delivery.message().getDeliveryAttempt(),
                cause);
    }
}
