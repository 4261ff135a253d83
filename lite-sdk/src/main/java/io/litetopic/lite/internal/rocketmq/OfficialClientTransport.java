package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.Delivery;
import io.litetopic.lite.internal.consumer.Futures;
import io.litetopic.lite.internal.consumer.LiteTransport;
import io.litetopic.lite.internal.consumer.SubscriptionSync;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.message.MessageViewImpl;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.rpc.RpcFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the server through the official client: receive and ack over its public simple consumer, subscriptions and
 * invisible durations over its connections directly. The latter because its own call forgets the receipt handle when
 * the server refuses a change.
 */
public final class OfficialClientTransport implements LiteTransport {

    private static final Logger log = LoggerFactory.getLogger(OfficialClientTransport.class);

    // below the 20 s that stock proxies allow at most
    private static final Duration LONG_POLLING_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final SimpleConsumer consumer;
    private final ClientManager manager;
    private final RouteEndpoints route;
    private final CallScope receiveCalls;
    private final Resource topic;
    private final Resource group;
    private final Duration timeout;
    private final String context;

    private OfficialClientTransport(
            SimpleConsumer consumer,
            ClientImpl client,
            CallScope receiveCalls,
            ClientConfiguration configuration,
            String bindTopic,
            String consumerGroup) {
        this.consumer = consumer;
        this.manager = client.getClientManager();
        this.receiveCalls = receiveCalls;
        this.timeout = configuration.getRequestTimeout();
        this.topic = resource(configuration, bindTopic);
        this.group = resource(configuration, consumerGroup);
        this.context = context(configuration, bindTopic, consumerGroup);
        this.route = new RouteEndpoints(client, topic, timeout, context);
    }

    /**
     * Connects a simple consumer to the server. Blocks.
     *
     * @throws LiteException if the client on the class path is not supported or the server cannot be reached
     */
    public static LiteTransport connect(
            ClientServiceProvider provider, ClientConfiguration configuration, String bindTopic, String consumerGroup)
            throws LiteException {
        ClassLoader loader = provider.getClass().getClassLoader();
        ClientCompatibility.check(loader);
        CallScope receiveCalls = CallScope.open(loader);
        SimpleConsumer consumer = startConsumer(provider, configuration, bindTopic, consumerGroup);
        if (!(consumer instanceof ClientImpl)) {
            closeQuietly(consumer);
            throw ClientCompatibility.unsupported(
                    loader, "consumer=" + consumer.getClass().getName(), null);
        }
        return new OfficialClientTransport(
                consumer, (ClientImpl) consumer, receiveCalls, configuration, bindTopic, consumerGroup);
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(int maxMessages, Duration invisibleDuration) {
        CompletableFuture<List<Delivery>> result = new CompletableFuture<>();
        // The callback must not run in the scope: what it calls would end with it.
        Futures.onDone(
                receiveCalls.start(() -> consumer.receiveAsync(maxMessages, invisibleDuration)),
                views -> result.complete(deliveries(views)),
                failure -> result.completeExceptionally(OfficialErrors.ofCall("cannot receive " + context, failure)));
        return result;
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                consumer.ackAsync(view(delivery)),
                done -> result.complete(null),
                failure -> result.completeExceptionally(OfficialErrors.ofCall("cannot ack " + context, failure)));
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
        CompletableFuture<Set<Endpoints>> proxies =
                sync.action() == SubscriptionSync.Action.REPLACE ? route.refresh() : route.get();
        return proxies.thenCompose(all -> {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (Endpoints proxy : all) {
                calls.add(syncSubscription(sync, request, proxy));
            }
            return CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]));
        });
    }

    @Override
    public void stopReceiving() {
        receiveCalls.cancel();
    }

    @Override
    public void close() {
        closeQuietly(consumer);
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

    private static List<Delivery> deliveries(List<MessageView> views) {
        List<Delivery> deliveries = new ArrayList<>(views.size());
        for (MessageView view : views) {
            deliveries.add(new OfficialDelivery((MessageViewImpl) view));
        }
        return deliveries;
    }

    private static MessageViewImpl view(Delivery delivery) {
        return ((OfficialDelivery) delivery).view();
    }

    private static SimpleConsumer startConsumer(
            ClientServiceProvider provider, ClientConfiguration configuration, String bindTopic, String consumerGroup)
            throws LiteException {
        ConcurrentMap<String, FilterExpression> subscription = new ConcurrentHashMap<>();
        subscription.put(bindTopic, FilterExpression.SUB_ALL);
        try {
            return provider.newSimpleConsumerBuilder()
                    .setClientConfiguration(configuration)
                    .setConsumerGroup(consumerGroup)
                    .setAwaitDuration(LONG_POLLING_TIMEOUT)
                    .setSubscriptionExpressions(subscription)
                    .build();
        } catch (Exception e) {
            throw OfficialErrors.ofStart(
                    "cannot start the consumer " + context(configuration, bindTopic, consumerGroup), e);
        }
    }

    /**
     * The official client tells the server first that it ends, and then waits without limit for its connections. One of its
     * telemetry streams may stay open for ever after a reconnect, so that wait is not ours.
     */
    private static void closeQuietly(SimpleConsumer consumer) {
        Thread closer = new Thread(
                () -> {
                    try {
                        consumer.close();
                    } catch (IOException | IllegalStateException e) {
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

    private static String context(ClientConfiguration configuration, String bindTopic, String consumerGroup) {
        return "[endpoints=" + configuration.getEndpoints() + ", bindTopic=" + bindTopic + ", consumerGroup="
                + consumerGroup + "]";
    }
}
