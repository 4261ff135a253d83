package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.EndTransactionRequest;
import apache.rocketmq.v2.EndTransactionResponse;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueRequest;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueResponse;
import apache.rocketmq.v2.GetOffsetRequest;
import apache.rocketmq.v2.GetOffsetResponse;
import apache.rocketmq.v2.HeartbeatRequest;
import apache.rocketmq.v2.HeartbeatResponse;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.NotifyClientTerminationRequest;
import apache.rocketmq.v2.NotifyClientTerminationResponse;
import apache.rocketmq.v2.PullMessageRequest;
import apache.rocketmq.v2.PullMessageResponse;
import apache.rocketmq.v2.QueryAssignmentRequest;
import apache.rocketmq.v2.QueryAssignmentResponse;
import apache.rocketmq.v2.QueryOffsetRequest;
import apache.rocketmq.v2.QueryOffsetResponse;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.RecallMessageRequest;
import apache.rocketmq.v2.RecallMessageResponse;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SendMessageRequest;
import apache.rocketmq.v2.SendMessageResponse;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import apache.rocketmq.v2.TelemetryCommand;
import apache.rocketmq.v2.UpdateOffsetRequest;
import apache.rocketmq.v2.UpdateOffsetResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.engine.UnsubscribeReason;
import io.litetopic.proxy.rocketmq.Caller;
import io.litetopic.proxy.rocketmq.ClientIdentity;
import io.litetopic.proxy.rocketmq.LiteMessageConverter;
import io.litetopic.proxy.rocketmq.RequestAuthorizer;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.BindTopics;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.UnsubscribeNotifier;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The messaging service of a proxy with lite topics. A request that names a lite group, or sends to a bind topic, is lite;
 * everything else goes to the stock service as it came. Each lite request passes the {@link RequestGate} before anything else
 * looks at it.
 *
 * <p>Thread-safe. Requests are checked on the gRPC thread; answers are written by the responder threads.
 */
public final class LiteMessagingService extends MessagingServiceGrpc.MessagingServiceImplBase implements AutoCloseable {
    private final MessagingServiceGrpc.MessagingServiceImplBase stock;
    private final LiteRequests requests;
    private final LiteSend sends;
    private final LiteReceive receives;
    private final LiteSettlements settlements;
    private final LiteSubscriptions subscriptions;
    private final SubscriptionRelay relay = new SubscriptionRelay();
    private final ClientStreams streams = new ClientStreams();
    private final RefusedClients refusedClients = new RefusedClients();
    private final RequestGate gate;
    private final AccessControl access;
    private final UnsubscribeNotices notices;

    public LiteMessagingService(
            MessagingServiceGrpc.MessagingServiceImplBase stock,
            BindTopics topics,
            RequestAuthorizer authorizer,
            AccessControl access,
            Executor responders) {
        this.stock = stock;
        this.requests = new LiteRequests(topics, access);
        this.access = access;
        this.gate = new RequestGate(topics, authorizer, access);
        this.sends = new LiteSend(requests);
        this.receives = new LiteReceive(requests, streams, new LiteMessageConverter(), responders);
        this.settlements = new LiteSettlements(requests, streams, responders);
        this.subscriptions = new LiteSubscriptions(requests, streams, relay, responders);
        this.notices = new UnsubscribeNotices(streams, responders);
    }

    /** Who tells the clients of this service which subscriptions they have lost. */
    public UnsubscribeNotifier unsubscribeNotifier() {
        return notices;
    }

    /** Ends the connections to other proxies. */
    @Override
    public void close() {
        relay.close();
    }

    // ---- routes and clients ----

