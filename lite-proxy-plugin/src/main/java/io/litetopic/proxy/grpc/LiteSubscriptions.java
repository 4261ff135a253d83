package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.OffsetOption;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import io.grpc.Metadata;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.cluster.ClusterView;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.rocketmq.ClientIdentity;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.StartOption;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Changes of the set of lite topics that a client wants. All names of a request are checked before any counts. Thread-safe. */
final class LiteSubscriptions {
    /** Messages of a lite topic that a subscription may go back at most. */
    static final long MAX_TAIL = 1_000_000;
    /** A queue offset has 48 bits. */
    static final long MAX_OFFSET = (1L << 48) - 1;
    /** By how much the clock of a client may be ahead of the proxy's. */
    private static final long MAX_AHEAD_MILLIS = 60_000;

    private final LiteRequests requests;
    private final ClientStreams streams;
    private final SubscriptionRelay relay;
    private final Executor responders;

    LiteSubscriptions(LiteRequests requests, ClientStreams streams, SubscriptionRelay relay, Executor responders) {
        this.relay = relay;
        this.requests = requests;
        this.streams = streams;
        this.responders = responders;
    }

    void sync(SyncLiteSubscriptionRequest request, StreamObserver<SyncLiteSubscriptionResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getTopic().getName(), request.getGroup().getName());
        String clientId = LiteRequests.clientId();
        Set<String> names = new LinkedHashSet<>(request.getLiteTopicSetList());
        names.forEach(LiteRequests::checkName);
        StartOption start = startOption(request);
        boolean isRelayed = SubscriptionRelay.isRelayed();
        if (isRelayed && relay.comesDirectly(clientId, dispatcher.group())) {
            answer(observer, Statuses.OK);
            return;
        }
        if (!isRelayed) {
            relay.cameDirectly(clientId, dispatcher.group());
            streams.requested(clientId, ClientIdentity.remoteAddress(), dispatcher);
        }
        BindTopic bindTopic = requests.bindTopic(request.getTopic().getName());
        ClusterView view = isRelayed || bindTopic == null ? null : bindTopic.view();
        Metadata headers = ClientIdentity.headers();
        Callbacks.onDone(
                apply(request, dispatcher, clientId, names, start),
                (result, failure) -> {
                    Status status = statusOf(dispatcher, clientId, names, result, failure);
                    if (status.getCode() != Code.OK || view == null) {
                        answer(observer, status);
                        return;
                    }
                    Callbacks.onDone(
                            relay.relay(request, headers, view),
                            (refusal, relayFailure) -> answer(
                                    observer,
                                    relayFailure != null
                                            ? Statuses.of(relayFailure)
                                            : refusal != null ? refusal : status),
                            responders);
                },
                responders);
    }

    private static void answer(StreamObserver<SyncLiteSubscriptionResponse> observer, Status status) {
        observer.onNext(
                SyncLiteSubscriptionResponse.newBuilder().setStatus(status).build());
        observer.onCompleted();
    }

    private static CompletableFuture<SubscribeResult> apply(
            SyncLiteSubscriptionRequest request,
            GroupDispatcher dispatcher,
            String clientId,
            Set<String> names,
            @Nullable StartOption start) {
        switch (request.getAction()) {
            case PARTIAL_ADD:
                return start == null
                        ? dispatcher.subscribe(clientId, names)
                        : dispatcher.subscribe(clientId, names, start);
            case PARTIAL_REMOVE:
                return dispatcher.unsubscribe(clientId, names);
            case COMPLETE_ADD:
                return start == null
                        ? dispatcher.subscribeExactly(clientId, names)
                        : dispatcher.subscribeExactly(clientId, names, start);
            case COMPLETE_REMOVE:
                return dispatcher.unsubscribeAll(clientId);
            default:
                throw new RequestException(
                        Code.BAD_REQUEST,
                        "unknown subscription action [action=" + request.getActionValue()
                                + "]; use PARTIAL_ADD, PARTIAL_REMOVE, COMPLETE_ADD or COMPLETE_REMOVE");
        }
    }

    /**
     * From where on the request wants the names that the client did not want before; null for the default: where the group is, and
     * at the first message of a lite topic it has not consumed yet.
     */
    private static @Nullable StartOption startOption(SyncLiteSubscriptionRequest request) {
        StartOption start = startOption(request.getOffsetOption());
        boolean adds = request.getAction() == LiteSubscriptionAction.PARTIAL_ADD
                || request.getAction() == LiteSubscriptionAction.COMPLETE_ADD;
        if (start != null && !adds) {
            throw new RequestException(
                    Code.BAD_REQUEST,
                    "an offset option says where a subscription starts [action=" + request.getAction()
                            + ", offsetOption=" + start + "]; leave it out of a request that ends subscriptions");
        }
        return start;
    }

    private static @Nullable StartOption startOption(OffsetOption option) {
        switch (option.getOffsetTypeCase()) {
            case POLICY:
                return ofPolicy(option);
            case OFFSET:
                return StartOption.offset(inRange("offset", option.getOffset(), MAX_OFFSET, "a queue offset"));
            case TAIL_N:
                return StartOption.tail(
                        (int) inRange("tail_n", option.getTailN(), MAX_TAIL, "a number of messages in this range"));
            case TIMESTAMP:
                return StartOption.timestamp(inRange(
                        "timestamp",
                        option.getTimestamp(),
                        System.currentTimeMillis() + MAX_AHEAD_MILLIS,
                        "milliseconds since 1970, not in the future; policy MAX starts at messages yet to come"));
            case OFFSETTYPE_NOT_SET:
                return null;
        }
        throw new IllegalStateException("unknown offset type: " + option.getOffsetTypeCase());
    }

    private static @Nullable StartOption ofPolicy(OffsetOption option) {
        switch (option.getPolicy()) {
            case LAST:
                return null;
            case MIN:
                return StartOption.EARLIEST;
            case MAX:
                return StartOption.LATEST;
            default:
                throw new RequestException(
                        Code.BAD_REQUEST,
                        "unknown policy of the offset option [policy=" + option.getPolicyValue()
                                + "]; use LAST, MIN or MAX");
        }
    }

    private static long inRange(String field, long value, long max, String remedy) {
        if (value < 0 || value > max) {
            throw new RequestException(
                    Code.BAD_REQUEST,
                    "offset option is out of range [" + field + "=" + value + ", min=0, max=" + max + "]; give "
                            + remedy);
        }
        return value;
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
