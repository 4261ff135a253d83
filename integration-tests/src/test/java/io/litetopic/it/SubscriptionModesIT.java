package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.UnsubscribeReason;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exclusive and wildcard groups, and groups of different clients. Every test has a bind topic and group of its own. */
class SubscriptionModesIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration A_WHILE = Duration.ofSeconds(1);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      exclusive:          { groups: { exclusive-workers: { mode: exclusive } } }
                      exclusive-official: { groups: { exclusive-official-workers: { mode: exclusive } } }
                      wildcard:           { groups: { wildcard-workers: { mode: wildcard } } }
                      wildcard-official:  { groups: { wildcard-official-workers: { mode: wildcard } } }
                      mixed:              { groups: { mixed-workers: { mode: shared } } }
                    """)
            // The official client's close waits for its long polls.
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(
                cluster.get(), "exclusive", "exclusive-official", "wildcard", "wildcard-official", "mixed");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    /** Handles what it gets, and waits with the message that has the given number until it is let go. */
    private static final class Handler {
        final Deliveries deliveries = new Deliveries();
        final CountDownLatch holds = new CountDownLatch(1);
        final CountDownLatch mayGoOn = new CountDownLatch(1);
        private final int numberToHold;

        Handler(int numberToHold) {
            this.numberToHold = numberToHold;
        }

        void handle(MessageView message) {
            int number = OfficialClients.number(message);
            if (number == numberToHold) {
                holds.countDown();
                try {
                    mayGoOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while it held message " + number, e);
                }
            }
            deliveries.add(message.getLiteTopic().orElseThrow(), number);
        }
    }

    private static final int HOLDS_NOTHING = -1;

    @Test
    void lastSubscriberOfAnExclusiveGroupTakesTheLiteTopicOverAndTheFormerIsTold() throws Exception {
        Handler first = new Handler(2);
        Handler second = new Handler(HOLDS_NOTHING);
        List<String> toldFirst = new CopyOnWriteArrayList<>();
        List<String> toldSecond = new CopyOnWriteArrayList<>();
        try (LitePushConsumer consumer1 = exclusive(first, toldFirst);
                LitePushConsumer consumer2 = exclusive(second, toldSecond)) {
            consumer1.subscribeLite("room");
            consumer1.subscribeLite("kept");
            send("exclusive", "room", 0, 6);
            first.holds.await();

            consumer2.subscribeLite("room");
            assertThat(consumer2.getLiteTopicSet()).containsExactly("room");
            await().atMost(LONG).until(() -> !consumer1.getLiteTopicSet().contains("room"));
            assertThat(consumer1.getLiteTopicSet()).containsExactly("kept");
            await().during(A_WHILE)
                    .atMost(A_WHILE.multipliedBy(3))
                    .until(() -> second.deliveries.total() == 0 && toldFirst.isEmpty());

            first.mayGoOn.countDown();
            await().atMost(LONG).until(() -> second.deliveries.total() >= 3);
            await().atMost(LONG).until(() -> !toldFirst.isEmpty());
            send("exclusive", "room", 6, 12);
            send("exclusive", "kept", 0, 3);
            await().atMost(LONG)
                    .until(() -> second.deliveries.total() >= 9
                            && first.deliveries.of("kept").size() == 3);
            await().during(A_WHILE).atMost(A_WHILE.multipliedBy(3)).until(() -> toldFirst.size() == 1);
            assertThat(first.deliveries.of("room")).containsExactly(0, 1, 2);
            assertThat(second.deliveries.of("room")).isEqualTo(numbers(3, 12));
            assertThat(toldFirst).containsExactly("room " + UnsubscribeReason.UNKNOWN);
            assertThat(toldSecond).isEmpty();

            consumer1.subscribeLite("room");
            await().atMost(LONG).until(() -> toldSecond.size() == 1);
            assertThat(consumer2.getLiteTopicSet()).isEmpty();
            send("exclusive", "room", 12, 15);
            await().atMost(LONG).until(() -> first.deliveries.of("room").size() == 6);
            assertThat(first.deliveries.of("room")).containsExactly(0, 1, 2, 12, 13, 14);
            assertThat(second.deliveries.of("room")).isEqualTo(numbers(3, 12));
        }
    }

    @Test
    void officialConsumersOfAnExclusiveGroupTakeOverToo() throws Exception {
        Handler first = new Handler(2);
        Handler second = new Handler(HOLDS_NOTHING);
        try (var consumer1 = official("exclusive-official", first);
                var consumer2 = official("exclusive-official", second)) {
            consumer1.subscribeLite("room");
            consumer1.subscribeLite("kept");
            send("exclusive-official", "room", 0, 6);
            first.holds.await();

            consumer2.subscribeLite("room");
            await().atMost(LONG).until(() -> !consumer1.getLiteTopicSet().contains("room"));
            assertThat(consumer1.getLiteTopicSet()).containsExactly("kept");
            assertThat(consumer2.getLiteTopicSet()).containsExactly("room");
            await().during(A_WHILE).atMost(A_WHILE.multipliedBy(3)).until(() -> second.deliveries.total() == 0);

            first.mayGoOn.countDown();
            send("exclusive-official", "room", 6, 12);
            await().atMost(LONG).until(() -> second.deliveries.total() >= 9);
            assertThat(first.deliveries.of("room")).containsExactly(0, 1, 2);
            assertThat(second.deliveries.of("room")).isEqualTo(numbers(3, 12));
        }
    }

    @Test
    void wildcardGroupGetsLiteTopicsThatNobodyHasSubscribedTo() throws Exception {
        Handler handler = new Handler(HOLDS_NOTHING);
        try (LitePushConsumer consumer =
                LiteClients.consumer(cluster.get(), "wildcard", "wildcard-workers", message -> {
                    handler.handle(message);
                    return ConsumeResult.SUCCESS;
                })) {
            sendToAll("wildcard", 100, 3);

            await().atMost(LONG).until(() -> handler.deliveries.total() >= 300);
            assertEachInOrder(handler.deliveries, 100, 3);
            assertThat(consumer.getLiteTopicSet()).isEmpty();
            assertThatThrownBy(() -> consumer.subscribeLite("user-1"))
                    .isInstanceOfSatisfying(
                            LiteException.class,
                            e -> assertThat(e.isRetryable()).isFalse())
                    .hasMessageContaining("wildcard mode")
                    .hasMessageContaining("consumerGroup=wildcard-workers")
                    .hasMessageContaining("liteTopic=user-1");
            assertThat(consumer.getLiteTopicSet()).isEmpty();

            producer.send(LiteClients.message("wildcard", "user-1", 3));
            await().atMost(LONG).until(() -> handler.deliveries.of("user-1").contains(3));
        }
    }

    @Test
    void officialConsumerOfAWildcardGroupGetsAllLiteTopicsToo() throws Exception {
        Handler handler = new Handler(HOLDS_NOTHING);
        try (var consumer = official("wildcard-official", handler)) {
            sendToAll("wildcard-official", 100, 3);

            await().atMost(LONG).until(() -> handler.deliveries.total() >= 300);
            assertEachInOrder(handler.deliveries, 100, 3);
            assertThatThrownBy(() -> consumer.subscribeLite("user-1"))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("wildcard mode");
            assertThat(consumer.getLiteTopicSet()).isEmpty();
        }
    }

    @Test
    void ourAndTheOfficialClientShareTheLoadOfAGroup() throws Exception {
        int liteTopics = 1_000;
        Deliveries all = new Deliveries();
        Deliveries ofOurs = new Deliveries();
        Deliveries ofOfficial = new Deliveries();
        try (LitePushConsumer ours = LiteClients.consumer(cluster.get(), "mixed", "mixed-workers", message -> {
                    record(message, ofOurs, all);
                    return ConsumeResult.SUCCESS;
                });
                var official = OfficialClients.PROVIDER
                        .newLitePushConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .bindTopic("mixed")
                        .setConsumerGroup("mixed-workers")
                        .setMessageListener(message -> {
                            record(message, ofOfficial, all);
                            return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
                        })
                        .build()) {
            for (int number = 0; number < liteTopics; number++) {
                ours.subscribeLite("user-" + number);
                official.subscribeLite("user-" + number);
            }
            sendToAll("mixed", liteTopics, 3);

            await().atMost(LONG).until(() -> all.total() >= 3 * liteTopics);
            assertEachInOrder(all, liteTopics, 3);
            assertThat(ofOurs.total()).as("messages of our client").isGreaterThan(100);
            assertThat(ofOfficial.total()).as("messages of the official client").isGreaterThan(100);
            System.err.printf(
                    "measured: of %d messages of a shared group our client got %d, the official one %d%n",
                    all.total(), ofOurs.total(), ofOfficial.total());
        }
    }

    private static void record(MessageView message, Deliveries own, Deliveries all) {
        String liteTopic = message.getLiteTopic().orElseThrow();
        int number = OfficialClients.number(message);
        own.add(liteTopic, number);
        all.add(liteTopic, number);
    }

    private static LitePushConsumer exclusive(Handler handler, List<String> told) throws ClientException {
        return LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("exclusive")
                .setConsumerGroup("exclusive-workers")
                .setUnsubscribeListener((liteTopic, reason) -> told.add(liteTopic + " " + reason))
                .setMessageListener(message -> {
                    handler.handle(message);
                    return ConsumeResult.SUCCESS;
                })
                .build();
    }

    private static org.apache.rocketmq.client.apis.consumer.LitePushConsumer official(String bindTopic, Handler handler)
            throws ClientException {
        return OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers")
                .setMessageListener(message -> {
                    handler.handle(message);
                    return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
                })
                .build();
    }

    private static void send(String bindTopic, String liteTopic, int from, int to) throws ClientException {
        for (int number = from; number < to; number++) {
            producer.send(LiteClients.message(bindTopic, liteTopic, number));
        }
    }

    private static void sendToAll(String bindTopic, int liteTopics, int each) {
        for (int number = 0; number < each; number++) {
            List<CompletableFuture<?>> sends = new ArrayList<>();
            for (int topic = 0; topic < liteTopics; topic++) {
                sends.add(producer.sendAsync(LiteClients.message(bindTopic, "user-" + topic, number)));
            }
            CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
        }
    }

    private static void assertEachInOrder(Deliveries deliveries, int liteTopics, int each) {
        assertThat(deliveries.byLiteTopic()).hasSize(liteTopics);
        assertThat(deliveries.byLiteTopic().values())
                .allSatisfy(numbers -> assertThat(numbers).isEqualTo(numbers(0, each)));
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