    @Override
    public void queryRoute(QueryRouteRequest request, StreamObserver<QueryRouteResponse> observer) {
        if (InternalTopics.isOne(request.getTopic())) {
            answerFailure(
                    observer,
                    status -> QueryRouteResponse.newBuilder().setStatus(status).build(),
                    () -> {
                        throw InternalTopics.refusal(request.getTopic().getName());
                    });
            return;
        }
        BindTopic bindTopic = requests.bindTopic(request.getTopic().getName());
        String problem = refusedClients.problemOf(ClientIdentity.current());
        if (bindTopic == null && problem == null) {
            stock.queryRoute(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> QueryRouteResponse.newBuilder().setStatus(status).build(),
                () -> {
                    gate.enter(request);
                    access.checkOpen(request.getTopic().getName());
                    if (problem != null) {
                        throw new RequestException(Code.BAD_REQUEST, problem);
                    }
                    if (bindTopic == null || !bindTopic.hasServed()) {
                        stock.queryRoute(request, observer);
                    } else {
                        stock.queryRoute(
                                request,
                                new MappedObserver<>(
                                        serverCall(observer),
                                        route -> LiteRoutes.route(route, request.getEndpoints(), bindTopic.view())));
                    }
                });
    }

    @Override
    public void queryAssignment(QueryAssignmentRequest request, StreamObserver<QueryAssignmentResponse> observer) {
        if (InternalTopics.isOne(request.getTopic())) {
            answerFailure(
                    observer,
                    status -> QueryAssignmentResponse.newBuilder()
                            .setStatus(status)
                            .build(),
                    () -> {
                        throw InternalTopics.refusal(request.getTopic().getName());
                    });
            return;
        }
        if (!requests.isLiteGroup(request.getGroup().getName())) {
            stock.queryAssignment(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> QueryAssignmentResponse.newBuilder().setStatus(status).build(),
                () -> {
                    gate.enterConsumer(request, request.getTopic(), request.getGroup());
                    requests.dispatcher(
                            request.getTopic().getName(), request.getGroup().getName());
                    BindTopic bindTopic = requests.bindTopic(request.getTopic().getName());
                    stock.queryAssignment(
                            request,
                            new MappedObserver<>(
                                    serverCall(observer),
                                    response -> LiteRoutes.assignments(
                                            response, bindTopic == null ? null : bindTopic.view())));
                });
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
        BindTopic bindTopic = requests.bindTopicOfGroup(request.getGroup().getName());
        if (bindTopic == null) {
            stock.heartbeat(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> HeartbeatResponse.newBuilder().setStatus(status).build(),
                () -> {
                    gate.enterConsumer(request, RequestGate.topicOf(bindTopic), request.getGroup());
                    GroupDispatcher dispatcher =
                            bindTopic.dispatcher(request.getGroup().getName());
                    if (dispatcher != null) {
                        streams.requested(LiteRequests.clientId(), ClientIdentity.remoteAddress(), dispatcher);
                        dispatcher.clientHeartbeat(LiteRequests.clientId());
                    }
                    stock.heartbeat(
                            request.toBuilder()
                                    .setClientType(ClientTypes.asStockKnowsIt(request.getClientType()))
                                    .build(),
                            observer);
                });
    }

    @Override
    public StreamObserver<TelemetryCommand> telemetry(StreamObserver<TelemetryCommand> observer) {
        ServerCallStreamObserver<TelemetryCommand> client = new SerialObserver<>(serverCall(observer));
        TelemetryStream stream = new TelemetryStream(
                requests,
                streams,
                refusedClients,
                ClientIdentity.current(),
                ClientIdentity.remoteAddress(),
                client,
                stock::telemetry);
        return new TelemetryGate(gate, access, ClientIdentity.current(), client, stream.start());
    }

    @Override
    public void notifyClientTermination(
            NotifyClientTerminationRequest request, StreamObserver<NotifyClientTerminationResponse> observer) {
        String clientId = ClientIdentity.current();
        BindTopic bindTopic = requests.bindTopicOfGroup(request.getGroup().getName());
        if (bindTopic == null && access.userOf(clientId).isEmpty()) {
            stock.notifyClientTermination(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> NotifyClientTerminationResponse.newBuilder()
                        .setStatus(status)
                        .build(),
                () -> {
                    Caller caller = bindTopic == null
                            ? gate.enter(request)
                            : gate.enterConsumer(request, RequestGate.topicOf(bindTopic), request.getGroup());
                    GroupDispatcher dispatcher = bindTopic == null
                            ? null
                            : bindTopic.dispatcher(request.getGroup().getName());
                    if (dispatcher == null) {
                        stock.notifyClientTermination(request, ending(observer, caller, () -> {}));
                        return;
                    }
                    dispatcher.clientTerminated(clientId);
                    receives.forget(clientId);
                    stock.notifyClientTermination(request, ending(observer, caller, () -> streams.endAll(clientId)));
                });
    }

    /** The client's id is free when stock has forgotten the client too. */
    private ServerCallStreamObserver<NotifyClientTerminationResponse> ending(
            StreamObserver<NotifyClientTerminationResponse> observer, Caller caller, Runnable onEnd) {
        Runnable ended = () -> {
            onEnd.run();
            access.clientEnded(caller.clientId(), caller.user());
        };
        return new MappedObserver<>(serverCall(observer), response -> response, error -> ended.run(), ended);
    }

    @Override
    public void syncLiteSubscription(
            SyncLiteSubscriptionRequest request, StreamObserver<SyncLiteSubscriptionResponse> observer) {
        answerFailure(
                observer,
                status -> SyncLiteSubscriptionResponse.newBuilder()
                        .setStatus(status)
                        .build(),
                () -> {
                    Caller caller = gate.enterConsumer(request, request.getTopic(), request.getGroup());
                    access.checkNames(request.getLiteTopicSetCount());
                    subscriptions.sync(permitted(request, caller), observer);
                });
    }

    /**
     * A client that wants what its user may not have is refused. But one that repeats its whole set has not heard that a permission
     * is gone, and refusing would keep it from all else: it goes on without those lite topics, and is told of them again.
     */
    private SyncLiteSubscriptionRequest permitted(SyncLiteSubscriptionRequest request, Caller caller) {
        String topic = request.getTopic().getName();
        String group = request.getGroup().getName();
        boolean isRepeated =
                request.getAction() == LiteSubscriptionAction.COMPLETE_ADD && notices.canTell(caller.clientId(), group);
        if (!isRepeated) {
            if (isAddition(request.getAction())) {
                access.check(topic, caller.user(), Action.SUB, request.getLiteTopicSetList());
            }
            return request;
        }
        List<String> refused = access.refused(topic, caller.user(), Action.SUB, request.getLiteTopicSetList());
        if (refused.isEmpty()) {
            return request;
        }
        refused.forEach(liteTopic ->
                notices.unsubscribed(caller.clientId(), group, liteTopic, UnsubscribeReason.NOT_PERMITTED));
        Set<String> kept = new LinkedHashSet<>(request.getLiteTopicSetList());
        kept.removeAll(new HashSet<>(refused));
        return request.toBuilder().clearLiteTopicSet().addAllLiteTopicSet(kept).build();
    }

    /** Any action that is no removal, known or not: what is refused to nobody is giving something up. */
    private static boolean isAddition(LiteSubscriptionAction action) {
        return action != LiteSubscriptionAction.PARTIAL_REMOVE && action != LiteSubscriptionAction.COMPLETE_REMOVE;
    }

    // ---- messages ----

    @Override
    public void sendMessage(SendMessageRequest request, StreamObserver<SendMessageResponse> observer) {
        if (InternalTopics.isSentTo(request)) {
            answerFailure(
                    observer,
                    status -> SendMessageResponse.newBuilder().setStatus(status).build(),
                    () -> {
                        throw InternalTopics.refusal(
                                request.getMessages(0).getTopic().getName());
                    });
            return;
        }
        if (!sends.isLite(request)) {
            stock.sendMessage(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> SendMessageResponse.newBuilder().setStatus(status).build(),
                () -> {
                    Caller caller = gate.enter(request);
                    sends.checkPermissions(request, caller.user(), access);
                    LiteSend.Prepared prepared = sends.prepare(request);
                    try {
                        stock.sendMessage(prepared.request, prepared.observe(serverCall(observer)));
                    } catch (RuntimeException e) {
                        prepared.failed();
                        throw e;
                    }
                });
    }

    @Override
    public void receiveMessage(ReceiveMessageRequest request, StreamObserver<ReceiveMessageResponse> observer) {
        if (InternalTopics.isOne(request.getMessageQueue().getTopic())) {
            answerFailure(
                    observer,
                    status -> ReceiveMessageResponse.newBuilder()
                            .setStatus(status)
                            .build(),
                    () -> {
                        throw InternalTopics.refusal(
                                request.getMessageQueue().getTopic().getName());
                    });
            return;
        }
        Resource topic = request.getMessageQueue().getTopic();
        if (!requests.isLiteGroup(request.getGroup().getName())) {
            answerFailure(
                    observer,
                    status -> ReceiveMessageResponse.newBuilder()
                            .setStatus(status)
                            .build(),
                    () -> {
                        gate.checkOrdinaryConsumer(topic, request.getGroup());
                        stock.receiveMessage(request, observer);
                    });
            return;
        }
        answerFailure(
                observer,
                status -> ReceiveMessageResponse.newBuilder().setStatus(status).build(),
                () -> {
                    Caller caller = gate.enterConsumer(request, topic, request.getGroup());
                    Runnable over = access.receiveStarts(
                            caller.clientId(), request.getGroup().getName());
                    try {
                        receives.receive(request, new EndObserver<>(serverCall(observer), over));
                    } catch (RuntimeException e) {
                        over.run();
                        throw e;
                    }
                });
    }

    @Override
    public void ackMessage(AckMessageRequest request, StreamObserver<AckMessageResponse> observer) {
        if (!requests.isLiteGroup(request.getGroup().getName())) {
            boolean namesLiteTopic = request.getEntriesList().stream().anyMatch(AckMessageEntry::hasLiteTopic);
            if (!namesLiteTopic) {
                stock.ackMessage(request, observer);
                return;
            }
        }
        answerFailure(
                observer,
                status -> AckMessageResponse.newBuilder().setStatus(status).build(),
                () -> {
                    gate.enterConsumer(request, request.getTopic(), request.getGroup());
                    access.checkAcks(request.getEntriesCount());
                    settlements.ack(request, observer);
                });
    }

    @Override
    public void changeInvisibleDuration(
            ChangeInvisibleDurationRequest request, StreamObserver<ChangeInvisibleDurationResponse> observer) {
        if (!requests.isLiteGroup(request.getGroup().getName()) && !request.hasLiteTopic()) {
            stock.changeInvisibleDuration(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> ChangeInvisibleDurationResponse.newBuilder()
                        .setStatus(status)
                        .build(),
                () -> {
                    gate.enterConsumer(request, request.getTopic(), request.getGroup());
                    settlements.changeInvisibleDuration(request, observer);
                });
    }

    @Override
    public void forwardMessageToDeadLetterQueue(
            ForwardMessageToDeadLetterQueueRequest request,
            StreamObserver<ForwardMessageToDeadLetterQueueResponse> observer) {
        if (!requests.isLiteGroup(request.getGroup().getName()) && !request.hasLiteTopic()) {
            stock.forwardMessageToDeadLetterQueue(request, observer);
            return;
        }
        answerFailure(
                observer,
                status -> ForwardMessageToDeadLetterQueueResponse.newBuilder()
                        .setStatus(status)
                        .build(),
                () -> {
                    gate.enterConsumer(request, request.getTopic(), request.getGroup());
                    settlements.forwardToDeadLetterQueue(request, observer);
                });
    }

    // ---- never lite ----

    @Override
    public void pullMessage(PullMessageRequest request, StreamObserver<PullMessageResponse> observer) {
        if (InternalTopics.isOne(request.getMessageQueue().getTopic())) {
            answerFailure(
                    observer,
                    status -> PullMessageResponse.newBuilder().setStatus(status).build(),
                    () -> {
                        throw InternalTopics.refusal(
                                request.getMessageQueue().getTopic().getName());
                    });
            return;
        }
        answerFailure(
                observer,
                status -> PullMessageResponse.newBuilder().setStatus(status).build(),
                () -> {
                    gate.checkOrdinaryConsumer(request.getMessageQueue().getTopic(), request.getGroup());
                    stock.pullMessage(request, observer);
                });
    }

    @Override
    public void updateOffset(UpdateOffsetRequest request, StreamObserver<UpdateOffsetResponse> observer) {
        if (InternalTopics.isOne(request.getMessageQueue().getTopic())) {
            answerFailure(
                    observer,
                    status ->
                            UpdateOffsetResponse.newBuilder().setStatus(status).build(),
                    () -> {
                        throw InternalTopics.refusal(
                                request.getMessageQueue().getTopic().getName());
                    });
            return;
        }
        stock.updateOffset(request, observer);
    }

    @Override
    public void getOffset(GetOffsetRequest request, StreamObserver<GetOffsetResponse> observer) {
        stock.getOffset(request, observer);
    }

    @Override
    public void queryOffset(QueryOffsetRequest request, StreamObserver<QueryOffsetResponse> observer) {
        stock.queryOffset(request, observer);
    }

    @Override
    public void endTransaction(EndTransactionRequest request, StreamObserver<EndTransactionResponse> observer) {
        stock.endTransaction(request, observer);
    }

    @Override
    public void recallMessage(RecallMessageRequest request, StreamObserver<RecallMessageResponse> observer) {
        stock.recallMessage(request, observer);
    }

    /** Runs a check or a command; what it throws becomes the answer. */
    private static <T> void answerFailure(
            StreamObserver<T> observer,
            java.util.function.Function<apache.rocketmq.v2.Status, T> answer,
            Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            observer.onNext(answer.apply(Statuses.of(e)));
            observer.onCompleted();
        }
    }

    private static <T> ServerCallStreamObserver<T> serverCall(StreamObserver<T> observer) {
        return (ServerCallStreamObserver<T>) observer;
    }
}
