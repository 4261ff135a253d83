package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.Status;
import com.google.protobuf.util.Timestamps;
import io.grpc.stub.ServerCallStreamObserver;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.grpc.ReceiveAttempts.Attempt;
import io.litetopic.proxy.rocketmq.LiteMessageConverter;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.PollListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * One receive call that waits. Answers it from the responder threads, and gives messages back that did not reach the client.
 *
 * <p>A call that breaks off is told to {@link #onCancelled}, at any time and on any thread: before the answer it ends the poll,
 * after it, it returns the deliveries.
 */
final class ReceiveCall implements PollListener {
    private static final Status NO_MESSAGE = Statuses.of(Code.MESSAGE_NOT_FOUND, "no new message");
    private static final Duration FAILED_DELIVERY_DELAY = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final GroupDispatcher dispatcher;
    private final String clientId;
    private final ServerCallStreamObserver<ReceiveMessageResponse> observer;
    private final LiteMessageConverter converter;
    private final Executor responders;
    private final @Nullable Duration invisibleDuration;
    private volatile @Nullable Attempt attempt;

    private boolean cancelled; // guarded by this
    private @Nullable List<Delivery> delivered; // guarded by this

    /** @param invisibleDuration null for deliveries that stay while the client lives */
    ReceiveCall(
            GroupDispatcher dispatcher,
            String clientId,
            ServerCallStreamObserver<ReceiveMessageResponse> observer,
            LiteMessageConverter converter,
            Executor responders,
            @Nullable Duration invisibleDuration) {
        this.dispatcher = dispatcher;
        this.clientId = clientId;
        this.observer = observer;
        this.converter = converter;
        this.responders = responders;
        this.invisibleDuration = invisibleDuration;
    }

    /** Who is to know what this call has delivered. Before the poll starts. */
    void rememberIn(Attempt memory) {
        attempt = memory;
    }

    /** The client is not there any more. */
    void onCancelled(Runnable cancelPoll) {
        answered(Collections.emptyList());
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
            List<ReceiveMessageResponse> messages = convert(deliveries);
            if (messages.isEmpty()) {
                observer.onNext(status(NO_MESSAGE));
            } else {
                observer.onNext(status(Statuses.OK));
                messages.forEach(observer::onNext);
                observer.onNext(ReceiveMessageResponse.newBuilder()
                        .setDeliveryTimestamp(Timestamps.fromMillis(System.currentTimeMillis()))
                        .build());
            }
            observer.onCompleted();
            answered(deliveries);
        } catch (Throwable failure) { // the client must hear of it, whatever it is
            onCancelled(() -> {});
            if (observer.isCancelled()) {
                log.debug("answer to a call that was cancelled consumerGroup={}", dispatcher.group(), failure);
            } else {
                log.error("receive call could not be answered consumerGroup={}", dispatcher.group(), failure);
                observer.onError(io.grpc.Status.INTERNAL
                        .withDescription("cannot write the answer: " + failure)
                        .asRuntimeException());
            }
        }
    }

    private void answered(List<Delivery> deliveries) {
        Attempt remembered = attempt;
        if (remembered != null) {
            remembered.answered(deliveries);
        }
    }

    /** What can be shown to the client: of each lite topic what comes before the first message that cannot. */
    private List<ReceiveMessageResponse> convert(List<Delivery> deliveries) {
        List<ReceiveMessageResponse> messages = new ArrayList<>(deliveries.size());
        Set<String> begun = new HashSet<>();
        Set<String> broken = new HashSet<>();
        for (Delivery delivery : deliveries) {
            if (broken.contains(delivery.liteTopic())) {
                continue;
            }
            try {
                messages.add(ReceiveMessageResponse.newBuilder()
                        .setMessage(converter.toDelivery(
                                delivery.message(),
                                delivery.liteTopic(),
                                delivery.receiptHandle().encode(),
                                delivery.attempt(),
                                invisibleDuration))
                        .build());
                begun.add(delivery.liteTopic());
            } catch (Throwable failure) {
                broken.add(delivery.liteTopic());
                failed(delivery, begun.contains(delivery.liteTopic()), failure);
            }
        }
        return messages;
    }

    /** A delivery that fails at once, so that the message ends in the dead letter queue instead of coming back for ever. */
    private void failed(Delivery delivery, boolean isBehindOthers, Throwable failure) {
        if (delivery.attempt() == 1) {
            log.error(
                    "message cannot be read and is not delivered; after the last attempt it goes to the dead letter queue"
                            + " consumerGroup={} liteTopic={} queueOffset={}",
                    dispatcher.group(),
                    delivery.liteTopic(),
                    delivery.message().queueOffset(),
                    failure);
        }
        if (isBehindOthers) {
            return; // the client has those and their time; this one is the first when it is over
        }
        Callbacks.onDone(
                dispatcher.changeInvisibleDuration(clientId, delivery.receiptHandle(), FAILED_DELIVERY_DELAY),
                (settlement, problem) -> {
                    if (problem != null) {
                        log.warn("failed delivery not given back consumerGroup={}", dispatcher.group(), problem);
                    }
                });
    }

    @Override
    public void onNothing() {
        answer(NO_MESSAGE);
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
        answered(Collections.emptyList());
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
