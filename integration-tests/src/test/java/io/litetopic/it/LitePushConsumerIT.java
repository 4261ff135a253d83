package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our client against the plugin. Every test has a bind topic and group of its own. */
class LitePushConsumerIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      order:       { groups: { order-workers: { mode: shared } } }
                      suspend:     { groups: { suspend-workers: { mode: shared } } }
                      short:       { groups: { short-workers: { mode: shared } } }
                      failure:     { groups: { failure-workers: { mode: shared, maxAttempts: 3 } } }
                      sharing:     { groups: { sharing-workers: { mode: shared } } }
                      handover:    { groups: { handover-workers: { mode: shared } } }
                      expiring:    { ttl: 2s, groups: { expiring-workers: { mode: shared } } }
                      narrow:      { liteTopicQuota: 3, groups: { narrow-workers: { mode: shared, subscriptionsPerClient: 2 } } }
                    """)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(
                cluster.get(), "order", "suspend", "short", "failure", "sharing", "handover", "expiring", "narrow");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void deliversEveryLiteTopicInOrderWithoutLossOrDuplicate() throws Exception {
        int liteTopics = 200;
        int each = 50;
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("order", message -> {
            deliveries.add(liteTopic(message), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            for (int topic = 0; topic < liteTopics; topic++) {
                consumer.subscribeLite("user-" + topic);
            }
            assertThat(consumer.getLiteTopicSet()).hasSize(liteTopics);

            for (int number = 0; number < each; number++) {
                List<CompletableFuture<?>> sends = new ArrayList<>();
                for (int topic = 0; topic < liteTopics; topic++) {
                    sends.add(producer.sendAsync(LiteClients.message("order", "user-" + topic, number)));
                }
                CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
            }

            await().atMost(LONG).until(() -> deliveries.total() >= liteTopics * each);
            assertThat(deliveries.byLiteTopic()).hasSize(liteTopics);
            List<Integer> inOrder = IntStream.range(0, each).boxed().toList();
            assertThat(deliveries.byLiteTopic().values())
                    .allSatisfy(numbers -> assertThat(numbers).isEqualTo(inOrder));
        }
    }

    @Test
    void suspendedLiteTopicRestsForItsTimeWhileOthersFlow() throws Exception {
        Duration rest = Duration.ofSeconds(10);
        CompletableFuture<Long> suspendedAt = new CompletableFuture<>();
        CompletableFuture<Long> resumedAt = new CompletableFuture<>();
        Deliveries slow = new Deliveries();
        Deliveries others = new Deliveries();
        try (LitePushConsumer consumer = consumer("suspend", message -> {
            String liteTopic = liteTopic(message);
            if (!liteTopic.equals("slow")) {
                others.add(liteTopic, OfficialClients.number(message));
                return ConsumeResult.SUCCESS;
            }
            // The clock of the listener starts before the request leaves: a resume that is early by it is early by any.
            if (suspendedAt.complete(System.nanoTime())) {
                return ConsumeResultSuspend.of(rest);
            }
            resumedAt.complete(System.nanoTime());
            slow.add(liteTopic, OfficialClients.number(message));
            assertThat(message.getDeliveryAttempt()).isEqualTo(1);
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("slow");
            for (int topic = 0; topic < 20; topic++) {
                consumer.subscribeLite("fast-" + topic);
            }
            for (int number = 0; number < 5; number++) {
                producer.send(LiteClients.message("suspend", "slow", number));
            }
            await().atMost(LONG).until(suspendedAt::isDone);
            int total = 0;
            while (!resumedAt.isDone() && total < 20_000) {
                List<CompletableFuture<?>> sends = new ArrayList<>();
                for (int topic = 0; topic < 20; topic++) {
                    sends.add(producer.sendAsync(LiteClients.message("suspend", "fast-" + topic, total / 20)));
                    total++;
                }
                CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
                if (!resumedAt.isDone() && System.nanoTime() - suspendedAt.join() < rest.toNanos() / 2) {
                    int sent = total;
                    // They come while the slow one rests, not after it.
                    await().atMost(rest.dividedBy(2)).until(() -> others.total() >= sent);
                }
            }
            int sent = total;
            await().atMost(LONG).until(() -> slow.total() == 5 && others.total() == sent);

            long restedNanos = resumedAt.join() - suspendedAt.join();
            assertThat(Duration.ofNanos(restedNanos)).isGreaterThanOrEqualTo(rest);
            assertThat(slow.of("slow")).containsExactly(0, 1, 2, 3, 4);
            System.err.printf(
                    "measured: suspend of %d ms resumed %.1f ms late, %d messages of others meanwhile%n",
                    rest.toMillis(), (restedNanos - rest.toNanos()) / 1e6, sent);
        }
    }

    @Test
    void suspendMayBeAsShortAsAMillisecondAndIsNoAttempt() throws Exception {
        int suspends = 50;
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(1);
        List<Long> lateNanos = Collections.synchronizedList(new ArrayList<>());
        long[] suspendedAt = new long[1];
        try (LitePushConsumer consumer = consumer("short", message -> {
            if (suspendedAt[0] != 0) {
                lateNanos.add(System.nanoTime() - suspendedAt[0] - 1_000_000);
            }
            attempts.add(message.getDeliveryAttempt());
            if (attempts.size() <= suspends) {
                suspendedAt[0] = System.nanoTime();
                return ConsumeResultSuspend.of(Duration.ofMillis(1));
            }
            done.countDown();
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("user-1");
            producer.send(LiteClients.message("short", "user-1", 0));

            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(attempts).hasSize(suspends + 1).containsOnly(1);
            assertThat(lateNanos).allSatisfy(late -> assertThat(late).isGreaterThanOrEqualTo(0));
            lateNanos.sort(null);
            System.err.printf(
                    "measured: suspend of 1 ms resumed %.1f ms late (median)%n", lateNanos.get(suspends / 2) / 1e6);
        }
    }

    @Test
    void failedMessageComesAgainAndThenGoesToTheDeadLetterQueueWhileOthersFlow() throws Exception {
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        Deliveries good = new Deliveries();
        List<MessageView> dead = Collections.synchronizedList(new ArrayList<>());
        try (LitePushConsumer consumer = consumer("failure", message -> {
            if (liteTopic(message).equals("poison") && OfficialClients.number(message) == 0) {
                attempts.add(message.getDeliveryAttempt());
                throw new IllegalStateException("cannot handle this");
            }
            good.add(liteTopic(message), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("poison");
            consumer.subscribeLite("healthy");
            producer.send(LiteClients.message("failure", "poison", 0));
            producer.send(LiteClients.message("failure", "poison", 1));
            producer.send(LiteClients.message("failure", "healthy", 7));

            await().atMost(LONG).until(() -> good.of("healthy").contains(7));
            assertThat(good.of("poison"))
                    .as("the next one waits for the failing one")
                    .isEmpty();
            await().atMost(LONG).until(() -> good.of("poison").contains(1));
            assertThat(attempts).containsExactly(1, 2, 3);
        }
        // The dead letter queue is a stock topic; giving it read permission is how operators look into it.
        cluster.get()
                .mqadmin(
                        "updateTopicPerm",
                        "-b",
                        cluster.get().brokerAddress(),
                        "-t",
                        "%DLQ%failure-workers",
                        "-p",
                        "6");
        cluster.get().createGroup("dlq-readers", false);
        try (PushConsumer reader = OfficialClients.PROVIDER
                .newPushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .setConsumerGroup("dlq-readers")
                .setSubscriptionExpressions(Map.of("%DLQ%failure-workers", FilterExpression.SUB_ALL))
                .setMessageListener(message -> {
                    dead.add(message);
                    return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
                })
                .build()) {
            await().atMost(LONG).until(() -> !dead.isEmpty());
            assertThat(OfficialClients.number(dead.get(0))).isZero();
            assertThat(dead.get(0).getProperties()).containsEntry("__LITE_TOPIC", "poison");
        }
    }

    @Test
    void consumersShareLiteTopicsAndNeverHoldOneAtTheSameTime() throws Exception {
        Map<String, String> handling = new ConcurrentHashMap<>();
        List<String> overlaps = Collections.synchronizedList(new ArrayList<>());
        Deliveries all = new Deliveries();
        Map<String, Integer> byConsumer = new ConcurrentHashMap<>();
        try (LitePushConsumer first =
                        consumer("sharing", message -> handle("first", message, handling, overlaps, all, byConsumer));
                LitePushConsumer second = consumer(
                        "sharing", message -> handle("second", message, handling, overlaps, all, byConsumer))) {
            for (int topic = 0; topic < 40; topic++) {
                first.subscribeLite("s-" + topic);
                second.subscribeLite("s-" + topic);
            }
            for (int number = 0; number < 25; number++) {
                for (int topic = 0; topic < 40; topic++) {
                    producer.send(LiteClients.message("sharing", "s-" + topic, number));
                }
            }

            await().atMost(LONG).until(() -> all.total() >= 1_000);
            assertThat(overlaps).isEmpty();
            assertThat(byConsumer.keySet()).containsExactlyInAnyOrder("first", "second");
            List<Integer> inOrder = IntStream.range(0, 25).boxed().toList();
            assertThat(all.byLiteTopic().values())
                    .allSatisfy(numbers -> assertThat(numbers).isEqualTo(inOrder));
        }
    }

    private static ConsumeResult handle(
            String me,
            io.litetopic.lite.MessageView message,
            Map<String, String> handling,
            List<String> overlaps,
            Deliveries all,
            Map<String, Integer> byConsumer) {
        String liteTopic = liteTopic(message);
        String other = handling.putIfAbsent(liteTopic, me);
        if (other != null) {
            overlaps.add(liteTopic + " by " + other + " and " + me);
        }
        all.add(liteTopic, OfficialClients.number(message));
        byConsumer.merge(me, 1, Integer::sum);
        handling.remove(liteTopic);
        return ConsumeResult.SUCCESS;
    }

    @Test
    void subscriptionMovesFromOneConsumerToAnotherWithoutLossOrReordering() throws Exception {
        Deliveries all = new Deliveries();
        Deliveries second = new Deliveries();
        try (LitePushConsumer node2 = consumer("handover", message -> {
            second.add(liteTopic(message), OfficialClients.number(message));
            all.add(liteTopic(message), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            try (LitePushConsumer node1 = consumer("handover", message -> {
                all.add(liteTopic(message), OfficialClients.number(message));
                return ConsumeResult.SUCCESS;
            })) {
                node1.subscribeLite("session");
                for (int number = 0; number < 100; number++) {
                    producer.send(LiteClients.message("handover", "session", number));
                }
                node1.unsubscribeLite("session");
                assertThat(node1.getLiteTopicSet()).isEmpty();
                node2.subscribeLite("session");
                for (int number = 100; number < 200; number++) {
                    producer.send(LiteClients.message("handover", "session", number));
                }
                await().atMost(LONG).until(() -> all.total() >= 200);
                assertThat(second.total()).isGreaterThanOrEqualTo(100);
            }
            assertThat(all.of("session"))
                    .isEqualTo(IntStream.range(0, 200).boxed().toList());
        }
    }

    @Test
    void unconsumedMessagesExpireAfterTheTtl() throws Exception {
        Deliveries deliveries = new Deliveries();
        producer.send(LiteClients.message("expiring", "nobody", 1));
        await().atMost(LONG)
                .until(() -> cluster.get()
                        .mqadmin("consumerProgress", "-g", "expiring-workers", "-t", "expiring")
                        .output()
                        .contains("Diff Total: 0"));
        try (LitePushConsumer consumer = consumer("expiring", message -> {
            deliveries.add(liteTopic(message), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("nobody");
            producer.send(LiteClients.message("expiring", "nobody", 2));

            await().atMost(LONG).until(() -> deliveries.total() > 0);
            assertThat(deliveries.of("nobody")).containsExactly(2);
        }
    }

    @Test
    void quotasRefuseOnlyWhatWouldBeOneTooMany() throws Exception {
        try (LitePushConsumer consumer = consumer("narrow", message -> ConsumeResult.SUCCESS)) {
            consumer.subscribeLite("a");
            consumer.subscribeLite("b");
            consumer.subscribeLite("b");
            assertThatThrownBy(() -> consumer.subscribeLite("c"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("quota=2");
            assertThat(consumer.getLiteTopicSet()).containsExactlyInAnyOrder("a", "b");
            consumer.unsubscribeLite("b");
            consumer.subscribeLite("c");

            producer.send(LiteClients.message("narrow", "a", 1));
            producer.send(LiteClients.message("narrow", "c", 1));
            producer.send(LiteClients.message("narrow", "d", 1));
            assertThatThrownBy(() -> producer.send(LiteClients.message("narrow", "e", 1)))
                    .isInstanceOf(LiteTopicQuotaExceededException.class)
                    .hasMessageContaining("liteTopic=e")
                    .hasMessageContaining("quota=3");
            producer.send(LiteClients.message("narrow", "a", 2));
        }
    }

    private static LitePushConsumer consumer(String bindTopic, io.litetopic.lite.MessageListener listener)
            throws ClientException {
        return LiteClients.consumer(cluster.get(), bindTopic, bindTopic + "-workers", listener);
    }

    private static String liteTopic(io.litetopic.lite.MessageView message) {
        return message.getLiteTopic().orElseThrow();
    }
}
