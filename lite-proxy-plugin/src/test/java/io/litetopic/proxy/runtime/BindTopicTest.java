package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BindTopicTest {
    private static final BrokerQueue FIRST = BrokerQueue.of("chat", "broker-a", 0);
    private static final BrokerQueue SECOND = BrokerQueue.of("chat", "broker-a", 1);

    private final InMemoryBroker broker = new InMemoryBroker(FIRST, SECOND);
    private final BindTopics topics = topics();
    private final BindTopic topic = topics.all().iterator().next();
    private final LiteRuntime runtime = new LiteRuntime(topics, "owner", () -> {}, broker, config -> {});

    private static BindTopics topics() {
        return new BindTopics(new io.litetopic.proxy.config.PluginConfig(
                Map.of("chat", new BindTopicConfig("chat", null, 100, 2, Map.of("a", group("a"), "b", group("b"))))));
    }

    private static LiteGroupConfig group(String name) {
        return new LiteGroupConfig(name, SubscriptionMode.SHARED, 10, 100, 3);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void groupThatWaitsForAQueueRefusesNoOtherGroup() {
        broker.refuseLock("b", SECOND, true);
        runtime.start((clientId, group, liteTopic, reason) -> {});

        await().untilAsserted(() -> assertThat(topic.whyNotServing("a")).isNull());
        assertThat(topic.whyNotServing("b")).contains("consumer group 'b'", "try again");
        assertThat(topic.hasServed()).isFalse();

        broker.refuseLock("b", SECOND, false);
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
    }

    @Test
    void groupThatHasServedIsNotRefusedWhenItLosesAQueue() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        dispatcher.subscribe("client", Set.of("room")).join();
        broker.append(SECOND, "room", "payload");
        assertThat(receive(dispatcher)).hasSize(1);

        broker.refuseLock("a", FIRST, true);
        broker.append(SECOND, "hall", "payload");
        dispatcher.subscribe("client", Set.of("hall")).join();

        assertThat(receive(dispatcher)).hasSize(1);
        assertThat(topic.whyNotServing("a")).isNull();
        assertThat(topic.hasServed()).isTrue();
    }

    @Test
    void lockThatItsBrokerRefusesIsGivenUpAtOnce() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        dispatcher.subscribe("client", Set.of("room")).join();
        broker.append(FIRST, "room", "payload");
        Delivery delivery = receive(dispatcher).get(0);

        broker.refuseLock("a", FIRST, true);

        await().untilAsserted(() -> assertThat(dispatcher
                        .changeInvisibleDuration("client", delivery.receiptHandle(), Duration.ofMinutes(1))
                        .join())
                .isEqualTo(Settlement.NOT_HELD));
    }

    @Test
    void queueThatEndsBeforeItsOffsetIsReadOnFromItsEnd() {
        for (int i = 0; i < 5; i++) {
            broker.append(FIRST, "room", "lost");
        }
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        dispatcher.subscribe("client", Set.of("room")).join();
        for (int i = 0; i < 5; i++) {
            dispatcher.ack("client", receive(dispatcher).get(0).receiptHandle()).join();
        }
        await().untilAsserted(() -> assertThat(broker.committed(FIRST)).isEqualTo(5));

        java.util.Objects.requireNonNull(topic.dispatcher("b")).close(); // the broker knows one group's offsets only
        broker.truncate(FIRST, 3);
        await().untilAsserted(() -> assertThat(broker.lastPulled(FIRST)).isEqualTo(3));
        broker.append(FIRST, "room", "new");

        Delivery delivery = receive(dispatcher).get(0);
        assertThat(delivery.message().payload()).isEqualTo("new");
    }

    @Test
    void subscriptionWhoseStartCannotBeFoundChangesNothingAndSaysWhy() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        broker.failOffsets("broker is away");

        assertThatThrownBy(() -> dispatcher
                        .subscribe("client", Set.of("room"), StartOption.LATEST)
                        .join())
                .hasCauseInstanceOf(UnavailableException.class)
                .hasMessageContaining("broker is away")
                .hasMessageContaining("nothing has changed: try again");
        assertThatThrownBy(() -> receive(dispatcher)).hasMessageContaining("unknown client");
    }

    @Test
    void subscriptionWithAStartIsRefusedWhileAQueueIsMissing() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();

        broker.refuseLock("a", SECOND, true);

        await().untilAsserted(() -> assertThatThrownBy(() -> dispatcher
                        .subscribe("client", Set.of("room"), StartOption.LATEST)
                        .join())
                .hasCauseInstanceOf(UnavailableException.class)
                .hasMessageContaining("does not own every queue"));
        broker.refuseLock("a", SECOND, false);
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(dispatcher
                                .subscribe("client", Set.of("room"), StartOption.LATEST)
                                .join()
                                .outcome())
                        .isEqualTo(SubscribeResult.Outcome.OK));
    }

    @Test
    void liteTopicThatIsNeverUsedExpiresInTimeAlsoRightAfterTheStart() {
        broker.letPullsWait();
        BindTopics expiring = new BindTopics(new io.litetopic.proxy.config.PluginConfig(
                Map.of("chat", new BindTopicConfig("chat", Duration.ofSeconds(1), 100, 2, Map.of("a", group("a"))))));
        BindTopic expiringTopic = expiring.all().iterator().next();
        CompletableFuture<String> ended = new CompletableFuture<>();
        try (LiteRuntime other = new LiteRuntime(expiring, "owner", () -> {}, broker, config -> {})) {
            other.start((clientId, group, liteTopic, reason) -> ended.complete(liteTopic + ' ' + reason));
            await().untilAsserted(() -> assertThat(expiringTopic.hasServed()).isTrue());

            java.util.Objects.requireNonNull(expiringTopic.dispatcher("a"))
                    .subscribe("client", Set.of("room"))
                    .join();

            assertThat(ended).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("room EXPIRED");
        }
    }

    @Test
    void countsWhatTheGroupDoes() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        dispatcher.subscribe("client", Set.of("room")).join();
        for (int i = 0; i < 3; i++) {
            broker.append(FIRST, "room", "payload");
        }

        dispatcher.ack("client", receive(dispatcher).get(0).receiptHandle()).join();
        ReceiptHandle suspended = receive(dispatcher).get(0).receiptHandle();
        dispatcher.suspend("client", suspended, Duration.ofMillis(1)).join();
        dispatcher.suspend("client", suspended, Duration.ofMillis(1)).join();
        dispatcher
                .forwardToDeadLetterQueue("client", receive(dispatcher).get(0).receiptHandle())
                .join();

        GroupStatistics statistics = dispatcher.statistics();
        await().untilAsserted(() -> assertThat(statistics.deadLettered()).isEqualTo(1));
        assertThat(statistics.delivered()).isEqualTo(3);
        assertThat(statistics.acked()).isEqualTo(1);
        assertThat(statistics.lost() + statistics.expired() + statistics.skipped() + statistics.indexCut())
                .isZero();
    }

    @Test
    void closeWritesTheLastProgressAndRefusesWhatComesAfter() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        GroupDispatcher dispatcher = dispatcher();
        dispatcher.subscribe("client", Set.of("room")).join();
        broker.append(FIRST, "room", "payload");
        Delivery delivery = receive(dispatcher).get(0);
        dispatcher.ack("client", delivery.receiptHandle()).join();

        runtime.close();

        assertThat(broker.committed(FIRST)).isEqualTo(1);
        assertThatThrownBy(
                        () -> dispatcher.ack("client", delivery.receiptHandle()).join())
                .hasCauseInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> receive(dispatcher)).hasMessageContaining("shutting down");
    }

    @Test
    void thousandsOfRecordedLiteTopicsAreAllRestoredBeforeTheirQueueIsRead() {
        int liteTopics = 5_000;
        Map<String, BindTopicConfig> config =
                Map.of("chat", new BindTopicConfig("chat", Duration.ofHours(1), 10_000, 2, Map.of("a", group("a"))));
        Set<String> suspended = Set.of("t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7");
        BindTopics before = new BindTopics(new io.litetopic.proxy.config.PluginConfig(config));
        try (LiteRuntime first = new LiteRuntime(before, "owner", () -> {}, broker, ignored -> {})) {
            GroupDispatcher dispatcher = serve(first, before);
            dispatcher.subscribe("client", suspended).join();
            for (int i = 0; i < liteTopics; i++) {
                broker.append(FIRST, "t" + i, "payload");
            }
            for (int i = 0; i < suspended.size(); i++) {
                Delivery delivery = receive(dispatcher).get(0);
                dispatcher
                        .suspend("client", delivery.receiptHandle(), Duration.ofMinutes(10))
                        .join();
            }
            await().untilAsserted(() -> assertThat(broker.lastPulled(FIRST)).isEqualTo(liteTopics));
        }

        BindTopics after = new BindTopics(new io.litetopic.proxy.config.PluginConfig(config));
        try (LiteRuntime second = new LiteRuntime(after, "owner", () -> {}, broker, ignored -> {})) {
            GroupDispatcher dispatcher = serve(second, after);
            dispatcher.subscribe("client", Set.of("t4999")).join();
            await().untilAsserted(() -> assertThat(broker.lastPulled(FIRST)).isEqualTo(liteTopics));

            assertThat(receive(dispatcher).get(0).liteTopic()).isEqualTo("t4999");
            assertThat(after.all().iterator().next().registry().count()).isEqualTo(liteTopics);
        }
    }

    private static GroupDispatcher serve(LiteRuntime runtime, BindTopics topics) {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        BindTopic topic = topics.all().iterator().next();
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        return java.util.Objects.requireNonNull(topic.dispatcher("a"));
    }

    private GroupDispatcher dispatcher() {
        GroupDispatcher dispatcher = topic.dispatcher("a");
        assertThat(dispatcher).isNotNull();
        return java.util.Objects.requireNonNull(dispatcher);
    }

    private static List<Delivery> receive(GroupDispatcher dispatcher) {
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
        dispatcher.poll(
                new Poll("client", 1, 1, Duration.ofMinutes(5).toNanos(), listener),
                Duration.ofSeconds(20),
                LiteTopicFilter.ALL);
        return answer.join();
    }
}
