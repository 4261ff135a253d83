package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.AckMessageResultEntry;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueRequest;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueResponse;
import apache.rocketmq.v2.Status;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.registry.LiteTopicNames;
import io.litetopic.proxy.rocketmq.ClientIdentity;
import io.litetopic.proxy.runtime.GroupDispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Acks, suspends, changes of the invisible duration and dead letters. Thread-safe. */
final class LiteSettlements {
    private static final Status NOT_HELD = Statuses.of(
            Code.INVALID_RECEIPT_HANDLE,
            "the delivery is over or belongs to another client: the message is delivered again; do not retry");

    private final LiteRequests requests;
    private final ClientStreams streams;
    private final Executor responders;

    LiteSettlements(LiteRequests requests, ClientStreams streams, Executor responders) {
        this.requests = requests;
        this.streams = streams;
        this.responders = responders;
    }

    void ack(AckMessageRequest request, StreamObserver<AckMessageResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getTopic().getName(), request.getGroup().getName());
        String clientId = caller(dispatcher);
        List<CompletableFuture<Status>> results = new ArrayList<>(request.getEntriesCount());
        for (AckMessageEntry entry : request.getEntriesList()) {
            results.add(ack(dispatcher, clientId, entry));
        }
        Callbacks.onDone(
                CompletableFuture.allOf(results.toArray(new CompletableFuture<?>[0])),
                (done, failure) -> reply(observer, ackResponse(request, results)),
                responders);
    }

    private static CompletableFuture<Status> ack(GroupDispatcher dispatcher, String clientId, AckMessageEntry entry) {
        try {
            ReceiptHandle handle = receiptHandle(entry.getReceiptHandle(), entry.getLiteTopic());
            return dispatcher.ack(clientId, handle).handle(LiteSettlements::statusOf);
        } catch (RequestException e) {
            return CompletableFuture.completedFuture(e.status());
        }
    }

    private static AckMessageResponse ackResponse(AckMessageRequest request, List<CompletableFuture<Status>> results) {
        AckMessageResponse.Builder response = AckMessageResponse.newBuilder();
        Status common = null;
        for (int i = 0; i < results.size(); i++) {
            AckMessageEntry entry = request.getEntries(i);
            Status status = results.get(i).join();
            response.addEntries(AckMessageResultEntry.newBuilder()
                    .setMessageId(entry.getMessageId())
                    .setReceiptHandle(entry.getReceiptHandle())
                    .setStatus(status));
            boolean differs = common != null && !common.equals(status);
            common = differs ? Statuses.of(Code.MULTIPLE_RESULTS, "see the entries") : status;
        }
        return response.setStatus(common == null ? Statuses.OK : common).build();
    }

    void changeInvisibleDuration(
            ChangeInvisibleDurationRequest request, StreamObserver<ChangeInvisibleDurationResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getTopic().getName(), request.getGroup().getName());
        String clientId = caller(dispatcher);
        ReceiptHandle handle = receiptHandle(request.getReceiptHandle(), request.getLiteTopic());
        CompletableFuture<Settlement> result = request.getSuspend()
                ? dispatcher.suspend(clientId, handle, LiteRequests.suspendDuration(request.getInvisibleDuration()))
                : dispatcher.changeInvisibleDuration(
                        clientId, handle, LiteRequests.invisibleDuration(request.getInvisibleDuration()));
        answer(
                result,
                observer,
                status -> ChangeInvisibleDurationResponse.newBuilder()
                        .setStatus(status)
                        .setReceiptHandle(request.getReceiptHandle())
                        .build());
    }

    void forwardToDeadLetterQueue(
            ForwardMessageToDeadLetterQueueRequest request,
            StreamObserver<ForwardMessageToDeadLetterQueueResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getTopic().getName(), request.getGroup().getName());
        String clientId = caller(dispatcher);
        ReceiptHandle handle = receiptHandle(request.getReceiptHandle(), request.getLiteTopic());
        answer(
                dispatcher.forwardToDeadLetterQueue(clientId, handle),
                observer,
                status -> ForwardMessageToDeadLetterQueueResponse.newBuilder()
                        .setStatus(status)
                        .build());
    }

    private String caller(GroupDispatcher dispatcher) {
        String clientId = LiteRequests.clientId();
        streams.requested(clientId, ClientIdentity.remoteAddress(), dispatcher);
        return clientId;
    }

    /** @param liteTopic what the request names besides, empty if nothing */
    private static ReceiptHandle receiptHandle(String text, String liteTopic) {
        ReceiptHandle handle = LiteRequests.receiptHandle(text);
        if (!liteTopic.isEmpty() && !liteTopic.equals(handle.liteTopic())) {
            throw new RequestException(
                    Code.INVALID_RECEIPT_HANDLE,
                    "receipt handle is of another lite topic [requested=" + LiteTopicNames.escape(liteTopic)
                            + ", liteTopic=" + LiteTopicNames.escape(handle.liteTopic())
                            + "]; use the handle as it came with the message");
        }
        return handle;
    }

    private <T> void answer(
            CompletableFuture<Settlement> result, StreamObserver<T> observer, Function<Status, T> response) {
        Callbacks.onDone(
                result,
                (settlement, failure) -> reply(observer, response.apply(statusOf(settlement, failure))),
                responders);
    }

    private static Status statusOf(@Nullable Settlement settlement, @Nullable Throwable failure) {
        if (failure != null) {
            return Statuses.of(failure);
        }
        return settlement == Settlement.OK ? Statuses.OK : NOT_HELD;
    }

    private static <T> void reply(StreamObserver<T> observer, T response) {
        observer.onNext(response);
        observer.onCompleted();
    }
}
