package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.Status;
import com.google.protobuf.util.Timestamps;
import io.grpc.stub.ServerCallStreamObserver;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.rocketmq.LiteMessageConverter;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.PollListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One receive call that waits. Answers it from the responder threads, and gives messages back that did not reach the client.
 *
 * <p>A call that breaks off is told to {@link #onCancelled}, at any time and on any thread: before the answer it ends the poll,
 * after it, it returns the deliveries.
 */
final class ReceiveCall implements PollListener {
    private final GroupDispatcher dispatcher;
    private final ServerCallStreamObserver<ReceiveMessageResponse> observer;
    private final LiteMessageConverter converter;
    private final Executor responders;
    private final @Nullable Duration invisibleDuration;

    private boolean cancelled; // guarded by this
    private @Nullable List<Delivery> delivered; // guarded by this

    /** @param invisibleDuration null for deliveries that stay while the client lives */
    ReceiveCall(
            GroupDispatcher dispatcher,
            ServerCallStreamObserver<ReceiveMessageResponse> observer,
            LiteMessageConverter converter,
            Executor responders,
            @Nullable Duration invisibleDuration) {
        this.dispatcher = dispatcher;
        this.observer = observer;
        this.converter = converter;
        this.responders = responders;
        this.invisibleDuration = invisibleDuration;
    }

    /** The client is not there any more. */
    void onCancelled(Runnable cancelPoll) {
        List<Delivery> lost;
        synchronized (this) {
            cancelled = true;
            lost = delivered;
            delivered = null;
        }
        if (lost == null) {
            cancelPoll.run();
        } else {
            dispatcher.returnDeliveries(lost);
        }
    }

    @Override
    public void onDeliveries(List<Delivery> deliveries) {
        boolean isLate;
        synchronized (this) {
            isLate = cancelled;
            delivered = isLate ? null : deliveries;
        }
        if (isLate) {
            dispatcher.returnDeliveries(deliveries);
        } else {
            responders.execute(() -> write(deliveries));
        }
    }

    private void write(List<Delivery> deliveries) {
        try {
            observer.onNext(status(Statuses.OK));
            for (Delivery delivery : deliveries) {
                observer.onNext(ReceiveMessageResponse.newBuilder()
                        .setMessage(converter.toDelivery(
                                delivery.message(),
                                delivery.liteTopic(),
                                delivery.receiptHandle().encode(),
                                delivery.attempt(),
                                invisibleDuration))
                        .build());
            }
            observer.onNext(ReceiveMessageResponse.newBuilder()
                    .setDeliveryTimestamp(Timestamps.fromMillis(System.currentTimeMillis()))
                    .build());
            observer.onCompleted();
        } catch (RuntimeException e) {
            onCancelled(() -> {});
            throw e;
        }
    }

    @Override
    public void onNothing() {
        answer(Statuses.of(Code.MESSAGE_NOT_FOUND, "no new message"));
    }

    @Override
    public void onUnknownClient() {
        answer(Statuses.of(
                Code.PRECONDITION_FAILED,
                "this client has no lite subscription here [consumerGroup=" + dispatcher.group() + ", bindTopic="
                        + dispatcher.topic() + "]; consume lite topics with a LitePushConsumer, which synchronizes its"
                        + " subscriptions first"));
    }

    @Override
    public void onUnavailable(String reason) {
        answer(Statuses.of(
                Code.INTERNAL_SERVER_ERROR, reason + " [consumerGroup=" + dispatcher.group() + "]; try again"));
    }

    private void answer(Status status) {
        responders.execute(() -> {
            if (!observer.isCancelled()) {
                observer.onNext(status(status));
                observer.onCompleted();
            }
        });
    }

    private static ReceiveMessageResponse status(Status status) {
        return ReceiveMessageResponse.newBuilder().setStatus(status).build();
    }
}
