package io.litetopic.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.Subscription;
import apache.rocketmq.v2.TelemetryCommand;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.SubscriptionMode;
import io.litetopic.proxy.engine.UnsubscribeReason;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.BindTopics;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.InMemoryBroker;
import io.litetopic.proxy.runtime.LiteRuntime;
import io.litetopic.proxy.runtime.PollListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryStreamTest {
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUE);
    private final PluginConfig config = new PluginConfig(Map.of(
            "chat",
            new BindTopicConfig(
                    "chat",
                    null,
                    100,
                    1,
                    Map.of("group", new LiteGroupConfig("group", SubscriptionMode.SHARED, 10, 100, 5)))));
    private final BindTopics topics = new BindTopics(config);
    private final LiteRuntime runtime = new LiteRuntime(topics, "owner", () -> {}, broker, config -> {});
    private final ClientStreams streams = new ClientStreams();
    private final UnsubscribeNotices notices = new UnsubscribeNotices(streams, Runnable::run);
    private final FakeCall<TelemetryCommand> call = new FakeCall<>();
    private volatile StreamObserver<TelemetryCommand> stockAnswers = call;

    @BeforeEach
    void start() {
        runtime.start(notices);
        BindTopic topic = Objects.requireNonNull(topics.ofTopic("chat"));
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({"LITE_PUSH_CONSUMER, false", "LITE_SIMPLE_CONSUMER, true"})
    void settingsOfLiteConsumersComeBackWithTheirTypeAndTheLimits(ClientType type, boolean fifo) {
        TelemetryStream stream = stream("client:1");

        stream.onNext(settings(type));

        assertThat(call.values).singleElement().satisfies(answer -> {
            assertThat(answer.getSettings().getClientType()).isEqualTo(type);
            Subscription subscription = answer.getSettings().getSubscription();
            assertThat(subscription.getFifo()).isEqualTo(fifo);
            assertThat(subscription.getLiteSubscriptionQuota()).isEqualTo(10);
            assertThat(subscription.getMaxLiteTopicSize()).isEqualTo(63);
        });
    }

    @Test
    void lostSubscriptionIsToldOnTheClientsStream() {
        stream("client:1").onNext(settings(ClientType.LITE_PUSH_CONSUMER));

        notices.unsubscribed("client", "group", "room", UnsubscribeReason.TAKEN_OVER);
        notices.unsubscribed("client", "another group", "room", UnsubscribeReason.TAKEN_OVER);
        notices.unsubscribed("nobody", "group", "room", UnsubscribeReason.TAKEN_OVER);

        assertThat(told()).containsExactly("room");
    }

    @Test
    void noticesWaitForAClientThatTakesNothingButNotWithoutLimit() {
        stream("client:1").onNext(settings(ClientType.LITE_PUSH_CONSUMER));
        call.setReady(false);
        for (int i = 0; i < TelemetryStream.MAX_WAITING + 5; i++) {
            notices.unsubscribed("client", "group", "room-" + i, UnsubscribeReason.EXPIRED);
        }
        assertThat(told()).isEmpty();

        call.setReady(true);

        assertThat(told())
                .hasSize(TelemetryStream.MAX_WAITING)
                .startsWith("room-0", "room-1")
                .endsWith("room-" + (TelemetryStream.MAX_WAITING - 1));
    }

    @Test
    void writesOfStockAndOfNoticesNeverOverlap() throws Exception {
        TelemetryStream stream = stream("client:1");
        stream.onNext(settings(ClientType.LITE_PUSH_CONSUMER));
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                boolean asStock = writer % 2 == 0;
                writers.add(pool.submit(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        if (asStock) {
                            stockAnswers.onNext(TelemetryCommand.getDefaultInstance());
                        } else {
                            notices.unsubscribed("client", "group", "room", UnsubscribeReason.TAKEN_OVER);
                        }
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(call.values).hasSize(1 + 4 * 2_000);
        assertThat(call.overlapped).isFalse();
    }

    @Test
    void streamThatHasEndedTakesNoNotice() {
        TelemetryStream stream = stream("client:1");
        stream.onNext(settings(ClientType.LITE_PUSH_CONSUMER));

        stream.onCompleted();
        stream.end();
        notices.unsubscribed("client", "group", "room", UnsubscribeReason.TAKEN_OVER);

        assertThat(told()).isEmpty();
        assertThat(call.completed).isCompleted();
    }

    @Test
    void requestOverAnotherConnectionIsAsGoodAsANewStream() throws Exception {
        dispatcher().subscribe("client", Set.of("room")).join();
        TelemetryStream stream = stream("client:1");
        stream.onNext(settings(ClientType.LITE_PUSH_CONSUMER));
        broker.append(QUEUE, "room", "payload");
        assertThat(receive().get().get(0).attempt()).isEqualTo(1);
        CompletableFuture<List<Delivery>> next = receive();

        stream.onError(io.grpc.Status.CANCELLED.asRuntimeException());
        streams.requested("client", "client:1", dispatcher());
        streams.requested("client", "", dispatcher());
        dispatcher().subscribe("client", Set.of("another")).join(); // behind whatever those have caused
        assertThat(next).isNotDone();
        streams.requested("client", "client:2", dispatcher());

        // It may never have got the delivery; had its time run out, this would be the second attempt.
        assertThat(next.get().get(0).attempt()).isEqualTo(1);
    }

    @Test
    void streamOverAnotherConnectionMeansThatTheOneBeforeBroke() throws Exception {
        dispatcher().subscribe("client", Set.of("room")).join();
        stream("client:1").onNext(settings(ClientType.LITE_PUSH_CONSUMER));
        broker.append(QUEUE, "room", "payload");
        assertThat(receive().get().get(0).attempt()).isEqualTo(1);
        CompletableFuture<List<Delivery>> next = receive();

        stream("client:1").onNext(settings(ClientType.LITE_PUSH_CONSUMER));
        dispatcher().subscribe("client", Set.of("another")).join(); // behind whatever that has caused
        assertThat(next).isNotDone();
        stream("client:2").onNext(settings(ClientType.LITE_PUSH_CONSUMER));

        // The end of the first was never seen, and the delivery may have been lost with it.
        assertThat(next.get().get(0).attempt()).isEqualTo(1);
    }

    private TelemetryStream stream(String remoteAddress) {
        LiteRequests requests = new LiteRequests(topics, new AccessControl(config, false));
        return new TelemetryStream(
                        requests,
                        streams,
                        new RefusedClients(),
                        "client",
                        remoteAddress,
                        new SerialObserver<>(call),
                        this::stockService)
                .start();
    }

    /** Stock answers settings with themselves. */
    private StreamObserver<TelemetryCommand> stockService(StreamObserver<TelemetryCommand> answers) {
        stockAnswers = answers;
        return new StreamObserver<TelemetryCommand>() {
            @Override
            public void onNext(TelemetryCommand command) {
                answers.onNext(command);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    private static TelemetryCommand settings(ClientType type) {
        return TelemetryCommand.newBuilder()
                .setSettings(Settings.newBuilder()
                        .setClientType(type)
                        .setSubscription(Subscription.newBuilder()
                                .setFifo(true)
                                .setGroup(Resource.newBuilder().setName("group"))))
                .build();
    }

    private List<String> told() {
        return call.values.stream()
                .filter(TelemetryCommand::hasNotifyUnsubscribeLiteCommand)
                .map(command -> command.getNotifyUnsubscribeLiteCommand().getLiteTopic())
                .toList();
    }

    private GroupDispatcher dispatcher() {
        return Objects.requireNonNull(
                Objects.requireNonNull(topics.ofTopic("chat")).dispatcher("group"));
    }

    private CompletableFuture<List<Delivery>> receive() {
        CompletableFuture<List<Delivery>> answer = new CompletableFuture<>();
        PollListener listener = new PollListener() {
            @Override
            public void onDeliveries(List<Delivery> deliveries) {
                answer.complete(deliveries);
            }

            @Override
            public void onNothing() {
                answer.complete(List.of());
            }

            @Override
            public void onUnknownClient() {
                answer.completeExceptionally(new IllegalStateException("unknown client"));
            }

            @Override
            public void onUnavailable(String reason) {
                answer.completeExceptionally(new IllegalStateException(reason));
            }
        };
        dispatcher()
                .poll(
                        new Poll("client", 1, 1, Poll.WHILE_CLIENT_LIVES, listener),
                        Duration.ofSeconds(20),
                        LiteTopicFilter.ALL);
        return answer;
    }
}
