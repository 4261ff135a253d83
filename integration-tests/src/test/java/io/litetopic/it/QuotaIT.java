package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Quotas at their limits, with both clients, and one consumer with very many subscriptions. */
class QuotaIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MANY = 100_000;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .proxyMode(ProxyMode.CLUSTER)
            .litePluginConfig("""
                    bindTopics:
                      tight:
                        liteTopicQuota: 100
                        groups: { tight-workers: {} }
                      tight-official:
                        liteTopicQuota: 100
                        groups: { tight-official-workers: {} }
                      narrow:
                        groups: { narrow-workers: { subscriptionsPerClient: 5, subscriptionsPerGroup: 8 } }
                      narrow-official:
                        groups: { narrow-official-workers: { subscriptionsPerClient: 5, subscriptionsPerGroup: 8 } }
                      usual:
                        groups: { usual-workers: {} }
                      many:
                        groups: { many-workers: { subscriptionsPerClient: 100000 } }
                    """)
            // The official client's close waits for its long polls.
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    @Test
    void lastPlaceOfTheLiteTopicQuotaGoesToOneOfManySenders() throws Exception {
        try (Producer producer = LiteClients.producer(cluster.get(), "tight")) {
            List<Throwable> refused = raceForTheLastPlace(producer, "tight");

            assertThat(refused)
                    .hasSize(63)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOf(LiteTopicQuotaExceededException.class)
                            .hasMessageContaining("bindTopic=tight")
                            .hasMessageContaining("quota=100"));
            producer.send(LiteClients.message("tight", "user-7", 1));
        }
    }

    @Test
    void officialSendersRaceForTheLastPlaceOfTheQuotaInTheSameWay() throws Exception {
        try (Producer producer = OfficialClients.producer(cluster.get(), "tight-official")) {
            List<Throwable> refused = raceForTheLastPlace(producer, "tight-official");

            assertThat(refused)
                    .hasSize(63)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOf(
                                    org.apache.rocketmq.client.java.exception.LiteTopicQuotaExceededException.class)
                            .hasMessageContaining("quota=100"));
            producer.send(OfficialClients.liteMessage("tight-official", "user-7", 1));
        }
    }

    /** Takes 99 of 100 places, lets 64 threads try for the last one and returns the failures. */
    private static List<Throwable> raceForTheLastPlace(Producer producer, String bindTopic) throws Exception {
        for (int number = 0; number < 99; number++) {
            producer.send(OfficialClients.liteMessage(bindTopic, "user-" + number, 0));
        }
        List<Callable<Void>> sends = new ArrayList<>();
        for (int number = 0; number < 64; number++) {
            Message message = OfficialClients.liteMessage(bindTopic, "new-" + number, 0);
            sends.add(() -> {
                producer.send(message);
                return null;
            });
        }
        return failuresOf(64, sends);
    }

    @Test
    void subscriptionsAreRefusedAtTheQuotaOfClientAndGroupAndRemovalsAreNot() throws Exception {
        try (LitePushConsumer first = consumer("narrow");
                LitePushConsumer second = consumer("narrow")) {
            for (int number = 0; number < 5; number++) {
                first.subscribeLite("a-" + number);
            }
            assertThatThrownBy(() -> first.subscribeLite("a-5"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("the client's quota is reached")
                    .hasMessageContaining("liteTopic=a-5")
                    .hasMessageContaining("quota=5");
            first.subscribeLite("a-0");
            for (int number = 0; number < 3; number++) {
                second.subscribeLite("b-" + number);
            }
            assertThatThrownBy(() -> second.subscribeLite("b-3"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("the group's quota is reached")
                    .hasMessageContaining("quota=8");
            assertThat(second.getLiteTopicSet()).containsExactlyInAnyOrder("b-0", "b-1", "b-2");

            first.unsubscribeLite("a-0");
            second.subscribeLite("b-3");
            assertThatThrownBy(() -> first.subscribeLite("a-0"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("the group's quota is reached");
            assertThat(first.getLiteTopicSet()).containsExactlyInAnyOrder("a-1", "a-2", "a-3", "a-4");
        }
    }

    @Test
    void officialConsumersMeetTheSameSubscriptionQuotas() throws Exception {
        try (var first = official("narrow-official");
                var second = official("narrow-official")) {
            for (int number = 0; number < 5; number++) {
                first.subscribeLite("a-" + number);
            }
            assertThatThrownBy(() -> first.subscribeLite("a-5"))
                    .isInstanceOf(
                            org.apache.rocketmq.client.java.exception.LiteSubscriptionQuotaExceededException.class);
            for (int number = 0; number < 3; number++) {
                second.subscribeLite("b-" + number);
            }
            assertThatThrownBy(() -> second.subscribeLite("b-3"))
                    .isInstanceOf(
                            org.apache.rocketmq.client.java.exception.LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("the group's quota is reached");

            first.unsubscribeLite("a-0");
            second.subscribeLite("b-3");
            assertThat(second.getLiteTopicSet()).containsExactlyInAnyOrder("b-0", "b-1", "b-2", "b-3");
        }
    }

    @Test
    void twoThousandSubscriptionsAreAllowedWithoutAnySetting() throws Exception {
        try (LitePushConsumer consumer = consumer("usual")) {
            subscribe(consumer, names(2_000));

            assertThatThrownBy(() -> consumer.subscribeLite("one-more"))
                    .isInstanceOf(LiteSubscriptionQuotaExceededException.class)
                    .hasMessageContaining("subscribed=2000")
                    .hasMessageContaining("quota=2000");
            assertThat(consumer.getLiteTopicSet()).isEqualTo(new HashSet<>(names(2_000)));
        }
    }

    @Test
    void consumerWithAHundredThousandSubscriptionsComesBackAfterARestartOfTheProxy() throws Exception {
        List<String> names = names(MANY);
        List<String> sample = new ArrayList<>(names);
        Collections.shuffle(sample, new java.util.Random(7));
        List<String> used = List.copyOf(sample.subList(0, 500));
        Set<String> got = ConcurrentHashMap.newKeySet();
        try (Producer producer = LiteClients.producer(cluster.get(), "many");
                LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "many", "many-workers", message -> {
                    got.add(message.getLiteTopic().orElseThrow() + ' ' + OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                })) {
            long start = System.nanoTime();
            subscribe(consumer, names);
            System.err.printf(
                    "measured: %d subscriptions of one consumer, one by one from 32 threads, take %d ms%n",
                    MANY, millisSince(start));
            assertThat(consumer.getLiteTopicSet()).hasSize(MANY);
            sendToAll(producer, used, 0);
            await().atMost(LONG).until(() -> got.size() == used.size());

            cluster.proxy().kill();
            cluster.proxy().restart();
            long restarted = System.nanoTime();
            sendToAll(producer, used, 1);
            await().atMost(LONG).until(() -> got.size() == 2 * used.size());
            System.err.printf(
                    "measured: %d ms after the restart of the proxy the consumer with %d subscriptions has got %d messages%n",
                    millisSince(restarted), MANY, used.size());
            assertThat(consumer.getLiteTopicSet()).hasSize(MANY);
        }
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "customer-" + number + "/session")
                .toList();
    }

    private static void subscribe(LitePushConsumer consumer, List<String> names) throws Exception {
        List<Callable<Void>> calls = new ArrayList<>();
        for (String name : names) {
            calls.add(() -> {
                consumer.subscribeLite(name);
                return null;
            });
        }
        assertThat(failuresOf(32, calls)).isEmpty();
    }

    /** As an application would: a send that fails while the proxy is away is repeated. */
    private static void sendToAll(Producer producer, List<String> liteTopics, int number) {
        await().atMost(LONG).ignoreExceptions().until(() -> {
            List<CompletableFuture<?>> sends = new ArrayList<>();
            for (String liteTopic : liteTopics) {
                sends.add(producer.sendAsync(LiteClients.message("many", liteTopic, number)));
            }
            CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
            return true;
        });
    }

    private static List<Throwable> failuresOf(int threads, List<Callable<Void>> calls) throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Throwable> failures = new ArrayList<>();
            for (Future<Void> call : executor.invokeAll(calls)) {
                try {
                    call.get();
                } catch (ExecutionException e) {
                    failures.add(e.getCause());
                }
            }
            return failures;
        } finally {
            executor.shutdownNow();
        }
    }

    private static LitePushConsumer consumer(String bindTopic) throws ClientException {
        return LiteClients.consumer(cluster.get(), bindTopic, bindTopic + "-workers", message -> ConsumeResult.SUCCESS);
    }

    private static org.apache.rocketmq.client.apis.consumer.LitePushConsumer official(String bindTopic)
            throws ClientException {
        return OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers")
                .setMessageListener(message -> org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS)
                .build();
    }
}
