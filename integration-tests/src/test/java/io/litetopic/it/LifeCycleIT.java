package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of idle lite topics, by each policy. The quota has room for three lite topics, so it shows which ones exist. */
class LifeCycleIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final List<String> THREE = List.of("idle-1", "idle-2", "idle-3");

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      deleted: { ttl: 2s, onExpiry: delete, liteTopicQuota: 3, groups: { deleted-workers: {} } }
                      dead:    { ttl: 2s, onExpiry: dead-letter, liteTopicQuota: 3, groups: { dead-workers: {} } }
                      kept:    { ttl: 2s, onExpiry: keep, liteTopicQuota: 3, groups: { kept-workers: {} } }
                      watched: { ttl: 2s, groups: { watched-workers: {} } }
                      resting: { ttl: 2s, groups: { resting-workers: {} } }
                    """)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "deleted", "dead", "kept", "watched", "resting");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void unconsumedMessagesOfAnExpiredLiteTopicAreDroppedAndItsPlaceInTheQuotaIsFree() throws Exception {
        fillQuota("deleted");

        awaitPlaceInQuota("deleted", "new-1");
        producer.send(LiteClients.message("deleted", "idle-1", 7));

        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("deleted", deliveries)) {
            consumer.subscribeLite("idle-1");
            consumer.subscribeLite("idle-2");
            producer.send(LiteClients.message("deleted", "idle-1", 8));
            await().atMost(LONG).until(() -> deliveries.of("idle-1").contains(8));
            assertThat(deliveries.of("idle-1")).containsExactly(7, 8);
            assertThat(deliveries.of("idle-2")).isEmpty();
        }
    }

    @Test
    void unconsumedMessagesOfAnExpiredLiteTopicGoToTheDeadLetterQueueIfThePolicySaysSo() throws Exception {
        fillQuota("dead");

        awaitPlaceInQuota("dead", "new-1");

        assertThat(DeadLetters.of(cluster.get(), "dead-workers", 6))
                .extracting(message -> message.liteTopic() + " " + message.body())
                .contains("idle-1 0", "idle-1 1", "idle-2 0", "idle-2 1", "idle-3 0", "idle-3 1")
                .doesNotHaveDuplicates();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("dead", deliveries)) {
            consumer.subscribeLite("idle-1");
            producer.send(LiteClients.message("dead", "idle-1", 8));
            await().atMost(LONG).until(() -> deliveries.total() > 0);
            assertThat(deliveries.of("idle-1")).containsExactly(8);
        }
    }

    @Test
    void unconsumedMessagesStayIfThePolicySaysSo() throws Exception {
        fillQuota("kept");

        await().during(TTL.multipliedBy(3))
                .atMost(TTL.multipliedBy(4))
                .untilAsserted(() -> assertThatThrownBy(() -> producer.send(LiteClients.message("kept", "new-1", 0)))
                        .isInstanceOf(LiteTopicQuotaExceededException.class));

        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("kept", deliveries)) {
            for (String liteTopic : THREE) {
                consumer.subscribeLite(liteTopic);
            }
            await().atMost(LONG).until(() -> deliveries.total() >= 6);
            assertThat(deliveries.byLiteTopic())
                    .hasSize(3)
                    .allSatisfy((liteTopic, numbers) -> assertThat(numbers).containsExactly(0, 1));
            // With its messages gone the lite topics end as idle ones, although they are subscribed.
            awaitPlaceInQuota("kept", "new-1");
        }
    }

    @Test
    void subscriberIsToldThatItsIdleLiteTopicHasEnded() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("watched")
                .setConsumerGroup("watched-workers")
                .setUnsubscribeListener((liteTopic, reason) -> told.add(liteTopic))
                .setMessageListener(message -> {
                    deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            consumer.subscribeLite("never-used");
            consumer.subscribeLite("used");
            consumer.subscribeLite("busy");
            producer.send(LiteClients.message("watched", "used", 0));
            int[] sent = new int[1];
            await().atMost(LONG).pollInterval(TTL.dividedBy(8)).until(() -> {
                producer.send(LiteClients.message("watched", "busy", sent[0]++));
                return told.size() >= 2;
            });

            assertThat(told).containsExactlyInAnyOrder("never-used", "used");
            assertThat(consumer.getLiteTopicSet()).containsExactly("busy");
            assertThat(deliveries.of("used")).containsExactly(0);
            await().atMost(LONG).until(() -> deliveries.of("busy").size() == sent[0]);

            consumer.subscribeLite("used");
            producer.send(LiteClients.message("watched", "used", 1));
            await().atMost(LONG).until(() -> deliveries.of("used").size() == 2);
            assertThat(deliveries.of("used")).containsExactly(0, 1);
        }
    }

    @Test
    void suspendedLiteTopicDoesNotExpire() throws Exception {
        AtomicBoolean suspended = new AtomicBoolean();
        List<String> told = new CopyOnWriteArrayList<>();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("resting")
                .setConsumerGroup("resting-workers")
                .setUnsubscribeListener((liteTopic, reason) -> told.add(liteTopic))
                .setMessageListener(message -> {
                    if (suspended.compareAndSet(false, true)) {
                        return ConsumeResultSuspend.of(TTL.multipliedBy(3));
                    }
                    deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            consumer.subscribeLite("tired");
            producer.send(LiteClients.message("resting", "tired", 0));
            producer.send(LiteClients.message("resting", "tired", 1));

            await().atMost(LONG).until(() -> deliveries.total() >= 2);
            assertThat(deliveries.of("tired")).containsExactly(0, 1);
            assertThat(told).isEmpty();
            await().atMost(LONG).until(() -> told.equals(List.of("tired")));
        }
    }

    /** Three lite topics with two messages each; a fourth is refused. */
    private static void fillQuota(String bindTopic) throws ClientException {
        for (int number = 0; number < 2; number++) {
            for (String liteTopic : THREE) {
                producer.send(LiteClients.message(bindTopic, liteTopic, number));
            }
        }
        assertThatThrownBy(() -> producer.send(LiteClients.message(bindTopic, "new-1", 0)))
                .isInstanceOf(LiteTopicQuotaExceededException.class)
                .hasMessageContaining("quota=3");
    }

    private static void awaitPlaceInQuota(String bindTopic, String liteTopic) {
        await().atMost(LONG)
                .ignoreExceptionsInstanceOf(LiteTopicQuotaExceededException.class)
                .until(() -> producer.send(LiteClients.message(bindTopic, liteTopic, 0)) != null);
    }

    private static LitePushConsumer consumer(String bindTopic, Deliveries deliveries) throws ClientException {
        return LiteClients.consumer(cluster.get(), bindTopic, bindTopic + "-workers", message -> {
            deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        });
    }
}
