package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteDeliveryGoneException;
import io.litetopic.lite.LiteSimpleConsumer;
import io.litetopic.lite.LiteSimpleConsumerBuilder;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.UnsubscribeReason;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our simple consumer, against a real proxy with the plugin. Each test has lite topics of its own. */
class SdkSimpleConsumerIT {
    private static final Duration AWAIT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofMinutes(5);

    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().litePluginConfig("""
                bindTopics:
                  inference:
                    groups:
                      workers: { mode: shared, subscriptionsPerClient: 3 }
                      lone: { mode: exclusive }
                """));

    private static Producer producer;

    @BeforeAll
    static void start() throws Exception {
        producer = LiteClients.producer(cluster.get(), "inference");
    }

    @AfterAll
    static void close() throws Exception {
        producer.close();
    }

    @Test
    void receivesInOrderAndGetsNextMessagesWhenAllAreAcked() throws Exception {
        try (LiteSimpleConsumer consumer = consumer("workers")) {
            consumer.subscribeLite("ordered");
            assertThat(consumer.getLiteTopicSet()).containsExactly("ordered");
            send("ordered", 40);

            List<Integer> numbers = new ArrayList<>();
            while (numbers.size() < 40) {
                List<MessageView> messages = consumer.receive(10, LONG);
                assertThat(messages).hasSizeBetween(1, 10).allSatisfy(message -> {
                    assertThat(message.getLiteTopic()).hasValue("ordered");
                    assertThat(message.getTopic()).isEqualTo("inference");
                    assertThat(message.getDeliveryAttempt()).isEqualTo(1);
                });
                for (MessageView message : messages) {
                    numbers.add(OfficialClients.number(message));
                    consumer.ack(message);
                }
            }

            assertThat(numbers).isEqualTo(IntStream.range(0, 40).boxed().toList());
        }
    }

    @Test
    void returnsNothingAfterTheAwaitDuration() throws Exception {
        try (LiteSimpleConsumer consumer =
                builder("workers").setAwaitDuration(Duration.ofMillis(700)).build()) {
            consumer.subscribeLite("empty");
            long start = System.nanoTime();

            assertThat(consumer.receive(1, LONG)).isEmpty();

            assertThat(System.nanoTime() - start)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(700).toNanos());
        }
    }

    @Test
    void messageComesAgainWhenItsInvisibleDurationIsOverAndTheFirstDeliveryIsGone() throws Exception {
        try (LiteSimpleConsumer consumer = consumer("workers")) {
            consumer.subscribeLite("hidden");
            send("hidden", 1);
            MessageView first = one(consumer, Duration.ofMillis(1_500));
            long receivedAt = System.nanoTime();
            consumer.changeInvisibleDuration(first, Duration.ofSeconds(2));

            MessageView second = one(consumer, LONG);

            assertThat(System.nanoTime() - receivedAt)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
            assertThat(second.getDeliveryAttempt()).isEqualTo(2);
            assertThatThrownBy(() -> consumer.ack(first))
                    .isInstanceOf(LiteDeliveryGoneException.class)
                    .hasMessageContaining("liteTopic=hidden")
                    .hasMessageContaining("do not retry");
            consumer.ack(second);
            assertThatThrownBy(() -> consumer.ack(second)).isInstanceOf(LiteDeliveryGoneException.class);
        }
    }

    @Test
    void suspendPausesTheWholeLiteTopicAndNothingElse() throws Exception {
        try (LiteSimpleConsumer consumer = consumer("workers")) {
            consumer.subscribeLite("paused");
            consumer.subscribeLite("other");
            send("paused", 3);
            List<MessageView> held = consumer.receive(3, LONG);
            long suspendedAt = System.nanoTime();

            consumer.suspend(held.get(0), Duration.ofSeconds(2));
            send("other", 1);
            MessageView other = one(consumer, LONG);
            MessageView again = one(consumer, LONG);

            assertThat(other.getLiteTopic()).hasValue("other");
            assertThat(again.getLiteTopic()).hasValue("paused");
            assertThat(OfficialClients.number(again)).isZero();
            assertThat(again.getDeliveryAttempt()).as("a suspend is no attempt").isEqualTo(1);
            assertThat(System.nanoTime() - suspendedAt)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
            consumer.ack(other);
            consumer.ack(again);
        }
    }

    @Test
    void closeGivesHeldMessagesToTheNextConsumerAtOnceAndEndsWaitingCalls() throws Exception {
        try (LiteSimpleConsumer next = consumer("workers")) {
            next.subscribeLite("handed-over");
            LiteSimpleConsumer consumer = consumer("workers");
            send("handed-over", 2);
            consumer.subscribeLite("handed-over");
            List<MessageView> held = new ArrayList<>();
            CompletableFuture<List<MessageView>> waiting;
            try (consumer) {
                next.unsubscribeLite("handed-over");
                await().until(() -> held.addAll(consumer.receive(2, LONG)));
                next.subscribeLite("handed-over");
                waiting = consumer.receiveAsync(1, LONG);
            }

            assertThat(waiting).isCompletedExceptionally();
            MessageView again = one(next, LONG);
            assertThat(again.getMessageId())
                    .hasToString(held.get(0).getMessageId().toString());
            assertThat(again.getDeliveryAttempt()).as("no attempt").isEqualTo(1);
            next.ack(again);
        }
    }

    @Test
    void subscriptionsHaveAQuotaAnOffsetAndAnEnd() throws Exception {
        List<String> lost = new CopyOnWriteArrayList<>();
        send("skipped", 3);
        try (LiteSimpleConsumer consumer = consumer("workers");
                LiteSimpleConsumer former = builder("lone")
                        .setUnsubscribeListener((liteTopic, reason) -> lost.add(liteTopic + " " + reason))
                        .build();
                LiteSimpleConsumer latter = consumer("lone")) {
            consumer.subscribeLite("skipped", OffsetOption.ofTailN(1));
            assertThat(OfficialClients.number(one(consumer, LONG))).isEqualTo(2);
            consumer.subscribeLite("second");
            consumer.subscribeLite("third");
            assertThatThrownBy(() -> consumer.subscribeLite("fourth"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .isInstanceOf(ClientException.class);

            former.subscribeLite("wanted");
            latter.subscribeLite("wanted");

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(lost).containsExactly("wanted " + UnsubscribeReason.UNKNOWN));
            assertThat(former.getLiteTopicSet()).isEmpty();
        }
    }

    @Test
    void receivesFromAllProxiesOfTheRoute() throws Exception {
        try (StockCluster twoProxies = StockCluster.builder()
                        .proxyMode(ProxyMode.CLUSTER)
                        .proxies(2)
                        .litePluginConfig(
                                "bindTopics: { inference: { queues: 8, groups: { workers: { mode: shared } } } }")
                        .start();
                Producer sender = LiteClients.producer(twoProxies, "inference");
                LiteSimpleConsumer consumer = LiteClients.PROVIDER
                        .newLiteSimpleConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(twoProxies))
                        .bindTopic("inference")
                        .setConsumerGroup("workers")
                        .setAwaitDuration(AWAIT)
                        .build()) {
            Deliveries deliveries = new Deliveries();
            for (int topic = 0; topic < 10; topic++) {
                consumer.subscribeLite("user-" + topic);
            }
            for (int number = 0; number < 20; number++) {
                for (int topic = 0; topic < 10; topic++) {
                    sender.send(LiteClients.message("inference", "user-" + topic, number));
                }
            }

            await().atMost(Duration.ofSeconds(60)).until(() -> {
                for (MessageView message : consumer.receive(16, LONG)) {
                    deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                    consumer.ack(message);
                }
                return deliveries.total() >= 200;
            });

            List<Integer> inOrder = IntStream.range(0, 20).boxed().toList();
            assertThat(deliveries.byLiteTopic()).hasSize(10);
            assertThat(deliveries.byLiteTopic().values())
                    .allSatisfy(numbers -> assertThat(numbers).isEqualTo(inOrder));
        }
    }

    private static LiteSimpleConsumer consumer(String group) throws ClientException {
        return builder(group).build();
    }

    private static LiteSimpleConsumerBuilder builder(String group) {
        return LiteClients.PROVIDER
                .newLiteSimpleConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("inference")
                .setConsumerGroup(group)
                .setAwaitDuration(AWAIT);
    }

    private static MessageView one(LiteSimpleConsumer consumer, Duration invisibleDuration) {
        List<MessageView> received = new ArrayList<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> received.addAll(consumer.receive(1, invisibleDuration)));
        return received.get(0);
    }

    private static void send(String liteTopic, int messages) throws ClientException {
        for (int number = 0; number < messages; number++) {
            producer.send(LiteClients.message("inference", liteTopic, number));
        }
    }
}
