package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.policy.LitePolicies;
import io.litetopic.lite.policy.Rate;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Policies around a listener, with the plugin's suspends. Prints rates and latencies; asserts what does not depend on speed. */
class PoliciesIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final List<String> LIMITED = List.of("limited-0", "limited-1", "limited-2", "limited-3");
    private static final List<String> FREE = List.of("free-0", "free-1", "free-2", "free-3");
    private static final Rate RATE = Rate.perSecond(10).withBurst(2);
    private static final int BACKLOG = 60;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      rates:    { groups: { rate-workers: {} } }
                      feedback: { groups: { feedback-workers: { maxAttempts: 2 } } }
                    """)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "rates", "feedback");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void limitedLiteTopicsGetTheirRateAndOthersFlow() throws Exception {
        Deliveries deliveries = new Deliveries();
        Map<String, List<Long>> handledAt = new ConcurrentHashMap<>();
        AtomicInteger asked = new AtomicInteger();
        MessageListener governed = LitePolicies.rateLimit(
                        liteTopic -> liteTopic.startsWith("limited") ? RATE : Rate.UNLIMITED)
                .around(message -> {
                    String liteTopic = message.getLiteTopic().orElseThrow();
                    handledAt
                            .computeIfAbsent(liteTopic, name -> new CopyOnWriteArrayList<>())
                            .add(System.nanoTime());
                    deliveries.add(liteTopic, OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                });
        try (LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "rates", "rate-workers", message -> {
            asked.incrementAndGet();
            return governed.consume(message);
        })) {
            for (int number = 0; number < BACKLOG; number++) {
                for (String liteTopic : LIMITED) {
                    producer.send(LiteClients.message("rates", liteTopic, number));
                }
            }
            for (List<String> names : List.of(LIMITED, FREE)) {
                for (String liteTopic : names) {
                    consumer.subscribeLite(liteTopic);
                }
            }

            try (MessageFlow flow = new MessageFlow(producer, "rates", FREE)) {
                flow.start();
                await().atMost(LONG)
                        .until(() -> LIMITED.stream()
                                .allMatch(liteTopic -> deliveries.of(liteTopic).size() >= BACKLOG));
                int each = flow.stop();
                await().atMost(LONG)
                        .until(() -> FREE.stream()
                                .allMatch(liteTopic -> deliveries.of(liteTopic).size() >= each));
                printLatencies(flow, handledAt, each);
                assertThat(FREE)
                        .allSatisfy(liteTopic ->
                                assertThat(deliveries.of(liteTopic)).isEqualTo(numbers(each)));
                System.err.printf(
                        "measured: %.2f calls of the policy for each limited message%n",
                        (asked.get() - 1.0 * FREE.size() * each) / (LIMITED.size() * BACKLOG));
            }
        }

        for (String liteTopic : LIMITED) {
            assertThat(deliveries.of(liteTopic)).isEqualTo(numbers(BACKLOG));
            List<Long> times = handledAt.getOrDefault(liteTopic, List.of());
            double seconds = (times.get(BACKLOG - 1) - times.get(0)) / 1e9;
            System.err.printf(
                    "measured: %s %.2f messages/s of %d allowed%n",
                    liteTopic, (BACKLOG - RATE.burst()) / seconds, RATE.permits());
            // The time is taken a little after the permit.
            assertThat(seconds).isGreaterThan((BACKLOG - RATE.burst()) / (double) RATE.permits() - 0.5);
        }
    }

    @Test
    void providerThatSaysLaterManyTimesCostsNoAttempt() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Deliveries deliveries = new Deliveries();
        MessageListener listener = LitePolicies.inOrder(
                        LitePolicies.concurrency(1),
                        LitePolicies.retryAfter(failure -> failure instanceof UnsupportedOperationException
                                ? Optional.of(Duration.ofMillis(50))
                                : Optional.empty()))
                .around(message -> {
                    if (calls.incrementAndGet() <= 10) {
                        throw new UnsupportedOperationException("later");
                    }
                    deliveries.add(message.getLiteTopic().orElseThrow(), message.getDeliveryAttempt());
                    return ConsumeResult.SUCCESS;
                });
        try (LitePushConsumer consumer =
                LiteClients.consumer(cluster.get(), "feedback", "feedback-workers", listener)) {
            consumer.subscribeLite("chat");
            producer.send(LiteClients.message("feedback", "chat", 0));

            await().atMost(LONG).until(() -> !deliveries.of("chat").isEmpty());
        }

        assertThat(deliveries.of("chat")).as("attempts").containsExactly(1);
        assertThat(calls).hasValue(11);
    }

    private static void printLatencies(MessageFlow flow, Map<String, List<Long>> handledAt, int each) {
        List<Double> millis = FREE.stream()
                .flatMap(liteTopic -> IntStream.range(0, each)
                        .mapToObj(number ->
                                (handledAt.getOrDefault(liteTopic, List.of()).get(number)
                                                - flow.sentAt(liteTopic, number))
                                        / 1e6))
                .sorted()
                .toList();
        System.err.printf(
                "measured: not limited: from send to listener %.1f ms (p50), %.1f ms (p99), %d messages%n",
                millis.get(millis.size() / 2), millis.get(millis.size() * 99 / 100), millis.size());
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }
}
