package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.AckMessageRequest;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.Address;
import apache.rocketmq.v2.AddressScheme;
import apache.rocketmq.v2.Broker;
import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import apache.rocketmq.v2.ChangeInvisibleDurationResponse;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Digest;
import apache.rocketmq.v2.DigestType;
import apache.rocketmq.v2.Encoding;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.HeartbeatRequest;
import apache.rocketmq.v2.HeartbeatResponse;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.NotifyClientTerminationRequest;
import apache.rocketmq.v2.NotifyClientTerminationResponse;
import apache.rocketmq.v2.NotifyUnsubscribeLiteCommand;
import apache.rocketmq.v2.Permission;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.ReceiveMessageResponse;
import apache.rocketmq.v2.SendMessageRequest;
import apache.rocketmq.v2.SendMessageResponse;
import apache.rocketmq.v2.SendResultEntry;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import apache.rocketmq.v2.SystemProperties;
import apache.rocketmq.v2.TelemetryCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.apache.rocketmq.shaded.com.google.protobuf.ByteString;
import org.apache.rocketmq.shaded.grpc.netty.NettyServerBuilder;
import org.apache.rocketmq.shaded.io.grpc.Server;
import org.apache.rocketmq.shaded.io.grpc.stub.StreamObserver;

/**
 * A server that speaks the protocol over a real port, behind a {@link Forwarder}: it agrees to everything, and receives and
 * sends wait until a test answers them.
 */
final class RawServer extends MessagingServiceGrpc.MessagingServiceImplBase implements AutoCloseable {

    /** A whole set or a change that came, and when. */
    record Sync(SyncLiteSubscriptionRequest request, long nanoTime) {}

    /** A receive call that waits for its answer. */
    record Receive(ReceiveMessageRequest request, StreamObserver<ReceiveMessageResponse> observer) {
        void answer(Code code, Message... messages) {
            for (Message message : messages) {
                observer.onNext(
                        ReceiveMessageResponse.newBuilder().setMessage(message).build());
            }
            observer.onNext(ReceiveMessageResponse.newBuilder()
                    .setStatus(Status.newBuilder().setCode(code).setMessage("as the test says"))
                    .build());
            observer.onCompleted();
        }
    }

    /** A send that waits for its answer. */
    record Send(SendMessageRequest request, StreamObserver<SendMessageResponse> observer) {
        void answer() {
            String id = request.getMessages(0).getSystemProperties().getMessageId();
            RawServer.answer(
                    observer,
                    SendMessageResponse.newBuilder()
                            .setStatus(ok())
                            .addEntries(
                                    SendResultEntry.newBuilder().setStatus(ok()).setMessageId(id))
                            .build());
        }
    }

    final List<Sync> syncs = new CopyOnWriteArrayList<>();
    final BlockingQueue<Receive> receives = new LinkedBlockingQueue<>();
    final BlockingQueue<Send> sends = new LinkedBlockingQueue<>();
    final List<AckMessageRequest> acks = new CopyOnWriteArrayList<>();
    final List<ChangeInvisibleDurationRequest> changes = new CopyOnWriteArrayList<>();

    /** Streams whose settings have come. */
    final Set<StreamObserver<TelemetryCommand>> clients = ConcurrentHashMap.newKeySet();

    /** How many clients have said that they end. */
    final AtomicInteger terminations = new AtomicInteger();

    /** When the settings of a stream came last. */
    volatile long lastClientNanos;

    /** Whether streams that their client has ended stay open. */
    volatile boolean keepsStreams;

    private volatile List<RawServer> route = List.of(this);
    private volatile List<MessageType> messageTypes = List.of(MessageType.LITE, MessageType.FIFO);
    final AtomicInteger routeQueries = new AtomicInteger();

    private final Server server;
    private final Forwarder forwarder;

