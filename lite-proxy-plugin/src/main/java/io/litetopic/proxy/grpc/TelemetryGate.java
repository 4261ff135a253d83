package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.TelemetryCommand;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.rocketmq.Caller;
import io.litetopic.proxy.runtime.BindTopic;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of a telemetry stream: settings of lite clients, and any settings under a client id that has an owner, are
 * checked as every lite request is. A client that is refused gets the status as stock answers it, and its stream ends.
 *
 * <p>gRPC calls the methods of one stream one after the other.
 */
final class TelemetryGate implements StreamObserver<TelemetryCommand> {
    private final RequestGate gate;
    private final AccessControl access;
    private final String clientId;
    private final ServerCallStreamObserver<TelemetryCommand> client;
    private final StreamObserver<TelemetryCommand> stream;
    private @Nullable Caller owner;
    private boolean isOver;

    /** @param client may be written to by this and by {@code stream} */
    TelemetryGate(
            RequestGate gate,
            AccessControl access,
            String clientId,
            ServerCallStreamObserver<TelemetryCommand> client,
            StreamObserver<TelemetryCommand> stream) {
        this.gate = gate;
        this.access = access;
        this.clientId = clientId;
        this.client = client;
        this.stream = stream;
    }

    @Override
    public void onNext(TelemetryCommand command) {
        if (isOver) {
            return;
        }
        if (command.hasSettings() && isGuarded(command.getSettings())) {
            try {
                admit(command);
            } catch (RuntimeException e) {
                refuse(e);
                return;
            }
        }
        stream.onNext(command);
    }

    private boolean isGuarded(Settings settings) {
        return ClientTypes.isLite(settings.getClientType())
                || bindTopicOfGroup(settings) != null
                || settings.getPublishing().getTopicsList().stream()
                        .anyMatch(topic -> gate.bindTopic(topic.getName()) != null)
                || !access.userOf(clientId).isEmpty();
    }

    private void admit(TelemetryCommand command) {
        BindTopic ofGroup = bindTopicOfGroup(command.getSettings());
        Caller caller;
        if (ofGroup == null) {
            caller = gate.enter(command);
        } else {
            Resource group = command.getSettings().getSubscription().getGroup();
            caller = gate.enterConsumer(command, RequestGate.topicOf(ofGroup), group);
        }
        if (owner == null) {
            owner = caller;
            access.streamStarted(caller.clientId(), caller.user());
        }
    }

    private @Nullable BindTopic bindTopicOfGroup(Settings settings) {
        return settings.hasSubscription()
                ? gate.bindTopicOfGroup(settings.getSubscription().getGroup().getName())
                : null;
    }

    private void refuse(RuntimeException problem) {
        try {
            client.onNext(TelemetryCommand.newBuilder()
                    .setStatus(Statuses.of(problem))
                    .build());
            client.onCompleted();
        } finally {
            onCompleted();
        }
    }

    @Override
    public void onError(Throwable error) {
        if (!isOver) {
            ended();
            stream.onError(error);
        }
    }

    @Override
    public void onCompleted() {
        if (!isOver) {
            ended();
            stream.onCompleted();
        }
    }

    private void ended() {
        isOver = true;
        if (owner != null) {
            access.streamEnded(owner.clientId(), owner.user());
        }
    }
}
