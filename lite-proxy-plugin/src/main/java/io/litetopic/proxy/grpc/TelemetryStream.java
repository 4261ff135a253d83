package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.SubscriptionEntry;
import apache.rocketmq.v2.TelemetryCommand;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.grpc.ClientStreams.ClientStream;
import io.litetopic.proxy.registry.LiteTopicNames;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.GroupDispatcher;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * One telemetry stream. Settings of lite clients are checked, shown to stock as those of a client type that it knows, and its
 * answer is completed with what lite clients need; for clients of lite groups the end of the stream is the end of the
 * connection. It counts as one only when stock has accepted the settings, since that is where a caller is authenticated. All
 * else passes unchanged.
 *
 * <p>gRPC calls the methods of one stream one after the other; stock answers on threads of its own, and commands of ours come
 * from the responders.
 */
final class TelemetryStream implements StreamObserver<TelemetryCommand> {
    /** Commands that wait for a client which takes nothing. */
    static final int MAX_WAITING = 10_000;

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final LiteRequests requests;
    private final ClientStreams streams;
    private final RefusedClients refusedClients;
    private final String clientId;
    private final String remoteAddress;
    private final ServerCallStreamObserver<TelemetryCommand> client;
    private final StreamObserver<TelemetryCommand> stock;
    private final Queue<TelemetryCommand> waiting = new ArrayDeque<>(); // guarded by itself
    private boolean refused;

    // guarded by this
    private @Nullable ClientStream announced; // what the settings say, accepted or not
    private @Nullable ClientStream connected;
    private boolean isOver;

    /** @param client takes writes of several threads, as a {@link SerialObserver} does */
    TelemetryStream(
            LiteRequests requests,
            ClientStreams streams,
            RefusedClients refusedClients,
            String clientId,
            String remoteAddress,
            ServerCallStreamObserver<TelemetryCommand> client,
            java.util.function.UnaryOperator<StreamObserver<TelemetryCommand>> stockService) {
        this.requests = requests;
        this.streams = streams;
        this.refusedClients = refusedClients;
        this.clientId = clientId;
        this.remoteAddress = remoteAddress;
        this.client = client;
        this.stock =
                stockService.apply(new MappedObserver<>(client, this::completeSettings, error -> ended(), this::ended));
    }

    /** Call it once the stream may be known to others, on the thread that begins the call. */
    TelemetryStream start() {
        client.setOnReadyHandler(this::sendWaiting);
        streams.started(this);
        return this;
    }

    String clientId() {
        return clientId;
    }

    /** Ends the stream from this side, if it is still open. */
    void end() {
        synchronized (this) {
            if (isOver) {
                return;
            }
        }
        ended();
        client.onCompleted();
    }

    /**
     * Sends a command once the client takes it. Any thread.
     *
     * @return false if the stream is over or {@value #MAX_WAITING} commands wait already: then it is dropped
     */
    boolean send(TelemetryCommand command) {
        synchronized (this) {
            if (isOver) {
                return false;
            }
        }
        synchronized (waiting) {
            if (waiting.size() >= MAX_WAITING) {
                return false;
            }
            waiting.add(command);
        }
        sendWaiting();
        return true;
    }

    private void sendWaiting() {
        synchronized (waiting) {
            try {
                while (!waiting.isEmpty() && client.isReady()) {
                    client.onNext(waiting.remove());
                }
            } catch (StatusRuntimeException | IllegalStateException e) {
                log.debug("telemetry stream has ended with commands that wait clientId={}", clientId, e);
                waiting.clear();
            }
        }
    }

    @Override
    public void onNext(TelemetryCommand command) {
        if (refused) {
            return;
        }
        if (!command.hasSettings() || !command.getSettings().hasSubscription()) {
            stock.onNext(command);
            return;
        }
        Settings settings = command.getSettings();
        String problem = problemOf(settings);
        if (problem != null) {
            refused = true;
            refusedClients.refused(clientId, problem);
            ended();
            client.onError(Status.INVALID_ARGUMENT.withDescription(problem).asRuntimeException());
            stock.onError(Status.CANCELLED.withDescription(problem).asRuntimeException());
            return;
        }
        String group = settings.getSubscription().getGroup().getName();
        BindTopic bindTopic = requests.bindTopicOfGroup(group);
        if (bindTopic == null) {
            stock.onNext(command);
            return;
        }
        announce(new ClientStream(clientId, group, settings.getClientType(), remoteAddress, this));
        stock.onNext(command.toBuilder()
                .setSettings(settings.toBuilder().setClientType(ClientTypes.asStockKnowsIt(settings.getClientType())))
                .build());
    }