    RawServer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build()
                .start();
        forwarder = Forwarder.to(server.getPort());
    }

    String endpoints() {
        return "127.0.0.1:" + forwarder.port();
    }

    void cutConnections() throws IOException {
        forwarder.cut();
    }

    /** Cannot be reached until {@link #comeBack}. */
    void goAway() throws IOException {
        forwarder.down();
    }

    void comeBack() throws IOException {
        forwarder.up();
    }

    /** Whom this server names as the owners of the queues, itself at first. */
    void setRoute(RawServer... owners) {
        route = List.of(owners);
        messageTypes = List.of(MessageType.LITE, MessageType.FIFO);
    }

    /** Answers like a proxy that could not ask a broker for the topic's type. */
    void forgetMessageTypes() {
        messageTypes = List.of(MessageType.MESSAGE_TYPE_UNSPECIFIED);
        routeQueries.set(0);
    }

    void sayUnsubscribed(String liteTopic) {
        TelemetryCommand command = TelemetryCommand.newBuilder()
                .setNotifyUnsubscribeLiteCommand(
                        NotifyUnsubscribeLiteCommand.newBuilder().setLiteTopic(liteTopic))
                .build();
        clients.forEach(client -> client.onNext(command));
    }

    static Message message(String liteTopic, String body, long queueOffset) {
        ByteString bytes = ByteString.copyFromUtf8(body);
        CRC32 crc = new CRC32();
        crc.update(bytes.toByteArray());
        return Message.newBuilder()
                .setTopic(resource("bind-topic"))
                .setSystemProperties(SystemProperties.newBuilder()
                        .setMessageId("id-" + body)
                        .setMessageType(MessageType.LITE)
                        .setLiteTopic(liteTopic)
                        .setReceiptHandle("handle-" + body)
                        .setQueueOffset(queueOffset)
                        .setDeliveryAttempt(1)
                        .setBodyEncoding(Encoding.IDENTITY)
                        .setBodyDigest(Digest.newBuilder()
                                .setType(DigestType.CRC32)
                                .setChecksum(Long.toHexString(crc.getValue()).toUpperCase(java.util.Locale.ROOT))))
                .setBody(bytes)
                .build();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        forwarder.close();
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    @Override
    public void queryRoute(QueryRouteRequest request, StreamObserver<QueryRouteResponse> observer) {
        routeQueries.incrementAndGet();
        QueryRouteResponse.Builder response = QueryRouteResponse.newBuilder().setStatus(ok());
        for (RawServer owner : route) {
            response.addMessageQueues(MessageQueue.newBuilder()
                    .setTopic(request.getTopic())
                    .setId(response.getMessageQueuesCount())
                    .setPermission(Permission.READ_WRITE)
                    .addAllAcceptMessageTypes(messageTypes)
                    .setBroker(Broker.newBuilder()
                            .setName("broker")
                            .setEndpoints(Endpoints.newBuilder()
                                    .setScheme(AddressScheme.IPv4)
                                    .addAddresses(Address.newBuilder()
                                            .setHost("127.0.0.1")
                                            .setPort(owner.forwarder.port())))));
        }
        answer(observer, response.build());
    }

    @Override
    public StreamObserver<TelemetryCommand> telemetry(StreamObserver<TelemetryCommand> client) {
        return new StreamObserver<>() {
            @Override
            public void onNext(TelemetryCommand command) {
                clients.add(client);
                lastClientNanos = System.nanoTime();
                TelemetryCommand.Builder answer = command.toBuilder().setStatus(ok());
                if (command.getSettings().hasPublishing()) {
                    answer.getSettingsBuilder().getPublishingBuilder().setMaxBodySize(1 << 20);
                }
                client.onNext(answer.build());
            }

            @Override
            public void onError(Throwable error) {
                clients.remove(client);
            }

            @Override
            public void onCompleted() {
                clients.remove(client);
                if (!keepsStreams) {
                    client.onCompleted();
                }
            }
        };
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
        answer(observer, HeartbeatResponse.newBuilder().setStatus(ok()).build());
    }

    @Override
    public void syncLiteSubscription(
            SyncLiteSubscriptionRequest request, StreamObserver<SyncLiteSubscriptionResponse> observer) {
        syncs.add(new Sync(request, System.nanoTime()));
        answer(
                observer,
                SyncLiteSubscriptionResponse.newBuilder().setStatus(ok()).build());
    }

    @Override
    public void sendMessage(SendMessageRequest request, StreamObserver<SendMessageResponse> observer) {
        sends.add(new Send(request, observer));
    }

    @Override
    public void receiveMessage(ReceiveMessageRequest request, StreamObserver<ReceiveMessageResponse> observer) {
        receives.add(new Receive(request, observer));
    }

    @Override
    public void ackMessage(AckMessageRequest request, StreamObserver<AckMessageResponse> observer) {
        acks.add(request);
        answer(observer, AckMessageResponse.newBuilder().setStatus(ok()).build());
    }

    @Override
    public void changeInvisibleDuration(
            ChangeInvisibleDurationRequest request, StreamObserver<ChangeInvisibleDurationResponse> observer) {
        changes.add(request);
        answer(
                observer,
                ChangeInvisibleDurationResponse.newBuilder().setStatus(ok()).build());
    }

    @Override
    public void notifyClientTermination(
            NotifyClientTerminationRequest request, StreamObserver<NotifyClientTerminationResponse> observer) {
        terminations.incrementAndGet();
        answer(
                observer,
                NotifyClientTerminationResponse.newBuilder().setStatus(ok()).build());
    }

    private static <T> void answer(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private static Status ok() {
        return Status.newBuilder().setCode(Code.OK).build();
    }

    private static apache.rocketmq.v2.Resource resource(String name) {
        return apache.rocketmq.v2.Resource.newBuilder().setName(name).build();
    }
}
