package io.litetopic.lite.internal.rocketmq;

import static java.util.Objects.requireNonNull;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.HeartbeatRequest;
import apache.rocketmq.v2.NotifyClientTerminationRequest;
import apache.rocketmq.v2.NotifyUnsubscribeLiteCommand;
import apache.rocketmq.v2.Resource;
import io.litetopic.lite.internal.consumer.TransportListener;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Executor;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.impl.Settings;
import org.apache.rocketmq.client.java.impl.consumer.SimpleSubscriptionSettings;
import org.apache.rocketmq.client.java.impl.consumer.SubscriptionLoadBalancer;
import org.apache.rocketmq.client.java.misc.ClientId;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.route.MessageQueueImpl;
import org.apache.rocketmq.client.java.route.TopicRouteData;
import org.jspecify.annotations.Nullable;

/**
 * The official client as a simple consumer of one topic: connections, credentials, route, heartbeats and telemetry are
 * its own. It is a subclass of the common base of the official clients rather than one of them, because only so it
 * learns what the server says unasked: the official simple consumer drops that.
 *
 * <p>Thread-safe.
 */
final class LiteClient extends ClientImpl {

    private final Resource group;
    private final Settings settings;
    private volatile @Nullable SubscriptionLoadBalancer queues;
    private volatile @Nullable TransportListener listener;

    LiteClient(ClientConfiguration configuration, String topic, Resource group, Duration longPollingTimeout) {
        super(configuration, Collections.singleton(topic));
        this.group = group;
        this.settings = new LiteSettings(configuration, getClientId(), getEndpoints(), topic, longPollingTimeout);
    }

    /** Connects. Blocks. */
    void start() {
        invoke("startAsync");
        awaitRunning();
    }

    /** Disconnects. Blocks, perhaps for long. */
    void stop() {
        invoke("stopAsync");
        awaitTerminated();
    }

    void listen(TransportListener listener) {
        this.listener = listener;
    }

    /** Runs what follows from calls, on threads that belong to no call; ends with the client. */
    Executor callbacks() {
        return clientCallbackExecutor;
    }

    /** Where to receive next: the queues of the topic, in turn. */
    MessageQueueImpl takeQueue() {
        return requireNonNull(queues, "client is not started").takeMessageQueue();
    }

    @Override
    protected void startUp() throws Exception {
        boolean started = false;
        try {
            super.startUp();
            started = true;
        } finally {
            if (!started) {
                shutDown();
            }
        }
    }

    @Override
    public void onTopicRouteDataUpdate0(String topic, TopicRouteData route) {
        queues = new SubscriptionLoadBalancer(route);
    }

    @Override
    public void onNotifyUnsubscribeLiteCommand(Endpoints proxy, NotifyUnsubscribeLiteCommand command) {
        TransportListener told = listener;
        if (told != null) {
            told.unsubscribed(command.getLiteTopic());
        }
    }

    @Override
    public Settings getSettings() {
        return settings;
    }

    @Override
    public HeartbeatRequest wrapHeartbeatRequest() {
        return HeartbeatRequest.newBuilder()
                .setGroup(group)
                .setClientType(ClientType.SIMPLE_CONSUMER)
                .build();
    }

    @Override
    public NotifyClientTerminationRequest wrapNotifyClientTerminationRequest() {
        return NotifyClientTerminationRequest.newBuilder().setGroup(group).build();
    }

    /** By name, as the type that these methods return is shaded in one variant of the client and not in the other. */
    private void invoke(String method) {
        try {
            ClientImpl.class.getMethod(method).invoke(this);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(method + " of the official client failed", e.getCause());
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalStateException(method + " of the official client is not accessible", e);
        }
    }

    /** The settings of a simple consumer; the server's answer to them shows that the telemetry stream works. */
    private final class LiteSettings extends SimpleSubscriptionSettings {
        LiteSettings(
                ClientConfiguration configuration,
                ClientId clientId,
                Endpoints endpoints,
                String topic,
                Duration longPollingTimeout) {
            super(
                    configuration.getNamespace(),
                    clientId,
                    endpoints,
                    new org.apache.rocketmq.client.java.message.protocol.Resource(group),
                    configuration.getRequestTimeout(),
                    longPollingTimeout,
                    Collections.singletonMap(topic, FilterExpression.SUB_ALL));
        }

        @Override
        public void sync(apache.rocketmq.v2.Settings answer) {
            super.sync(answer);
            TransportListener told = listener;
            if (told != null) {
                told.reachable();
            }
        }
    }
}