    private @Nullable String problemOf(Settings settings) {
        String group = settings.getSubscription().getGroup().getName();
        ClientType type = settings.getClientType();
        BindTopic bindTopic = requests.bindTopicOfGroup(group);
        if (bindTopic == null) {
            return ClientTypes.isLite(type)
                    ? "consumer group is not a lite group [consumerGroup=" + group
                            + "]; declare it under bindTopics.<topic>.groups in the plugin's configuration"
                    : null;
        }
        if (type == ClientType.PUSH_CONSUMER) {
            return "consumer group is a lite group and takes no ordinary PushConsumer [consumerGroup=" + group
                    + ", bindTopic=" + bindTopic.name() + "]; use a LitePushConsumer, or another group";
        }
        for (SubscriptionEntry entry : settings.getSubscription().getSubscriptionsList()) {
            String topic = entry.getTopic().getName();
            if (!topic.equals(bindTopic.name())) {
                return "consumer group is bound to another topic [consumerGroup=" + group + ", bindTopic="
                        + bindTopic.name() + ", requested=" + topic + "]; use bind topic '" + bindTopic.name()
                        + "' or a group of its own for '" + topic + "'";
            }
        }
        return null;
    }

    private synchronized void announce(ClientStream stream) {
        if (announced == null) {
            announced = stream;
        }
    }

    /** Stock has accepted the settings; the stream that this concerns, or null if it is none of a lite group. */
    private synchronized @Nullable ClientStream connect() {
        ClientStream stream = announced;
        if (stream == null || isOver) {
            return stream;
        }
        BindTopic bindTopic = requests.bindTopicOfGroup(stream.group);
        GroupDispatcher dispatcher = bindTopic == null ? null : bindTopic.dispatcher(stream.group);
        if (connected == null) {
            connected = stream;
            streams.opened(
                    stream,
                    () -> {
                        if (dispatcher != null) {
                            dispatcher.clientDisconnected(stream.clientId);
                        }
                    },
                    () -> {
                        if (dispatcher != null) {
                            dispatcher.clientConnected(stream.clientId);
                        }
                    });
        }
        return stream;
    }

    private TelemetryCommand completeSettings(TelemetryCommand command) {
        if (!command.hasSettings()) {
            return command;
        }
        ClientStream stream = connect();
        if (stream == null || !stream.isLite()) {
            return command;
        }
        BindTopic bindTopic = requests.bindTopicOfGroup(stream.group);
        LiteGroupConfig group =
                bindTopic == null ? null : bindTopic.config().groups().get(stream.group);
        if (group == null) {
            return command;
        }
        Settings.Builder settings = command.getSettings().toBuilder().setClientType(stream.type);
        if (stream.isLitePush()) {
            // A response holds at most one message per lite topic, so its messages need not wait for each other.
            settings.getSubscriptionBuilder().setFifo(false);
        }
        settings.getSubscriptionBuilder()
                .setLiteSubscriptionQuota(group.subscriptionsPerClient())
                .setMaxLiteTopicSize(LiteTopicNames.MAX_BYTES);
        return command.toBuilder().setSettings(settings).build();
    }

    @Override
    public void onError(Throwable error) {
        ended();
        if (!refused) {
            stock.onError(error);
        }
    }

    @Override
    public void onCompleted() {
        ended();
        if (!refused) {
            stock.onCompleted();
        }
    }

    private synchronized void ended() {
        isOver = true;
        streams.ended(this);
        ClientStream stream = connected;
        connected = null;
        if (stream == null) {
            return;
        }
        BindTopic bindTopic = requests.bindTopicOfGroup(stream.group);
        GroupDispatcher dispatcher = bindTopic == null ? null : bindTopic.dispatcher(stream.group);
        streams.closed(stream, () -> {
            if (dispatcher != null) {
                dispatcher.clientDisconnected(stream.clientId);
            }
        });
    }
}
