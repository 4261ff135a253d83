package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What takes long, and whom it must not delay: nearly all lite topics of a group are suspended, with messages behind them, while a
 * few flow, whose latencies are printed. Handlers that take more than a minute run in the background of that.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WorstCaseIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration SUSPEND = Duration.ofSeconds(30);
    private static final Duration LONG_HANDLER = Duration.ofSeconds(70);
    private static final int BACKLOG = 10;
    private static final List<String> SUSPENDED = names("suspended-", 1_980);
    private static final List<String> BEFORE = names("before-", 20);
    private static final List<String> FLOWING = names("flowing-", 20);
    private static final Duration FLOW_TIME = Duration.ofSeconds(5);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      tenants:       { groups: { gateways: { subscriptionsPerClient: 5000 } } }
                      slow:          { groups: { slow-workers: {} } }
                      slow-official: { groups: { slow-official-workers: {} } }
                    """)
            // The official client's close waits for its long polls.
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static final SlowHandler slow = new SlowHandler();
    private static final SlowHandler slowOfficial = new SlowHandler();
    private static Producer producer;
    private static LitePushConsumer slowConsumer;
    private static org.apache.rocketmq.client.apis.consumer.LitePushConsumer slowOfficialConsumer;

    /** Takes long for message 0. */
    private static final class SlowHandler {
        final List<String> calls = new CopyOnWriteArrayList<>();
        private final CountDownLatch never = new CountDownLatch(1);

        void handle(MessageView message) {
            int number = OfficialClients.number(message);
            calls.add("began " + number);
            if (number == 0) {
                try {
                    never.await(LONG_HANDLER.toMillis(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    calls.add("interrupted");
                }
            }
            calls.add("ended " + number);
        }
    }

    @BeforeAll
    static void startSlowHandlers() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "tenants", "slow", "slow-official");
        slowConsumer = LiteClients.consumer(cluster.get(), "slow", "slow-workers", message -> {
            slow.handle(message);
            return ConsumeResult.SUCCESS;
        });
        slowOfficialConsumer = OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic("slow-official")
                .setConsumerGroup("slow-official-workers")
                .setMessageListener(message -> {
                    slowOfficial.handle(message);
                    return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
                })
                .build();
        slowConsumer.subscribeLite("report");
        slowOfficialConsumer.subscribeLite("report");
        for (int number = 0; number < 3; number++) {
            producer.send(LiteClients.message("slow", "report", number));
            producer.send(LiteClients.message("slow-official", "report", number));
        }
    }

    @AfterAll
    static void close() throws Exception {
        slowConsumer.close();
        slowOfficialConsumer.close();
        producer.close();
    }

    @Test
    @Order(1)
    void fewLiteTopicsFlowInOrderWhileAllOthersAreSuspended() throws Exception {
        Deliveries deliveries = new Deliveries();
        Map<String, Long> handledAt = new ConcurrentHashMap<>();
        Set<String> wereSuspended = ConcurrentHashMap.newKeySet();
        try (LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "tenants", "gateways", message -> {
            String liteTopic = message.getLiteTopic().orElseThrow();
            if (liteTopic.startsWith("suspended-") && wereSuspended.add(liteTopic)) {
                return ConsumeResultSuspend.of(SUSPEND);
            }
            int number = OfficialClients.number(message);
            handledAt.putIfAbsent(liteTopic + '#' + number, System.nanoTime());
            deliveries.add(liteTopic, number);
            return ConsumeResult.SUCCESS;
        })) {
            for (List<String> names : List.of(BEFORE, SUSPENDED, FLOWING)) {
                for (String liteTopic : names) {
                    consumer.subscribeLite(liteTopic);
                }
            }

            measure("none suspended", BEFORE, deliveries, handledAt);
            for (int number = 0; number < BACKLOG; number++) {
                sendBacklog(number);
            }
            await().atMost(LONG).until(() -> wereSuspended.size() == SUSPENDED.size());
            int resumedBefore = resumed(deliveries);
            measure(
                    SUSPENDED.size() + " of " + (SUSPENDED.size() + FLOWING.size()) + " suspended",
                    FLOWING,
                    deliveries,
                    handledAt);
            System.err.printf(
                    "measured: lite topics that had resumed meanwhile: %d before, %d after%n",
                    resumedBefore, resumed(deliveries));

            List<Integer> backlog = IntStream.range(0, BACKLOG).boxed().toList();
            await().atMost(LONG)
                    .until(() -> SUSPENDED.stream()
                            .allMatch(liteTopic -> deliveries.of(liteTopic).size() >= BACKLOG));
            assertThat(SUSPENDED)
                    .allSatisfy(
                            liteTopic -> assertThat(deliveries.of(liteTopic)).isEqualTo(backlog));
        }
    }

    @Test
    @Order(2)
    void messageOfAHandlerThatTakesSeventySecondsIsNotDeliveredAgain() {
        await().atMost(LONG_HANDLER.plusSeconds(30))
                .untilAsserted(() -> assertThat(List.of(slow.calls.size(), slowOfficial.calls.size()))
                        .allMatch(calls -> calls >= 6));

        String[] once = {"began 0", "ended 0", "began 1", "ended 1", "began 2", "ended 2"};
        assertThat(slow.calls).as("our client").containsExactly(once);
        assertThat(slowOfficial.calls).as("the official client").containsExactly(once);
    }

    private static int resumed(Deliveries deliveries) {
        return (int) deliveries.byLiteTopic().keySet().stream()
                .filter(liteTopic -> liteTopic.startsWith("suspended-"))
                .count();
    }

    private static void measure(
            String what, List<String> liteTopics, Deliveries deliveries, Map<String, Long> handledAt) throws Exception {
        try (MessageFlow flow = new MessageFlow(producer, "tenants", liteTopics)) {
            long end = System.nanoTime() + FLOW_TIME.toNanos();
            flow.start();
            await().atMost(LONG).until(() -> System.nanoTime() >= end);
            int each = flow.stop();
            await().atMost(LONG)
                    .until(() -> liteTopics.stream()
                            .allMatch(liteTopic -> deliveries.of(liteTopic).size() >= each));
            List<Integer> inOrder = IntStream.range(0, each).boxed().toList();
            assertThat(liteTopics)
                    .allSatisfy(
                            liteTopic -> assertThat(deliveries.of(liteTopic)).isEqualTo(inOrder));

            List<Double> millis = new ArrayList<>();
            for (String liteTopic : liteTopics) {
                for (int number = 0; number < each; number++) {
                    long handled = handledAt.getOrDefault(liteTopic + '#' + number, 0L);
                    millis.add((handled - flow.sentAt(liteTopic, number)) / 1e6);
                }
            }
            millis.sort(null);
            System.err.printf(
                    "measured: %s: from send to listener %.1f ms (p50), %.1f ms (p99), %d messages%n",
                    what, millis.get(millis.size() / 2), millis.get(millis.size() * 99 / 100), millis.size());
        }
    }

    private static void sendBacklog(int number) {
        List<CompletableFuture<?>> sends = new ArrayList<>();
        for (String liteTopic : SUSPENDED) {
            sends.add(producer.sendAsync(LiteClients.message("tenants", liteTopic, number)));
        }
        CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
    }

    private static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(number -> prefix + number).toList();
    }
}
