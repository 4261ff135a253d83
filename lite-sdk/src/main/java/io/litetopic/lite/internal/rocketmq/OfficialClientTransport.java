package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Code;
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
import io.litetopic.lite.internal.consumer.SubscriptionSync;
import io.litetopic.lite.internal.consumer.TransportListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

    private static final Logger log = LoggerFactory.getLogger(OfficialClientTransport.class);

    // below the 20 s that stock proxies allow at most
    private static final Duration LONG_POLLING_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private static final Status NO_STATUS = Status.newBuilder()
            .setCode(Code.INTERNAL_SERVER_ERROR)
            .setMessage("the server gave no status")
            .build();

    private final LiteClient client;
    private final ClientManager manager;
    private final RouteEndpoints route;
    private final CallScope receiveCalls;
    private final ConnectionWatch watch;
    private final Resource topic;
    private final Resource group;
    private final Duration timeout;
    private final String context;
    private volatile @Nullable TransportListener listener;

    private OfficialClientTransport(
            ClassLoader loader, LiteClient client, ClientConfiguration configuration, Resource topic, Resource group)
            throws LiteException {
        this.client = client;
        this.manager = client.getClientManager();
        this.timeout = configuration.getRequestTimeout();
        this.topic = topic;
        this.group = group;
        this.context = context(configuration, topic, group);
        this.route = new RouteEndpoints(client, topic, timeout, context);
        this.receiveCalls = CallScope.open(loader);
        this.watch =
                ConnectionWatch.of(manager, loader, () -> client.callbacks().execute(this::contactLost));
    }

    /** Connects to the server. Blocks. */
    static LiteTransport connect(
            ClassLoader loader, ClientConfiguration configuration, String bindTopic, String consumerGroup)
            throws LiteException {
        Resource topic = resource(configuration, bindTopic);
        Resource group = resource(configuration, consumerGroup);
        LiteClient client = new LiteClient(configuration, bindTopic, group, LONG_POLLING_TIMEOUT);
        OfficialClientTransport transport = new OfficialClientTransport(loader, client, configuration, topic, group);
        try {
            client.start();
        } catch (RuntimeException e) {
            throw OfficialErrors.ofStart("cannot start the consumer " + transport.context, e);
        }
        return transport;
    }

    @Override
    public void listen(TransportListener listener) {
        this.listener = listener;
        client.listen(listener);
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(int maxMessages, Duration invisibleDuration) {
        String what = "cannot receive " + context;
        MessageQueueImpl queue = client.takeQueue();
        ReceiveMessageRequest request =
                ReceiveRequests.of(group, queue.toProtobuf(), maxMessages, invisibleDuration, LONG_POLLING_TIMEOUT);
        RpcFuture<ReceiveMessageRequest, List<ReceiveMessageResponse>> rpc = receiveCalls.start(() ->
                manager.receiveMessage(queue.getBroker().getEndpoints(), request, LONG_POLLING_TIMEOUT.plus(timeout)));
        CompletableFuture<List<Delivery>> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc, client.callbacks()),
                responses -> {
                    LiteException refused =
                            OfficialErrors.ofReceive(what, status(responses), RpcFutures.requestId(rpc));
                    if (refused == null) {
                        result.complete(deliveries(responses, queue));
                    } else {
                        result.completeExceptionally(refused);
                    }
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        String what = "cannot ack " + context;
        MessageViewImpl view = view(delivery);
        AckMessageRequest request = AckMessageRequest.newBuilder()
                .setGroup(group)
                .setTopic(topic)
                .addEntries(AckMessageEntry.newBuilder()
                        .setMessageId(view.getMessageId().toString())
                        .setReceiptHandle(view.getReceiptHandle()))
                .build();
        RpcFuture<AckMessageRequest, AckMessageResponse> rpc =
                manager.ackMessage(view.getEndpoints(), request, timeout);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> complete(
                        result, OfficialErrors.ofStatus(what, response.getStatus(), RpcFutures.requestId(rpc))),
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        return change(delivery, SuspendRequests.withDuration(request(delivery), invisibleDuration));
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        return change(delivery, SuspendRequests.withSuspend(request(delivery), suspendTime, delivery.liteTopic()));
    }

    @Override
    public CompletableFuture<Void> syncSubscription(SubscriptionSync sync) {
        SyncLiteSubscriptionRequest request = SubscriptionRequests.of(sync, topic, group);
        if (sync.action() != SubscriptionSync.Action.REPLACE) {
            return route.get().thenCompose(proxies -> allOf(callAll(sync, request, proxies)));
        }
        // The proxies that are known hear of this client at once, those that are new when the route has come.
        Map<Endpoints, CompletableFuture<Void>> calls = callAll(sync, request, route.known());
        return route.refresh().thenCompose(proxies -> {
            Set<Endpoints> added = new HashSet<>(proxies);
            added.removeAll(calls.keySet());
            calls.putAll(callAll(sync, request, added));
            calls.keySet().retainAll(proxies);
            watch.watch(proxies);
            return allOf(calls);
        });
    }

    private Map<Endpoints, CompletableFuture<Void>> callAll(
            SubscriptionSync sync, SyncLiteSubscriptionRequest request, Set<Endpoints> proxies) {
        Map<Endpoints, CompletableFuture<Void>> calls = new HashMap<>();
        for (Endpoints proxy : proxies) {
            calls.put(proxy, syncSubscription(sync, request, proxy));
        }
        return calls;
    }

    private static CompletableFuture<Void> allOf(Map<Endpoints, CompletableFuture<Void>> calls) {
        return CompletableFuture.allOf(calls.values().toArray(new CompletableFuture<?>[0]));
    }

    @Override
    public void stopReceiving() {
        receiveCalls.cancel();
    }

    @Override
    public void close() {
        watch.close();
        closeQuietly(client);
    }

    private void contactLost() {
        TransportListener told = listener;
        if (told != null) {
            told.contactLost();
        }
    }

    private CompletableFuture<Void> syncSubscription(
            SubscriptionSync sync, SyncLiteSubscriptionRequest request, Endpoints proxy) {
        String what = "cannot " + sync + " " + context;
        RpcFuture<SyncLiteSubscriptionRequest, SyncLiteSubscriptionResponse> rpc =
                manager.syncLiteSubscription(proxy, request, timeout);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> complete(
                        result, OfficialErrors.ofStatus(what, response.getStatus(), RpcFutures.requestId(rpc))),
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
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
                failure -> result.completeExceptionally(OfficialErrors.ofCall(what, failure)));
        return result;
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

    private static List<Delivery> deliveries(List<ReceiveMessageResponse> responses, MessageQueueImpl queue) {
        List<Delivery> deliveries = new ArrayList<>(responses.size());
        for (ReceiveMessageResponse response : responses) {
            if (response.hasMessage()) {
                deliveries.add(new OfficialDelivery(MessageViewImpl.fromProtobuf(response.getMessage(), queue)));
            }
        }
        return deliveries;
    }

    private static MessageViewImpl view(Delivery delivery) {
        return ((OfficialDelivery) delivery).view();
    }

    /**
     * The official client tells the server first that it ends, and then waits without limit for its connections. One of its
     * telemetry streams may stay open for ever after a reconnect, so that wait is not ours.
     */
    private static void closeQuietly(LiteClient client) {
        Thread closer = new Thread(
                () -> {
                    try {
                        client.stop();
                    } catch (IllegalStateException e) {
                        log.warn("official client did not close cleanly", e);
                    }
                },
                "lite-consumer-close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(CLOSE_TIMEOUT.toMillis());
            if (closer.isAlive()) {
                log.warn(
                        "official client still waits for its connections to end, left to itself waitedMillis={}",
                        CLOSE_TIMEOUT.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
