package io.litetopic.it;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AddressScheme;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.FilterExpression;
import apache.rocketmq.v2.ForwardMessageToDeadLetterQueueRequest;
import apache.rocketmq.v2.HeartbeatRequest;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.NotifyClientTerminationRequest;
import apache.rocketmq.v2.OffsetOption;
import apache.rocketmq.v2.QueryAssignmentRequest;
import apache.rocketmq.v2.QueryAssignmentResponse;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SendMessageRequest;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.Subscription;
import apache.rocketmq.v2.SubscriptionEntry;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SystemProperties;
import apache.rocketmq.v2.TelemetryCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.shaded.com.google.protobuf.ByteString;
import org.apache.rocketmq.shaded.com.google.protobuf.UnknownFieldSet;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannel;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannelBuilder;
import org.apache.rocketmq.shaded.io.grpc.Metadata;
import org.apache.rocketmq.shaded.io.grpc.stub.MetadataUtils;
import org.apache.rocketmq.shaded.io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * A client that checks nothing before it sends: what a client in another language, or a broken one, might ask of the proxy. Each
 * object is a client of its own to the server.
 */
final class RawClient implements AutoCloseable {
    private static final Duration LONG_POLLING = Duration.ofSeconds(3);
    private static final int TIMEOUT_SECONDS = 10;

    private final ManagedChannel channel;
    private final Metadata headers = new Metadata();
    private @Nullable StreamObserver<TelemetryCommand> telemetry;

    RawClient(String endpoints) {
        channel = ManagedChannelBuilder.forTarget("dns:///" + endpoints)
                .usePlaintext()
                .build();
        header("x-mq-language", "JAVA");
        header("x-mq-protocol", "v2");
        header("x-mq-client-version", "5.2.0");
        header("x-mq-client-id", "raw-" + UUID.randomUUID());
        header("x-mq-namespace", "");
    }

    /** A group and the topic it asks for. */
    record Address(String topic, String group) {}

    /** What a receive call brought. */
    record Received(Status status, List<Message> messages) {}

    Status sendLite(String topic, String liteTopic, String body) {
        Message message = Message.newBuilder()
                .setTopic(resource(topic))
                .setSystemProperties(SystemProperties.newBuilder()
                        .setMessageId(UUID.randomUUID().toString())
                        .setMessageType(MessageType.LITE)
                        .setLiteTopic(liteTopic))
                .setBody(ByteString.copyFromUtf8(body))
                .build();
        return stub().sendMessage(
                        SendMessageRequest.newBuilder().addMessages(message).build())
                .getStatus();
    }

    Status sync(LiteSubscriptionAction action, Address address, String... liteTopics) {
        return stub().syncLiteSubscription(SyncLiteSubscriptionRequest.newBuilder()
                        .setAction(action)
                        .setTopic(resource(address.topic))
                        .setGroup(resource(address.group))
                        .addAllLiteTopicSet(List.of(liteTopics))
                        .build())
                .getStatus();
    }

    Status sync(LiteSubscriptionAction action, Address address, OffsetOption option, String... liteTopics) {
        return stub().syncLiteSubscription(SyncLiteSubscriptionRequest.newBuilder()
                        .setAction(action)
                        .setTopic(resource(address.topic))
                        .setGroup(resource(address.group))
                        .addAllLiteTopicSet(List.of(liteTopics))
                        .setOffsetOption(option)
                        .build())
                .getStatus();
    }

    /** Waits three seconds for messages, which then stay hidden for a minute. */
    Received receive(Address address, int maxMessages) {
        return receive(address, maxMessages, Duration.ofMinutes(1));
    }

    /** @param invisible null to leave it out */
    Received receive(Address address, int maxMessages, @Nullable Duration invisible) {
        List<Message> messages = new ArrayList<>();
        Status status = Status.getDefaultInstance();
        ReceiveMessageRequest.Builder builder = ReceiveMessageRequest.newBuilder()
                .setGroup(resource(address.group))
                .setMessageQueue(MessageQueue.newBuilder().setTopic(resource(address.topic)))
                .setFilterExpression(FilterExpression.newBuilder().setExpression("*"))
                .setBatchSize(maxMessages)
                .setLongPollingTimeout(protobuf(LONG_POLLING));
        if (invisible != null) {
            builder.setInvisibleDuration(protobuf(invisible));
        }
        ReceiveMessageRequest request = builder.build();
        for (var responses = stub().receiveMessage(request); responses.hasNext(); ) {
            ReceiveMessageResponse response = responses.next();
            if (response.hasMessage()) {
                messages.add(response.getMessage());
            } else if (response.hasStatus()) {
                status = response.getStatus();
            }
        }
        return new Received(status, messages);
    }

    Status ack(Address address, String receiptHandle) {
        return ack(address, AckMessageEntry.newBuilder().setReceiptHandle(receiptHandle));
    }

