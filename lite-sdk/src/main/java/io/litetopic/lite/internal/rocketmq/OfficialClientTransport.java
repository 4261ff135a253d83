package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueRequest;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueResponse;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.Delivery;
import io.litetopic.lite.internal.consumer.Futures;
import io.litetopic.lite.internal.consumer.LiteTransport;
import io.litetopic.lite.internal.consumer.StockFacts;
import io.litetopic.lite.internal.consumer.SubscriptionSync;
import io.litetopic.lite.internal.consumer.TransportListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.message.MessageViewImpl;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.route.MessageQueueImpl;
import org.apache.rocketmq.client.java.rpc.RpcFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Talks to the server over the connections of the official client. */
final class OfficialClientTransport implements LiteTransport {

    // Said at the start; each call has its own.
    private static final Duration LONG_POLLING_TIMEOUT = Duration.ofSeconds(15);
    // A call that ends while its answer is on the way loses deliveries: a process that was stopped for a while must not
    // do that.
    private static final Duration RECEIVE_PATIENCE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(OfficialClientTransport.class);

    private static final String NATIVE_TOPIC =
            "the bind topic is of type LITE, so its lite topics are the brokers' own (RocketMQ 5.5.0 and later)";
    private static final String NATIVE_VERSION =
            "the proxy is of RocketMQ 5.5.0 or later, has lite topics of its own, and runs without the LiteTopic plugin";

    private static final Status NO_STATUS = Status.newBuilder()
            .setCode(Code.INTERNAL_SERVER_ERROR)
            .setMessage("the server gave no status")
            .build();

    private final LiteClient client;
    private final ClientManager manager;
    private final Reconnects reconnects;
    private final Route route;
    private final CallScope receiveCalls;
    private final ConnectionWatch watch;
    private final Resource topic;
    private final Resource group;
    private final Duration timeout;
    private final String context;
    private volatile @Nullable TransportListener listener;

    private final Object routeLock = new Object();
    private Set<Endpoints> greeted = Collections.emptySet(); // guarded by routeLock

    private OfficialClientTransport(
            ClassLoader loader, LiteClient client, ClientConfiguration configuration, Resource topic, Resource group)
            throws LiteException {
        this.client = client;
        this.manager = client.getClientManager();
        this.timeout = configuration.getRequestTimeout();
        this.topic = topic;
        this.group = group;
        this.context = context(configuration, topic, group);
        this.reconnects = Reconnects.of(manager, loader);
        this.route = new Route(client, reconnects, topic, timeout, context, this::routeChanged);
        this.receiveCalls = CallScope.open(loader);
        this.watch = ConnectionWatch.of(
                manager, loader, proxy -> client.callbacks().execute(() -> contactLost(proxy.toString())));
    }

    /** Connects to the server. Blocks. */
    static LiteTransport connect(
            ClassLoader loader, ClientConfiguration configuration, String bindTopic, String consumerGroup)
            throws LiteException {
        Resource topic = resource(configuration, bindTopic);
        Resource group = resource(configuration, consumerGroup);
        LiteClient client = new LiteClient(configuration, bindTopic, group, LONG_POLLING_TIMEOUT);
        OfficialClientTransport transport = new OfficialClientTransport(loader, client, configuration, topic, group);
        client.follow(transport::endpoints, transport.route::clientHas, transport::askForRoute);
        try {
            client.start();
        } catch (RuntimeException e) {
            // Brokers with lite topics of their own refuse this client in a way that says nothing.
            throw transport.isNative()
                    ? transport.notServed(NATIVE_TOPIC, e)
                    : OfficialErrors.ofStart(
                            "cannot start the consumer " + transport.context,
                            "check the endpoints, and that the bind topic exists and is declared at the proxy",
                            e);
        }
        transport.reconnects.endUnusedAlways(transport.manager, transport::usedConnections);
        boolean servesLite = transport.route.messageTypes().contains("LITE");
        if (transport.isNative() || (client.isOfNativeVersion() && !servesLite)) {
            transport.close();
            throw transport.notServed(servesLite ? NATIVE_TOPIC : NATIVE_VERSION, null);
        }
        return transport;
    }

