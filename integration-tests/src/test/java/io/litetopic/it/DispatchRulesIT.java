package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Weights and rate limits of the configuration have their effect. */
class DispatchRulesIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      limited:
                        groups:
                          limited-workers:
                            rateLimits:
                              "free/*": { messagesPerSecond: 20 }
                      weighted:
                        groups:
                          weighted-workers:
                            weights:
                              "vip/*": 5
                    """)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static final Duration WORK = Duration.ofMillis(3);

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "limited", "weighted");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    /** A message as the listener saw it. */
    private record Seen(String liteTopic, int number, long atNanos) {}

    @Test
    void limitedLiteTopicsTakeTheirTimeEachByItselfWhileOthersFlow() throws Exception {
        int backlog = 61; // the first at once, then 20 a second: 3 s
        List<String> liteTopics = List.of("free/a", "free/b", "paid/a");
        for (String liteTopic : liteTopics) {
            send("limited", liteTopic, backlog);
        }
        List<Seen> seen = new CopyOnWriteArrayList<>();
        try (LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "limited", "limited-workers", message -> {
            seen.add(
                    new Seen(message.getLiteTopic().orElseThrow(), OfficialClients.number(message), System.nanoTime()));
            return ConsumeResult.SUCCESS;
        })) {
            for (String liteTopic : liteTopics) {
                consumer.subscribeLite(liteTopic);
            }

            await().atMost(LONG).until(() -> seen.size() >= liteTopics.size() * backlog);
            for (String liteTopic : liteTopics) {
                assertThat(of(seen, liteTopic))
                        .extracting(Seen::number)
                        .containsExactlyElementsOf(
                                IntStream.range(0, backlog).boxed().toList());
            }
            // The first of them may reach the listener late, the last ones not.
            assertThat(span(of(seen, "free/a"))).isBetween(Duration.ofMillis(2_800), Duration.ofSeconds(6));
            assertThat(span(of(seen, "free/b"))).isBetween(Duration.ofMillis(2_800), Duration.ofSeconds(6));
            assertThat(mostInASecond(of(seen, "free/a"))).isLessThanOrEqualTo(26);
            assertThat(span(of(seen, "paid/a"))).isLessThan(Duration.ofMillis(1_500));
            System.err.printf(
                    "measured: %d messages of a lite topic with 20/s take %d ms, of one without limit %d ms%n",
                    backlog,
                    span(of(seen, "free/a")).toMillis(),
                    span(of(seen, "paid/a")).toMillis());
        }
    }

    @Test
    void weightedLiteTopicHasMoreTurnsAndStarvesNobody() throws Exception {
        int backlog = 50;
        List<String> vips = List.of("vip/a", "vip/b", "vip/c", "vip/d");
        List<String> others = List.of("basic/a", "basic/b", "basic/c", "basic/d");
        for (int topic = 0; topic < vips.size(); topic++) {
            send("weighted", vips.get(topic), backlog);
            send("weighted", others.get(topic), backlog);
        }
        send("weighted", "starter", 1);
        List<Seen> seen = new CopyOnWriteArrayList<>();
        CountDownLatch subscribed = new CountDownLatch(1);
        try (LitePushConsumer consumer = LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("weighted")
                .setConsumerGroup("weighted-workers")
                .setConsumptionThreadCount(1)
                .setMessageListener(message -> {
                    String liteTopic = message.getLiteTopic().orElseThrow();
                    if (liteTopic.equals("starter")) {
                        try {
                            subscribed.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return ConsumeResult.SUCCESS;
                    }
                    seen.add(new Seen(liteTopic, OfficialClients.number(message), System.nanoTime()));
                    LockSupport.parkNanos(WORK.toNanos()); // weights share what is scarce: the time of the consumer
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            // Holds the only thread until all of them compete.
            consumer.subscribeLite("starter");
            for (int topic = 0; topic < vips.size(); topic++) {
                consumer.subscribeLite(others.get(topic));
                consumer.subscribeLite(vips.get(topic));
            }
            subscribed.countDown();

            await().atMost(LONG).until(() -> seen.size() >= 2 * vips.size() * backlog);
            assertThat(Stream.concat(vips.stream(), others.stream()))
                    .allSatisfy(liteTopic -> assertThat(of(seen, liteTopic))
                            .extracting(Seen::number)
                            .containsExactlyElementsOf(
                                    IntStream.range(0, backlog).boxed().toList()));
            int turns = 180;
            long ofVips = seen.stream()
                    .limit(turns)
                    .filter(each -> vips.contains(each.liteTopic()))
                    .count();
            System.err.printf(
                    "measured: of %d messages the lite topics with weight 5 have %d, the others %d%n",
                    turns, ofVips, turns - ofVips);
            assertThat(ofVips).isBetween(turns * 7L / 10, turns * 9L / 10);
        }
    }

    private static void send(String bindTopic, String liteTopic, int count) throws ClientException {
        for (int number = 0; number < count; number++) {
            producer.send(LiteClients.message(bindTopic, liteTopic, number));
        }
    }

    private static List<Seen> of(List<Seen> seen, String liteTopic) {
        return seen.stream().filter(each -> each.liteTopic().equals(liteTopic)).toList();
    }

    private static Duration span(List<Seen> seen) {
        return Duration.ofNanos(
                seen.get(seen.size() - 1).atNanos() - seen.get(0).atNanos());
    }

    private static long mostInASecond(List<Seen> seen) {
        return seen.stream()
                .mapToLong(first -> seen.stream()
                        .filter(each ->
                                each.atNanos() >= first.atNanos() && each.atNanos() - first.atNanos() < 1_000_000_000L)
                        .count())
                .max()
                .orElse(0);
    }
}
