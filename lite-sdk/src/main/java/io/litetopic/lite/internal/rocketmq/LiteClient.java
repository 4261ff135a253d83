package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.HeartbeatRequest;
import apache.rocketmq.v2.NotifyClientTerminationRequest;
import apache.rocketmq.v2.NotifyUnsubscribeLiteCommand;
import apache.rocketmq.v2.Resource;
import io.litetopic.lite.internal.consumer.TransportListener;
import java.io.Closeable;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.impl.Settings;
import org.apache.rocketmq.client.java.impl.consumer.SimpleSubscriptionSettings;
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
final class LiteClient extends ClientImpl implements Closeable {

    private final Resource group;
    private final Settings settings;
    private volatile @Nullable Consumer<List<MessageQueueImpl>> routeListener;
    private volatile @Nullable Supplier<Set<Endpoints>> proxies;
    private volatile @Nullable Runnable startFailed;
    private volatile @Nullable TransportListener listener;
    private volatile apache.rocketmq.v2.Settings answered = apache.rocketmq.v2.Settings.getDefaultInstance();

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

    /** Disconnects. Blocks, perhaps for long: to be called through {@link OfficialClose}. */
    @Override
    public void close() {
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

    /**
     * Follows a route that is newer than the client's own. To be set before the start.
     *
     * @param proxies whom to send heartbeats, settings and the end to
     * @param routeListener told of the routes that the client has asked for
     * @param startFailed called when the start has failed, while the connections are still there; may block, must not throw
     */
    void follow(
            Supplier<Set<Endpoints>> proxies, Consumer<List<MessageQueueImpl>> routeListener, Runnable startFailed) {
        this.proxies = proxies;
        this.routeListener = routeListener;
        this.startFailed = startFailed;
    }

    /** Whether the group consumes in order, as the server said last. False for a group that does not exist. */
    boolean isGroupOrderly() {
        return answered.getSubscription().getFifo();
    }

    /**
     * Whether the proxy is of a version whose brokers have lite topics of their own: those put the quota into the settings of any
     * consumer, the plugin only into those of lite clients. Such a proxy accepts subscriptions on any topic, whether they have a
     * meaning there or not.
     */
    boolean isOfNativeVersion() {
        return answered.getSubscription().hasLiteSubscriptionQuota();
    }

    /** How often a message of the group is delivered at most, as the server said last. */
    int maxAttempts() {
        return answered.getBackoffPolicy().getMaxAttempts();
    }

    /** Opens a telemetry stream to a proxy that is new in the route. */
    void greet(Endpoints proxy) {
        telemetry(proxy, settingsCommand());
    }

    @Override
    protected Set<Endpoints> getTotalRouteEndpoints() {
        Supplier<Set<Endpoints>> known = proxies;
        return known == null ? super.getTotalRouteEndpoints() : known.get();
    }

    @Override
    protected void startUp() throws Exception {
        boolean started = false;
        try {
            super.startUp();
            started = true;
        } finally {
            if (!started) {
                Runnable told = startFailed;
                if (told != null) {
                    told.run(); // while the connections are there
                }
                shutDown();
            }
        }
    }

    @Override
    public void onTopicRouteDataUpdate0(String topic, TopicRouteData route) {
        Consumer<List<MessageQueueImpl>> told = routeListener;
        if (told != null) {
            told.accept(route.getMessageQueues());
        }
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
            answered = answer;
            TransportListener told = listener;
            if (told != null) {
                told.reachable();
            }
        }
    }
}