    private LiteException notServed(String reason, @Nullable Throwable cause) {
        return new LiteException(
                "cannot start the consumer " + context + ": " + reason
                        + ", which this version does not serve; use the LitePushConsumer of the official client there, or a"
                        + " bind topic of type FIFO at a 5.3.3 proxy with the LiteTopic plugin",
                false,
                null,
                cause);
    }

    /** Blocks until the route is known or cannot be. */
    private void askForRoute() {
        try {
            route.refresh().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("no route after a failed start", e);
        }
    }

    @Override
    public void listen(TransportListener listener) {
        synchronized (routeLock) {
            greeted = endpoints();
        }
        this.listener = listener;
        client.listen(listener);
    }

    @Override
    public Set<String> proxies() {
        return route.current().keySet();
    }

    @Override
    public CompletableFuture<Set<String>> refreshRoute() {
        return route.refresh();
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(
            String address, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout) {
        String what = "cannot receive " + context;
        Route.Proxy proxy = route.current().get(address);
        if (proxy == null) {
            return failed(notInRoute(what, address));
        }
        MessageQueueImpl queue = proxy.takeQueue();
        ReceiveMessageRequest request =
                ReceiveRequests.of(group, queue.toProtobuf(), maxMessages, invisibleDuration, longPollingTimeout);
        long startNanos = System.nanoTime();
        Duration patience = timeout.compareTo(RECEIVE_PATIENCE) < 0 ? RECEIVE_PATIENCE : timeout;
        RpcFuture<ReceiveMessageRequest, List<ReceiveMessageResponse>> rpc = receiveCalls.start(
                () -> manager.receiveMessage(proxy.endpoints(), request, longPollingTimeout.plus(patience)));
        CompletableFuture<List<Delivery>> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc, client.callbacks()),
                responses -> {
                    LiteException refused =
                            OfficialErrors.ofReceive(what, status(responses), RpcFutures.requestId(rpc));
                    if (refused == null) {
                        // The proxy answers before the long poll is over.
                        long lateNanos = System.nanoTime() - startNanos - longPollingTimeout.toNanos();
                        result.complete(deliveries(responses, queue, Duration.ofNanos(Math.max(0, lateNanos))));
                    } else {
                        result.completeExceptionally(refused);
                    }
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        return ackAll(delivery.proxy(), Collections.singletonList(delivery)).get(0);
    }

    @Override
    public boolean acksTogether() {
        return true;
    }

    @Override
    public List<CompletableFuture<Void>> ackAll(String address, List<Delivery> deliveries) {
        String what = "cannot ack " + context;
        AckMessageRequest.Builder request =
                AckMessageRequest.newBuilder().setGroup(group).setTopic(topic);
        List<CompletableFuture<Void>> results = new ArrayList<>(deliveries.size());
        for (Delivery delivery : deliveries) {
            MessageViewImpl view = view(delivery);
            request.addEntries(AckMessageEntry.newBuilder()
                    .setMessageId(view.getMessageId().toString())
                    .setReceiptHandle(view.getReceiptHandle()));
            results.add(new CompletableFuture<>());
        }
        RpcFuture<AckMessageRequest, AckMessageResponse> rpc =
                manager.ackMessage(view(deliveries.get(0)).getEndpoints(), request.build(), timeout);
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    for (int i = 0; i < results.size(); i++) {
                        Status status = AckResults.statusOf(response, request.getEntries(i));
                        complete(results.get(i), OfficialErrors.ofStatus(what, status, RpcFutures.requestId(rpc)));
                    }
                },
                failure -> {
                    LiteException unanswered = unanswered(what, failure);
                    results.forEach(result -> result.completeExceptionally(unanswered));
                });
        return results;
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        return change(delivery, SuspendRequests.withDuration(request(delivery), invisibleDuration));
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        return change(delivery, SuspendRequests.withSuspend(request(delivery), suspendTime, delivery.liteTopic()));
    }

    /** The plugin adds LITE to the types of a FIFO topic, brokers with lite topics of their own have topics of that type alone. */
    private boolean isNative() {
        Set<String> types = route.messageTypes();
        return types.contains("LITE") && !types.contains("FIFO");
    }

    @Override
    public CompletableFuture<Void> fail(Delivery delivery, Duration backoff) {
        return changeInvisibleDuration(delivery, backoff);
    }

    @Override
    public CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts) {
        String what = "cannot move a message to the dead letter queue " + context;
        MessageViewImpl view = view(delivery);
        ForwardMessageToDeadLetterQueueRequest request = ForwardMessageToDeadLetterQueueRequest.newBuilder()
                .setGroup(group)
                .setTopic(topic)
                .setReceiptHandle(view.getReceiptHandle())
                .setMessageId(view.getMessageId().toString())
                .setDeliveryAttempt(view.getDeliveryAttempt())
                .setMaxDeliveryAttempts(maxAttempts)
                .build();
        RpcFuture<ForwardMessageToDeadLetterQueueRequest, ForwardMessageToDeadLetterQueueResponse> rpc =
                manager.forwardMessageToDeadLetterQueue(view.getEndpoints(), request, timeout);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> complete(
                        result, OfficialErrors.ofStatus(what, response.getStatus(), RpcFutures.requestId(rpc))),
                failure -> result.completeExceptionally(unanswered(what, failure)));
        return result;
    }

    @Override
    public StockFacts stockFacts() {
        return StockFacts.of(client.isGroupOrderly(), client.maxAttempts(), route.messageTypes());
    }

    @Override
    public CompletableFuture<Boolean> hasTopic(String address, String name) {
        String what = "cannot ask for a topic [endpoints=" + address + ", topic=" + name + "]";
        Route.Proxy proxy = route.current().get(address);
        if (proxy == null) {
            return failed(notInRoute(what, address));
        }
        QueryRouteRequest request = QueryRouteRequest.newBuilder()
                .setTopic(topic.toBuilder().setName(name))
                .setEndpoints(proxy.endpoints().toProtobuf())
                .build();
        RpcFuture<QueryRouteRequest, QueryRouteResponse> rpc = manager.queryRoute(proxy.endpoints(), request, timeout);
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    Status status = response.getStatus();
                    LiteException refused = OfficialErrors.ofStatus(what, status, RpcFutures.requestId(rpc));
                    boolean unknown = status.getCode() == Code.TOPIC_NOT_FOUND || status.getCode() == Code.FORBIDDEN;
                    if (refused == null || unknown) {
                        result.complete(refused == null && response.getMessageQueuesCount() > 0);
                    } else {
                        result.completeExceptionally(refused);
                    }
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
    }

    @Override
    public CompletableFuture<Void> syncSubscription(String address, SubscriptionSync sync) {
        String what = "cannot " + sync + " " + context;
        Route.Proxy proxy = route.current().get(address);
        if (proxy == null) {
            return failed(notInRoute(what, address));
        }
        reconnects.reconnect(proxy.endpoints());
        RpcFuture<SyncLiteSubscriptionRequest, SyncLiteSubscriptionResponse> rpc =
                manager.syncLiteSubscription(proxy.endpoints(), SubscriptionRequests.of(sync, topic, group), timeout);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    LiteException refused =
                            OfficialErrors.ofStatus(what, response.getStatus(), RpcFutures.requestId(rpc));
                    if (refused == null && sync.action() == SubscriptionSync.Action.REPLACE) {
                        watch.watch(proxy.endpoints());
                    }
                    complete(result, refused);
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
    }

    @Override
    public void stopReceiving() {
        receiveCalls.cancel();
    }

    @Override
    public void close() {
        watch.close();
        OfficialClose.close(client);
    }

    private void contactLost(String proxy) {
        TransportListener told = listener;
        if (told != null) {
            told.contactLost(proxy);
        }
    }

    private void routeChanged() {
        TransportListener told = listener;
        if (told == null) {
            return; // The client is starting: it greets the proxies itself, and nothing goes on with them.
        }
        // One after the other, so that the last one told of is the last one.
        synchronized (routeLock) {
            Map<String, Route.Proxy> now = route.current();
            Set<Endpoints> current = endpoints();
            watch.retain(current);
            for (Endpoints proxy : current) {
                if (!greeted.contains(proxy)) {
                    client.greet(proxy);
                }
            }
            greeted = current;
            told.routeChanged(now.keySet());
        }
    }

    private Set<Endpoints> usedConnections() {
        Set<Endpoints> used = endpoints();
        used.add(client.getEndpoints());
        return used;
    }

    /** What happens every minute, now. */
    void endUnusedConnections() {
        reconnects.endUnused(usedConnections());
    }

    private Set<Endpoints> endpoints() {
        Set<Endpoints> endpoints = new HashSet<>();
        route.current().values().forEach(proxy -> endpoints.add(proxy.endpoints()));
        return endpoints;
    }

    private static LiteException notInRoute(String what, String proxy) {
        return new LiteException(what + ": the proxy has left the route [proxy=" + proxy + "]", true, null, null);
    }

    private static <T> CompletableFuture<T> failed(LiteException failure) {
        CompletableFuture<T> result = new CompletableFuture<>();
        result.completeExceptionally(failure);
        return result;
    }

    private CompletableFuture<Void> change(Delivery delivery, ChangeInvisibleDurationRequest request) {
        MessageViewImpl view = view(delivery);
        RpcFuture<ChangeInvisibleDurationRequest, ChangeInvisibleDurationResponse> rpc =
                manager.changeInvisibleDuration(view.getEndpoints(), request, timeout);
        String what = "cannot change the invisible duration " + context;
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    LiteException refused =
                            OfficialErrors.ofStatus(what, response.getStatus(), RpcFutures.requestId(rpc));
                    if (refused == null && !response.getReceiptHandle().isEmpty()) {
                        view.setReceiptHandle(response.getReceiptHandle());
                    }
                    complete(result, refused);
                },
                failure -> result.completeExceptionally(unanswered(what, failure)));
        return result;
    }

    private LiteException unanswered(String what, Throwable failure) {
        route.suspect();
        return OfficialErrors.ofCall(what, failure);
    }

    private ChangeInvisibleDurationRequest request(Delivery delivery) {
        MessageViewImpl view = view(delivery);
        return ChangeInvisibleDurationRequest.newBuilder()
                .setGroup(group)
                .setTopic(topic)
                .setReceiptHandle(view.getReceiptHandle())
                .setMessageId(view.getMessageId().toString())
                .build();
    }

    private static void complete(CompletableFuture<Void> result, @Nullable LiteException error) {
        if (error == null) {
            result.complete(null);
        } else {
            result.completeExceptionally(error);
        }
    }

    private static Status status(List<ReceiveMessageResponse> responses) {
        Status status = NO_STATUS;
        for (ReceiveMessageResponse response : responses) {
            if (response.hasStatus()) {
                status = response.getStatus();
            }
        }
        return status;
    }

    private static List<Delivery> deliveries(
            List<ReceiveMessageResponse> responses, MessageQueueImpl queue, Duration late) {
        List<Delivery> deliveries = new ArrayList<>(responses.size());
        for (ReceiveMessageResponse response : responses) {
            if (response.hasMessage()) {
                deliveries.add(new OfficialDelivery(
                        MessageViewImpl.fromProtobuf(response.getMessage(), queue),
                        response.getMessage().getSystemProperties().getQueueId(),
                        late));
            }
        }
        return deliveries;
    }

    private static MessageViewImpl view(Delivery delivery) {
        return ((OfficialDelivery) delivery).view();
    }

    private static Resource resource(ClientConfiguration configuration, String name) {
        return Resource.newBuilder()
                .setResourceNamespace(configuration.getNamespace())
                .setName(name)
                .build();
    }

    private static String context(ClientConfiguration configuration, Resource topic, Resource group) {
        return "[endpoints=" + configuration.getEndpoints() + ", bindTopic=" + topic.getName() + ", consumerGroup="
                + group.getName() + "]";
    }
}
