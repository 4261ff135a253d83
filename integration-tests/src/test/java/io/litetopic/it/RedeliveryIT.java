package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is delivered again, when, and what becomes of it in the end. */
class RedeliveryIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      failing:          { groups: { failing-workers: { maxAttempts: 3 } } }
                      failing-official: { groups: { failing-official-workers: { maxAttempts: 2 } } }
                      suspending:       { groups: { suspending-workers: { maxAttempts: 2 } } }
                    """)
            // The official client's close waits for its long polls.
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    /** A delivery as the listener saw it. */
    private record Seen(int number, int attempt, long atNanos) {
        static Seen of(MessageView message) {
            return new Seen(OfficialClients.number(message), message.getDeliveryAttempt(), System.nanoTime());
        }
    }

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "failing", "failing-official", "suspending");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void failedMessageComesAgainAfterTheBackoffAndThenRestsInTheDeadLetterQueueAsItWas() throws Exception {
        List<Seen> poison = new CopyOnWriteArrayList<>();
        Deliveries good = new Deliveries();
        try (LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "failing", "failing-workers", message -> {
            if (message.getLiteTopic().orElseThrow().equals("poison") && OfficialClients.number(message) == 0) {
                poison.add(Seen.of(message));
                return ConsumeResult.FAILURE;
            }
            good.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("poison");
            consumer.subscribeLite("healthy");
            producer.send(withProperties("failing", "poison", 0));
            producer.send(LiteClients.message("failing", "poison", 1));
            await().atMost(LONG).until(() -> !poison.isEmpty());
            for (int number = 0; number < 50; number++) {
                producer.send(LiteClients.message("failing", "healthy", number));
            }

            await().atMost(LONG).until(() -> good.of("healthy").size() == 50);
            assertThat(good.of("poison")).as("waits for the failing message").isEmpty();
            await().atMost(LONG).until(() -> good.of("poison").equals(List.of(1)));
            assertThat(poison).extracting(Seen::attempt).containsExactly(1, 2, 3);
            assertThat(sincePrevious(poison, 1)).isBetween(Duration.ofMillis(990), Duration.ofSeconds(3));
            assertThat(sincePrevious(poison, 2)).isBetween(Duration.ofMillis(4_990), Duration.ofSeconds(7));
            assertAsItWas(DeadLetters.of(cluster.get(), "failing-workers", 1));
        }
    }

    @Test
    void officialConsumerFailsAMessageWithTheSameOutcome() throws Exception {
        List<Seen> poison = new CopyOnWriteArrayList<>();
        Deliveries good = new Deliveries();
        try (var consumer = official("failing-official", message -> {
            if (message.getLiteTopic().orElseThrow().equals("poison") && OfficialClients.number(message) == 0) {
                poison.add(Seen.of(message));
                return org.apache.rocketmq.client.apis.consumer.ConsumeResult.FAILURE;
            }
            good.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
            return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("poison");
            consumer.subscribeLite("healthy");
            producer.send(withProperties("failing-official", "poison", 0));
            producer.send(LiteClients.message("failing-official", "poison", 1));
            producer.send(LiteClients.message("failing-official", "healthy", 0));

            await().atMost(LONG)
                    .until(() ->
                            good.of("healthy").size() == 1 && good.of("poison").equals(List.of(1)));
            assertThat(poison).extracting(Seen::attempt).containsExactly(1, 2);
            assertThat(sincePrevious(poison, 1)).isBetween(Duration.ofMillis(990), Duration.ofSeconds(3));
            assertAsItWas(DeadLetters.of(cluster.get(), "failing-official-workers", 1));
        }
    }

    @Test
    void suspendsAreNoAttempts() throws Exception {
        AtomicInteger suspends = new AtomicInteger();
        List<Seen> seen = new CopyOnWriteArrayList<>();
        try (LitePushConsumer consumer =
                LiteClients.consumer(cluster.get(), "suspending", "suspending-workers", message -> {
                    seen.add(Seen.of(message));
                    return suspends.incrementAndGet() <= 10
                            ? ConsumeResultSuspend.of(Duration.ofMillis(20))
                            : ConsumeResult.SUCCESS;
                })) {
            consumer.subscribeLite("waiting");
            producer.send(LiteClients.message("suspending", "waiting", 0));
            producer.send(LiteClients.message("suspending", "waiting", 1));

            await().atMost(LONG).until(() -> seen.size() >= 12);
            assertThat(seen.subList(0, 11))
                    .allSatisfy(each -> assertThat(each.number()).isZero());
            assertThat(seen.get(11).number()).isEqualTo(1);
            assertThat(seen).extracting(Seen::attempt).containsOnly(1);
        }
    }

    private static org.apache.rocketmq.client.apis.consumer.LitePushConsumer official(
            String bindTopic, org.apache.rocketmq.client.apis.consumer.MessageListener listener)
            throws ClientException {
        return OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers")
                .setMessageListener(listener)
                .build();
    }

    private static Message withProperties(String bindTopic, String liteTopic, int number) {
        return LiteClients.PROVIDER
                .newMessageBuilder()
                .setTopic(bindTopic)
                .setLiteTopic(liteTopic)
                .setKeys("order-4711")
                .addProperty("tenant", "acme")
                .addProperty("trace", "a b=c")
                .setBody(OfficialClients.body(number))
                .build();
    }

    private static void assertAsItWas(List<DeadLetters.DeadLetter> dead) {
        assertThat(dead).hasSize(1);
        assertThat(dead.get(0).body()).isEqualTo("0");
        assertThat(dead.get(0).liteTopic()).isEqualTo("poison");
        assertThat(dead.get(0).properties())
                .containsEntry("KEYS", "order-4711")
                .containsEntry("tenant", "acme")
                .containsEntry("trace", "a b=c");
    }

    private static Duration sincePrevious(List<Seen> seen, int index) {
        return Duration.ofNanos(seen.get(index).atNanos() - seen.get(index - 1).atNanos());
    }
}
