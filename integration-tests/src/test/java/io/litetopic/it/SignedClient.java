package io.litetopic.it;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageRequest;
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
import apache.rocketmq.v2.Publishing;
import apache.rocketmq.v2.QueryAssignmentRequest;
import apache.rocketmq.v2.QueryRouteRequest;
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
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.rocketmq.shaded.com.google.protobuf.ByteString;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannel;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannelBuilder;
import org.apache.rocketmq.shaded.io.grpc.Metadata;
import org.apache.rocketmq.shaded.io.grpc.stub.MetadataUtils;
import org.apache.rocketmq.shaded.io.grpc.stub.StreamObserver;

/** A client with credentials, or without, that calls each lite RPC by itself and checks nothing before it sends. */
final class SignedClient implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 15;
    private static final String DATE_TIME = "20260101T000000Z";

    private final ManagedChannel channel;
    private final Metadata headers = new Metadata();
    private final String clientId;

    private SignedClient(String endpoints, String clientId) {
        this.channel = ManagedChannelBuilder.forTarget("dns:///" + endpoints)
                .usePlaintext()
                .build();
        this.clientId = clientId;
        header("x-mq-language", "JAVA");
        header("x-mq-protocol", "v2");
        header("x-mq-client-version", "5.2.0");
        header("x-mq-client-id", clientId);
        header("x-mq-namespace", "");
        header("x-mq-date-time", DATE_TIME);
    }

    static SignedClient anonymous(String endpoints) {
        return new SignedClient(endpoints, "anonymous-" + UUID.randomUUID());
    }

    static SignedClient of(String endpoints, String user, String password) {
        return of(endpoints, user, password, user + '-' + UUID.randomUUID());
    }

    static SignedClient of(String endpoints, String user, String password, String clientId) {
        SignedClient client = new SignedClient(endpoints, clientId);
        client.header(
                "authorization",
                "MQv2-HMAC-SHA1 Credential=" + user + ", SignedHeaders=x-mq-date-time, Signature="
                        + signature(password));
        return client;
    }

    /** Sends one more header with each request. */
    SignedClient withHeader(String name, String value) {
        header(name, value);
        return this;
    }

    String clientId() {
        return clientId;
    }

    // ---- requests ----

    Status queryRoute(String topic) {
        return stub().queryRoute(QueryRouteRequest.newBuilder()
                        .setTopic(resource(topic))
                        .setEndpoints(Endpoints.getDefaultInstance())
                        .build())
                .getStatus();
    }

    Status queryAssignment(String topic, String group) {
        return stub().queryAssignment(QueryAssignmentRequest.newBuilder()
                        .setTopic(resource(topic))
                        .setGroup(resource(group))
                        .setEndpoints(Endpoints.getDefaultInstance())
                        .build())
                .getStatus();
    }

    Status sendLite(String topic, String liteTopic) {
        return send(message(topic, MessageType.LITE)
                .setSystemProperties(systemProperties(MessageType.LITE).setLiteTopic(liteTopic))
                .build());
    }

    /** As an ordinary FIFO producer would. */
    Status sendFifo(String topic, String messageGroup) {
        return send(message(topic, MessageType.FIFO)
                .setSystemProperties(systemProperties(MessageType.FIFO).setMessageGroup(messageGroup))
                .build());
    }

    private Status send(Message message) {
        return stub().sendMessage(
                        SendMessageRequest.newBuilder().addMessages(message).build())
                .getStatus();
    }

    Status subscribe(String topic, String group, String... liteTopics) {
        return sync(LiteSubscriptionAction.PARTIAL_ADD, topic, group, List.of(liteTopics));
    }

    Status sync(LiteSubscriptionAction action, String topic, String group, List<String> liteTopics) {
        return stub().syncLiteSubscription(SyncLiteSubscriptionRequest.newBuilder()
                        .setAction(action)
                        .setTopic(resource(topic))
                        .setGroup(resource(group))
                        .addAllLiteTopicSet(liteTopics)
                        .build())
                .getStatus();
    }

    /** What a receive call brought. */
    record Received(Status status, List<Message> messages) {}

    Received receive(String topic, String group, Duration wait) {
        List<Message> messages = new ArrayList<>();
        Status status = Status.getDefaultInstance();
        ReceiveMessageRequest request = receiveRequest(topic, group, wait);
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

    /** A receive call that waits until {@link #close()}, or until the server ends it. */
    void receiveInBackground(String topic, String group) {
        asyncStub().receiveMessage(receiveRequest(topic, group, Duration.ofSeconds(TIMEOUT_SECONDS)), new Ignoring<>());
    }

    private static ReceiveMessageRequest receiveRequest(String topic, String group, Duration wait) {
        return ReceiveMessageRequest.newBuilder()
                .setGroup(resource(group))
                .setMessageQueue(MessageQueue.newBuilder().setTopic(resource(topic)))
                .setFilterExpression(FilterExpression.newBuilder().setExpression("*"))
                .setBatchSize(16)
                .setInvisibleDuration(protobuf(Duration.ofMinutes(1)))
                .setLongPollingTimeout(protobuf(wait))
                .build();
    }

    /** Whatever the server answers. */
    private static final class Ignoring<T> implements StreamObserver<T> {
        @Override
        public void onNext(T value) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }

    Status ack(String topic, String group, String... receiptHandles) {
        AckMessageRequest.Builder request =
                AckMessageRequest.newBuilder().setTopic(resource(topic)).setGroup(resource(group));
        for (String handle : receiptHandles) {
            request.addEntries(AckMessageEntry.newBuilder().setMessageId("any").setReceiptHandle(handle));
        }
        return stub().ackMessage(request.build()).getStatus();
    }

    Status changeInvisibleDuration(String topic, String group, String receiptHandle) {
        return stub().changeInvisibleDuration(ChangeInvisibleDurationRequest.newBuilder()
                        .setTopic(resource(topic))
                        .setGroup(resource(group))
                        .setReceiptHandle(receiptHandle)
                        .setMessageId("any")
                        .setInvisibleDuration(protobuf(Duration.ofSeconds(1)))
                        .build())
                .getStatus();
    }

    Status forwardToDeadLetterQueue(String topic, String group, String receiptHandle) {
        return stub().forwardMessageToDeadLetterQueue(ForwardMessageToDeadLetterQueueRequest.newBuilder()
                        .setTopic(resource(topic))
                        .setGroup(resource(group))
                        .setReceiptHandle(receiptHandle)
                        .setMessageId("any")
                        .setDeliveryAttempt(1)
                        .setMaxDeliveryAttempts(1)
                        .build())
                .getStatus();
    }

    Status heartbeat(String group, ClientType type) {
        return stub().heartbeat(HeartbeatRequest.newBuilder()
                        .setGroup(resource(group))
                        .setClientType(type)
                        .build())
                .getStatus();
    }

    Status notifyTermination(String group) {
        NotifyClientTerminationRequest.Builder request = NotifyClientTerminationRequest.newBuilder();
        if (!group.isEmpty()) {
            request.setGroup(resource(group));
        }
        return stub().notifyClientTermination(request.build()).getStatus();
    }

    /** Sends the settings of a lite consumer; OK if the server answers with settings. */
    Status telemetry(String topic, String group) {
        return telemetry(Settings.newBuilder()
                .setClientType(ClientType.LITE_PUSH_CONSUMER)
                .setSubscription(Subscription.newBuilder()
                        .setGroup(resource(group))
                        .addSubscriptions(SubscriptionEntry.newBuilder()
                                .setTopic(resource(topic))
                                .setExpression(FilterExpression.newBuilder().setExpression("*"))))
                .build());
    }

    /** Sends the settings of a producer; OK if the server answers with settings. */
    Status producerTelemetry(String topic) {
        return telemetry(Settings.newBuilder()
                .setClientType(ClientType.PRODUCER)
                .setPublishing(Publishing.newBuilder().addTopics(resource(topic)))
                .build());
    }

    private Status telemetry(Settings settings) {
        CompletableFuture<Status> result = new CompletableFuture<>();
        StreamObserver<TelemetryCommand> requests = asyncStub().telemetry(new StreamObserver<>() {
            @Override
            public void onNext(TelemetryCommand command) {
                result.complete(
                        command.hasSettings()
                                ? Status.newBuilder().setCode(Code.OK).build()
                                : command.getStatus());
            }

            @Override
            public void onError(Throwable error) {
                result.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                result.completeExceptionally(new IllegalStateException("the server ended the stream without answer"));
            }
        });
        requests.onNext(TelemetryCommand.newBuilder().setSettings(settings).build());
        return result.join();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    // ---- parts ----

    private static Message.Builder message(String topic, MessageType type) {
        return Message.newBuilder()
                .setTopic(resource(topic))
                .setSystemProperties(systemProperties(type))
                .setBody(ByteString.copyFromUtf8("hello"));
    }

    private static SystemProperties.Builder systemProperties(MessageType type) {
        return SystemProperties.newBuilder()
                .setMessageId(UUID.randomUUID().toString())
                .setMessageType(type);
    }

    private MessagingServiceGrpc.MessagingServiceBlockingStub stub() {
        return MessagingServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private MessagingServiceGrpc.MessagingServiceStub asyncStub() {
        return MessagingServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private void header(String name, String value) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }

    private static String signature(String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            return HexFormat.of().withUpperCase().formatHex(mac.doFinal(DATE_TIME.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA1", e);
        }
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
