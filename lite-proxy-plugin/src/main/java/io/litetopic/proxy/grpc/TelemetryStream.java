package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.SubscriptionEntry;
import apache.rocketmq.v2.TelemetryCommand;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.grpc.ClientStreams.ClientStream;
import io.litetopic.proxy.registry.LiteTopicNames;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.GroupDispatcher;
import org.jspecify.annotations.Nullable;

/**
 * One telemetry stream. Settings of lite clients are checked, shown to stock as those of a client type that it knows, and its
 * answer is completed with what lite clients need; for clients of lite groups the end of the stream is the end of the
 * connection. It counts as one only when stock has accepted the settings, since that is where a caller is authenticated. All
 * else passes unchanged.
 *
 * <p>gRPC calls the methods of one stream one after the other; stock answers on threads of its own.
 */
final class TelemetryStream implements StreamObserver<TelemetryCommand> {
    private final LiteRequests requests;
    private final ClientStreams streams;
    private final RefusedClients refusedClients;
    private final String clientId;
    private final ServerCallStreamObserver<TelemetryCommand> client;
    private final StreamObserver<TelemetryCommand> stock;
    private boolean refused;

    // guarded by this
    private @Nullable ClientStream announced; // what the settings say, accepted or not
    private @Nullable ClientStream connected;
    private boolean isOver;

    TelemetryStream(
            LiteRequests requests,
            ClientStreams streams,
            RefusedClients refusedClients,
            String clientId,
            ServerCallStreamObserver<TelemetryCommand> client,
            java.util.function.UnaryOperator<StreamObserver<TelemetryCommand>> stockService) {
        this.requests = requests;
        this.streams = streams;
        this.refusedClients = refusedClients;
        this.clientId = clientId;
        this.client = client;
        this.stock =
                stockService.apply(new MappedObserver<>(client, this::completeSettings, error -> ended(), this::ended));
    }

    /** Call it once the stream may be known to others. */
    TelemetryStream start() {
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
        boolean isLitePush = settings.getClientType() == ClientType.LITE_PUSH_CONSUMER;
        announce(new ClientStream(clientId, group, isLitePush));
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
            streams.opened(stream);
            if (dispatcher != null) {
                dispatcher.clientConnected(stream.clientId);
            }
        }
        if (stream.isLitePush && dispatcher != null) {
            dispatcher.clientSeen(stream.clientId);
        }
        return stream;
    }

    private TelemetryCommand completeSettings(TelemetryCommand command) {
        if (!command.hasSettings()) {
            return command;
        }
        ClientStream stream = connect();
        if (stream == null || !stream.isLitePush) {
            return command;
        }
        BindTopic bindTopic = requests.bindTopicOfGroup(stream.group);
        LiteGroupConfig group =
                bindTopic == null ? null : bindTopic.config().groups().get(stream.group);
        if (group == null) {
            return command;
        }
        Settings.Builder settings = command.getSettings().toBuilder().setClientType(ClientType.LITE_PUSH_CONSUMER);
        settings.getSubscriptionBuilder()
                // A response holds at most one message per lite topic, so its messages need not wait for each other.
                .setFifo(false)
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
        if (stream == null || !streams.closed(stream)) {
            return;
        }
        BindTopic bindTopic = requests.bindTopicOfGroup(stream.group);
        GroupDispatcher dispatcher = bindTopic == null ? null : bindTopic.dispatcher(stream.group);
        if (dispatcher != null) {
            dispatcher.clientDisconnected(stream.clientId);
        }
    }
}
