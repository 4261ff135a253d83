package io.litetopic.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** One of two proxies is killed under load: the other takes over, nothing is lost, and no lite topic runs twice at a time. */
class ProxyFailOverIT {
    private static final int LITE_TOPICS = 40;
    private static final Duration GAP = Duration.ofSeconds(10);

    private final Deliveries deliveries = new Deliveries();
    private final Map<String, Set<Integer>> stored = new ConcurrentHashMap<>();
    private final Map<String, Long> storedNanos = new ConcurrentHashMap<>();
    private final Map<String, Long> seenNanos = new ConcurrentHashMap<>();
    private final AtomicInteger failedSends = new AtomicInteger();
    private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    private final AtomicInteger ranTwice = new AtomicInteger();

    @Test
    void loadGoesOnWhenOneOfTwoProxiesIsKilled(TestReporter reporter) throws Exception {
        try (StockCluster cluster = StockCluster.builder()
                .proxyMode(ProxyMode.CLUSTER)
                .proxies(2)
                .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }")
                .start()) {
            try (Producer producer = producer(cluster);
                    LitePushConsumer consumer = consumer(cluster)) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    consumer.subscribeLite("user-" + topic);
                }
                AtomicInteger sent = new AtomicInteger();
                ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
                ScheduledFuture<?> sending = sender.scheduleAtFixedRate(
                        () -> sendNext(producer, sent.getAndIncrement()), 0, 5, TimeUnit.MILLISECONDS);
                try {
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> deliveries.byLiteTopic().size() == LITE_TOPICS);

                    cluster.proxies().get(0).kill();
                    long killedNanos = System.nanoTime();
                    consumer.subscribeLite("after-the-kill");
                    long subscribedNanos = System.nanoTime();

                    await().atMost(Duration.ofSeconds(40))
                            .until(() -> System.nanoTime() - killedNanos
                                    > Duration.ofSeconds(20).toNanos());
                    reporter.publishEntry(
                            "millisToSubscribeAfterTheKill",
                            Long.toString((subscribedNanos - killedNanos) / 1_000_000));
                } finally {
                    if (sending.isDone()) {
                        sending.get(); // it ends by a failure only
                    }
                    sender.shutdown();
                    assertThat(sender.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
                }
                await().atMost(Duration.ofSeconds(60)).untilAsserted(this::allHaveCome);
            }
        }
        long longest = storedNanos.entrySet().stream()
                        .mapToLong(entry -> requireNonNull(seenNanos.get(entry.getKey())) - entry.getValue())
                        .max()
                        .orElseThrow()
                / 1_000_000;
        int total = stored.values().stream().mapToInt(Set::size).sum();
        reporter.publishEntry(Map.of(
                "longestMillisFromStoredToDelivered", Long.toString(longest),
                "failedSends", failedSends.toString(),
                "stored", Integer.toString(total),
                "deliveredAgain", Integer.toString(deliveries.total() - total)));
        assertThat(ranTwice).hasValue(0);
        assertThat(deliveries.byLiteTopic().values()).allSatisfy(ProxyFailOverIT::isInOrder);
        assertThat(Duration.ofMillis(longest)).isLessThan(GAP);
    }

    private static Producer producer(StockCluster cluster) throws ClientException {
        return LiteClients.PROVIDER
                .newProducerBuilder()
                .setClientConfiguration(configuration(cluster.grpcEndpoints(1)))
                .setTopics("inference")
                .build();
    }

    private LitePushConsumer consumer(StockCluster cluster) throws ClientException {
        return LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration(cluster.grpcEndpoints()))
                .bindTopic("inference")
                .setConsumerGroup("workers")
                .setMessageListener(message -> {
                    String liteTopic = message.getLiteTopic().orElseThrow();
                    AtomicInteger runs = running.computeIfAbsent(liteTopic, name -> new AtomicInteger());
                    if (runs.incrementAndGet() > 1) {
                        ranTwice.incrementAndGet();
                    }
                    seenNanos.putIfAbsent(liteTopic + OfficialClients.number(message), System.nanoTime());
                    deliveries.add(liteTopic, OfficialClients.number(message));
                    runs.decrementAndGet();
                    return ConsumeResult.SUCCESS;
                })
                .build();
    }

    private void sendNext(Producer producer, int count) {
        String liteTopic = "user-" + count % LITE_TOPICS;
        int number = count / LITE_TOPICS;
        try {
            producer.send(LiteClients.message("inference", liteTopic, number));
        } catch (ClientException e) {
            // The number is used up: whether it was stored is not known, and it may come or not.
            failedSends.incrementAndGet();
            return;
        }
        storedNanos.put(liteTopic + number, System.nanoTime());
        stored.computeIfAbsent(liteTopic, name -> ConcurrentHashMap.newKeySet()).add(number);
    }

    private void allHaveCome() {
        Map<String, List<Integer>> seen = deliveries.byLiteTopic();
        List<String> missing = new ArrayList<>();
        stored.forEach((liteTopic, numbers) -> {
            Set<Integer> absent = new TreeSet<>(numbers);
            absent.removeAll(seen.getOrDefault(liteTopic, List.of()));
            if (!absent.isEmpty()) {
                missing.add(liteTopic + " " + absent);
            }
        });
        assertThat(missing).isEmpty();
    }

    /** A redelivery may step back to something seen before; what is new comes in the order in which it was sent. */
    private static void isInOrder(List<Integer> numbers) {
        List<Integer> firstSeen = numbers.stream().distinct().toList();
        assertThat(firstSeen).isSorted();
    }

    private static ClientConfiguration configuration(String endpoints) {
        return ClientConfiguration.newBuilder()
                .setEndpoints(endpoints)
                .enableSsl(false)
                .build();
    }
}
