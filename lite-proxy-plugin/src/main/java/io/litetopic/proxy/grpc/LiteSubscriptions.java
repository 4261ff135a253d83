package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.OffsetOption;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.runtime.GroupDispatcher;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Changes of the set of lite topics that a client wants. All names of a request are checked before any counts. Thread-safe. */
final class LiteSubscriptions {
    private final LiteRequests requests;
    private final Executor responders;

    LiteSubscriptions(LiteRequests requests, Executor responders) {
        this.requests = requests;
        this.responders = responders;
    }

    void sync(SyncLiteSubscriptionRequest request, StreamObserver<SyncLiteSubscriptionResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getTopic().getName(), request.getGroup().getName());
        String clientId = LiteRequests.clientId();
        Set<String> names = new LinkedHashSet<>(request.getLiteTopicSetList());
        names.forEach(LiteRequests::checkName);
        checkOffsetOption(request);
        Callbacks.onDone(
                apply(request, dispatcher, clientId, names),
                (result, failure) -> {
                    Status status = statusOf(dispatcher, clientId, names, result, failure);
                    observer.onNext(SyncLiteSubscriptionResponse.newBuilder()
                            .setStatus(status)
                            .build());
                    observer.onCompleted();
                },
                responders);
    }

    private static CompletableFuture<SubscribeResult> apply(
            SyncLiteSubscriptionRequest request, GroupDispatcher dispatcher, String clientId, Set<String> names) {
        switch (request.getAction()) {
            case PARTIAL_ADD:
                return dispatcher.subscribe(clientId, names);
            case PARTIAL_REMOVE:
                return dispatcher.unsubscribe(clientId, names);
            case COMPLETE_ADD:
                return dispatcher.subscribeExactly(clientId, names);
            case COMPLETE_REMOVE:
                return dispatcher.unsubscribeAll(clientId);
            default:
                throw new RequestException(
                        Code.BAD_REQUEST,
                        "unknown subscription action [action=" + request.getActionValue()
                                + "]; use PARTIAL_ADD, PARTIAL_REMOVE, COMPLETE_ADD or COMPLETE_REMOVE");
        }
    }

    /** The default is to go on where the group is, and at the first message of a lite topic it has not consumed yet. */
    private static void checkOffsetOption(SyncLiteSubscriptionRequest request) {
        if (!request.hasOffsetOption()) {
            return;
        }
        OffsetOption option = request.getOffsetOption();
        boolean isDefault = option.getOffsetTypeCase() == OffsetOption.OffsetTypeCase.OFFSETTYPE_NOT_SET
                || (option.hasPolicy() && option.getPolicy() == OffsetOption.Policy.LAST);
        if (!isDefault) {
            throw new RequestException(
                    Code.UNSUPPORTED,
                    "offset option is not supported by this version [option="
                            + option.toString().trim() + "]; subscribe without one, or with LAST_OFFSET");
        }
    }

    private static Status statusOf(
            GroupDispatcher dispatcher,
            String clientId,
            Set<String> names,
            @Nullable SubscribeResult result,
            @Nullable Throwable failure) {
        if (failure != null || result == null) {
            return Statuses.of(failure == null ? new IllegalStateException("no result") : failure);
        }
        String example = names.isEmpty() ? "" : names.iterator().next();
        switch (result.outcome()) {
            case CLIENT_QUOTA_EXCEEDED:
                return Statuses.of(
                        Code.LITE_SUBSCRIPTION_QUOTA_EXCEEDED,
                        "cannot subscribe: the client's quota is reached [consumerGroup=" + dispatcher.group()
                                + ", clientId=" + clientId + ", liteTopic=" + example + ", requested=" + names.size()
                                + ", subscribed=" + result.subscribed() + ", quota=" + result.quota()
                                + "]; unsubscribe idle lite topics or raise subscriptionsPerClient");
            case GROUP_QUOTA_EXCEEDED:
                return Statuses.of(
                        Code.LITE_SUBSCRIPTION_QUOTA_EXCEEDED,
                        "cannot subscribe: the group's quota is reached [consumerGroup=" + dispatcher.group()
                                + ", liteTopic=" + example + ", requested=" + names.size() + ", subscribed="
                                + result.subscribed() + ", quota=" + result.quota()
                                + "]; unsubscribe idle lite topics or raise subscriptionsPerGroup");
            case NOTHING_TO_SUBSCRIBE:
                return Statuses.of(
                        Code.BAD_REQUEST,
                        "cannot subscribe: the consumer group is in wildcard mode and receives from every lite topic"
                                + " [consumerGroup=" + dispatcher.group() + ", liteTopic=" + example
                                + "]; leave the subscription out, or use a group in mode shared or exclusive");
            case OK:
                return Statuses.OK;
        }
        throw new IllegalStateException("unknown outcome: " + result.outcome());
    }
}