    Status ack(Address address, String liteTopic, String receiptHandle) {
        return ack(
                address,
                AckMessageEntry.newBuilder().setReceiptHandle(receiptHandle).setLiteTopic(liteTopic));
    }

    private Status ack(Address address, AckMessageEntry.Builder entry) {
        return stub().ackMessage(AckMessageRequest.newBuilder()
                        .setTopic(resource(address.topic))
                        .setGroup(resource(address.group))
                        .addEntries(entry.setMessageId("any"))
                        .build())
                .getStatus();
    }

    Status changeInvisibleDuration(Address address, String receiptHandle, Duration duration) {
        return stub().changeInvisibleDuration(
                        change(address, receiptHandle, duration).build())
                .getStatus();
    }

    /** As the protocol of later clients has it; this one's lacks the two fields. */
    Status suspend(Address address, String liteTopic, String receiptHandle, Duration duration) {
        UnknownFieldSet laterFields = UnknownFieldSet.newBuilder()
                .addField(
                        6,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8(liteTopic))
                                .build())
                .addField(7, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        return stub().changeInvisibleDuration(change(address, receiptHandle, duration)
                        .setUnknownFields(laterFields)
                        .build())
                .getStatus();
    }

    /**
     * Opens a telemetry stream and declares a consumer on it.
     *
     * @return what the server sends on the stream; a stream that breaks ends it with nothing more
     */
    BlockingQueue<TelemetryCommand> declare(ClientType type, Address address) {
        BlockingQueue<TelemetryCommand> commands = new LinkedBlockingQueue<>();
        telemetry = MessagingServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .telemetry(new StreamObserver<>() {
                    @Override
                    public void onNext(TelemetryCommand command) {
                        commands.add(command);
                    }

                    @Override
                    public void onError(Throwable error) {}

                    @Override
                    public void onCompleted() {}
                });
        telemetry.onNext(TelemetryCommand.newBuilder()
                .setSettings(Settings.newBuilder()
                        .setClientType(type)
                        .setSubscription(Subscription.newBuilder()
                                .setGroup(resource(address.group))
                                .addSubscriptions(SubscriptionEntry.newBuilder()
                                        .setTopic(resource(address.topic))
                                        .setExpression(
                                                FilterExpression.newBuilder().setExpression("*")))))
                .build());
        return commands;
    }

    Status heartbeat(ClientType type, Address address) {
        return stub().heartbeat(HeartbeatRequest.newBuilder()
                        .setGroup(resource(address.group))
                        .setClientType(type)
                        .build())
                .getStatus();
    }

    QueryAssignmentResponse queryAssignment(Address address) {
        return stub().queryAssignment(QueryAssignmentRequest.newBuilder()
                .setTopic(resource(address.topic))
                .setGroup(resource(address.group))
                .setEndpoints(Endpoints.newBuilder()
                        .setScheme(AddressScheme.IPv4)
                        .addAddresses(apache.rocketmq.v2.Address.newBuilder()
                                .setHost("127.0.0.1")
                                .setPort(1)))
                .build());
    }

    Status terminate(Address address) {
        return stub().notifyClientTermination(NotifyClientTerminationRequest.newBuilder()
                        .setGroup(resource(address.group))
                        .build())
                .getStatus();
    }

    Status forwardToDeadLetterQueue(Address address, String receiptHandle) {
        return stub().forwardMessageToDeadLetterQueue(ForwardMessageToDeadLetterQueueRequest.newBuilder()
                        .setTopic(resource(address.topic))
                        .setGroup(resource(address.group))
                        .setReceiptHandle(receiptHandle)
                        .setMessageId("any")
                        .setDeliveryAttempt(1)
                        .setMaxDeliveryAttempts(1)
                        .build())
                .getStatus();
    }

    @Override
    public void close() {
        if (telemetry != null) {
            telemetry.onCompleted();
        }
        channel.shutdownNow();
    }

    static boolean isOk(Status status) {
        return status.getCode() == Code.OK;
    }

    private static ChangeInvisibleDurationRequest.Builder change(
            Address address, String receiptHandle, Duration duration) {
        return ChangeInvisibleDurationRequest.newBuilder()
                .setTopic(resource(address.topic))
                .setGroup(resource(address.group))
                .setReceiptHandle(receiptHandle)
                .setMessageId("any")
                .setInvisibleDuration(protobuf(duration));
    }

    private MessagingServiceGrpc.MessagingServiceBlockingStub stub() {
        return MessagingServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private void header(String name, String value) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }

    private static Resource resource(String name) {
        return Resource.newBuilder().setName(name).build();
    }

    private static org.apache.rocketmq.shaded.com.google.protobuf.Duration protobuf(Duration duration) {
        return org.apache.rocketmq.shaded.com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }
}
