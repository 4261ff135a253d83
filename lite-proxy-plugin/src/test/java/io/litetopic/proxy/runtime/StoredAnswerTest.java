package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.JournalConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With a flush interval of 0 a settlement is answered when what it means is stored. */
class StoredAnswerTest {
    private static final BrokerQueue FIRST = BrokerQueue.of("chat", "broker-a", 0);
    private static final BrokerQueue SECOND = BrokerQueue.of("chat", "broker-a", 1);
    private static final BrokerQueue JOURNAL_OF_SECOND = BrokerQueue.of("LITE_JOURNAL_a", "broker-a", 1);

    private final InMemoryBroker broker = new InMemoryBroker(FIRST, SECOND);
    private final BindTopics topics = new BindTopics(new PluginConfig(Map.of(
            "chat",
            new BindTopicConfig(
                    "chat",
                    null,
                    100,
                    2,
                    Map.of("a", new LiteGroupConfig("a", SubscriptionMode.SHARED, 10, 100, 3))))));
    private final LiteRuntime runtime = new LiteRuntime(
            topics,
            new JournalConfig(Duration.ZERO, false),
            (topic, gateway, scheduler) -> QueueClaims.ofAll("owner"),
            ClusterTimings.DEFAULT,
            () -> {},
            broker,
            config -> {});

    @AfterEach
    void close() {
        broker.onAppend((queue, record) -> InMemoryBroker.Append.STORED);
        broker.storeDelayed(JOURNAL_OF_SECOND);
        runtime.close();
    }

    private GroupDispatcher dispatcher() {
        return Objects.requireNonNull(topics.all().iterator().next().dispatcher("a"));
    }

    private Delivery receive() {
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
                        new Poll("client", 1, 1, Duration.ofMinutes(5).toNanos(), listener),
                        Duration.ofSeconds(20),
                        LiteTopicFilter.ALL);
        return answer.join().get(0);
    }

    @Test
    void aSuspendIsStoredAlsoIfTheLiteTopicIsWrittenDownWithAnotherQueueThanTheMessageIsOf() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() ->
                assertThat(topics.all().iterator().next().hasServed()).isTrue());
        dispatcher().subscribe("client", Set.of("room")).join();
        broker.append(FIRST, "room", "first");
        Delivery delivery = receive();
        broker.append(SECOND, "room", "second");
        await().untilAsserted(() -> assertThat(broker.lastPulled(SECOND)).isEqualTo(1));

        broker.onAppend((queue, record) ->
                queue.equals(JOURNAL_OF_SECOND) ? InMemoryBroker.Append.SLOW : InMemoryBroker.Append.STORED);
        CompletableFuture<Settlement> suspended =
                dispatcher().suspend("client", delivery.receiptHandle(), Duration.ofMinutes(5));
        await().untilAsserted(
                        () -> assertThat(broker.hasDelayed(JOURNAL_OF_SECOND)).isTrue());

        assertThat(suspended).isNotDone();
        await().untilAsserted(() -> {
            broker.storeDelayed(JOURNAL_OF_SECOND);
            assertThat(suspended).isCompletedWithValue(Settlement.OK);
        });
    }
}
