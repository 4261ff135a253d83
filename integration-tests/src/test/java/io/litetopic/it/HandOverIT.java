package io.litetopic.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageView;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Lite topics move from one consumer to another while messages flow. How long a lite topic stands still meanwhile is printed: for
 * each one the time from when the first consumer began to end, or from when the next message was stored if that is later, until
 * the second consumer handles that message.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HandOverIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<String> LITE_TOPICS =
            IntStream.range(0, 50).mapToObj(number -> "session-" + number).toList();

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("""
                    bindTopics:
                      moved:  { groups: { moved-workers: { mode: shared } } }
                      closed: { groups: { closed-workers: { mode: shared } } }
                      killed: { groups: { killed-workers: { mode: shared } } }
                    """)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "moved", "closed", "killed");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    /** What a consumer has handled, and when it began with each message. */
    private static final class Node {
        private final Deliveries all;
        private final Deliveries own = new Deliveries();
        private final Map<String, Long> beganAt = new ConcurrentHashMap<>();

        Node(Deliveries all) {
            this.all = all;
        }

        ConsumeResult handle(MessageView message) {
            String liteTopic = message.getLiteTopic().orElseThrow();
            int number = OfficialClients.number(message);
            beganAt.putIfAbsent(liteTopic + '#' + number, System.nanoTime());
            own.add(liteTopic, number);
            all.add(liteTopic, number);
            return ConsumeResult.SUCCESS;
        }

        long beganAt(String liteTopic, int number) {
            return requireNonNull(beganAt.get(liteTopic + '#' + number));
        }
    }

    @Test
    @Order(3) // the calls are measured: by then all processes have run for a while
    void unsubscribedLiteTopicGoesOnAtTheNextSubscriber() throws Exception {
        Deliveries all = new Deliveries();
        Node first = new Node(all);
        Node second = new Node(all);
        Map<String, Long> endedAt = new ConcurrentHashMap<>();
        try (LitePushConsumer node2 = consumer("moved", second);
                LitePushConsumer node1 = consumer("moved", first);
                MessageFlow flow = new MessageFlow(producer, "moved", LITE_TOPICS)) {
            subscribeToAll(node1);
            flow.start();
            await().atMost(LONG).until(() -> first.own.total() >= 40 * LITE_TOPICS.size());

            long begin = System.nanoTime();
            for (String liteTopic : LITE_TOPICS) {
                endedAt.put(liteTopic, System.nanoTime());
                node1.unsubscribeLite(liteTopic);
                node2.subscribeLite(liteTopic);
            }
            double callsMillis = (System.nanoTime() - begin) / 1e6 / LITE_TOPICS.size();
            await().atMost(LONG).until(() -> second.own.byLiteTopic().size() == LITE_TOPICS.size());
            int each = flow.stop();

            await().atMost(LONG).until(() -> all.total() >= each * LITE_TOPICS.size());
            assertEachOnceInOrder(all, each);
            printStandstill("unsubscribe and subscribe", endedAt, flow, second, first.own);
            System.err.printf("measured: of this the two calls take %.1f ms (mean)%n", callsMillis);
        }
    }

    @Test
    @Order(1)
    void liteTopicsOfAClosedConsumerGoOnAtTheOther() throws Exception {
        Deliveries all = new Deliveries();
        Node first = new Node(all);
        Node second = new Node(all);
        try (LitePushConsumer node2 = consumer("closed", second);
                MessageFlow flow = new MessageFlow(producer, "closed", LITE_TOPICS)) {
            Map<String, Long> endedAt = new ConcurrentHashMap<>();
            try (LitePushConsumer node1 = consumer("closed", first)) {
                subscribeToAll(node1);
                flow.start();
                await().atMost(LONG).until(() -> first.own.total() >= 10 * LITE_TOPICS.size());
                subscribeToAll(node2);
                int before = all.total();
                await().atMost(LONG).until(() -> all.total() >= before + 5 * LITE_TOPICS.size());

                long now = System.nanoTime();
                LITE_TOPICS.forEach(liteTopic -> endedAt.put(liteTopic, now));
            }
            int handledByFirst = first.own.total();
            int after = second.own.total();
            await().atMost(LONG).until(() -> second.own.total() >= after + 5 * LITE_TOPICS.size());
            int each = flow.stop();

            await().atMost(LONG).until(() -> all.total() >= each * LITE_TOPICS.size());
            assertEachOnceInOrder(all, each);
            assertThat(first.own.total())
                    .as("a closed consumer handles nothing")
                    .isEqualTo(handledByFirst);
            printStandstill("close", endedAt, flow, second, first.own);
        }
    }

    @Test
    @Order(2)
    void liteTopicsOfAKilledConsumerGoOnAtTheFirstUnackedMessage() throws Exception {
        int firstHeld = 10;
        Node second = new Node(new Deliveries());
        try (LitePushConsumer node2 = consumer("killed", second);
                NodeProcess node1 =
                        NodeProcess.start(cluster.grpcEndpoints(), "killed", "killed-workers", firstHeld, LITE_TOPICS);
                MessageFlow flow = new MessageFlow(producer, "killed", LITE_TOPICS)) {
            flow.start();
            await().atMost(LONG).until(() -> node1.held().size() == LITE_TOPICS.size());
            subscribeToAll(node2);
            assertThat(second.own.total()).as("node 1 holds all lite topics").isZero();

            Map<String, Long> endedAt = new ConcurrentHashMap<>();
            long now = System.nanoTime();
            LITE_TOPICS.forEach(liteTopic -> endedAt.put(liteTopic, now));
            node1.kill();

            await().atMost(LONG).until(() -> second.own.byLiteTopic().size() == LITE_TOPICS.size());
            int each = flow.stop();
            await().atMost(LONG).until(() -> second.own.total() >= (each - firstHeld) * LITE_TOPICS.size());
            List<Integer> before = IntStream.range(0, firstHeld).boxed().toList();
            List<Integer> after = IntStream.range(firstHeld, each).boxed().toList();
            assertThat(LITE_TOPICS).allSatisfy(liteTopic -> {
                assertThat(node1.handled().of(liteTopic)).as(liteTopic).isEqualTo(before);
                assertThat(second.own.of(liteTopic)).as(liteTopic).isEqualTo(after);
            });
            printStandstill("kill -9", endedAt, flow, second, node1.handled());
        }
    }

    private static LitePushConsumer consumer(String bindTopic, Node node) throws ClientException {
        return LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers")
                .setMessageListener(node::handle)
                .build();
    }

    private static void subscribeToAll(LitePushConsumer consumer) throws ClientException {
        for (String liteTopic : LITE_TOPICS) {
            consumer.subscribeLite(liteTopic);
        }
    }

    private static void assertEachOnceInOrder(Deliveries all, int each) {
        List<Integer> inOrder = IntStream.range(0, each).boxed().toList();
        assertThat(all.byLiteTopic()).hasSize(LITE_TOPICS.size());
        assertThat(all.byLiteTopic())
                .allSatisfy((liteTopic, numbers) ->
                        assertThat(numbers).as(liteTopic).isEqualTo(inOrder));
    }

    private static void printStandstill(
            String how, Map<String, Long> endedAt, MessageFlow flow, Node second, Deliveries first) {
        List<Double> millis = new ArrayList<>();
        for (String liteTopic : LITE_TOPICS) {
            List<Integer> handled = first.of(liteTopic);
            int next = second.own.of(liteTopic).stream()
                    .filter(number -> number > handled.get(handled.size() - 1))
                    .findFirst()
                    .orElseThrow();
            long ready = Math.max(requireNonNull(endedAt.get(liteTopic)), flow.storedAt(liteTopic, next));
            millis.add(Math.max(0, second.beganAt(liteTopic, next) - ready) / 1e6);
        }
        millis.sort(null);
        System.err.printf(
                "measured: hand-over by %s: a lite topic stands still for %.1f ms (median), %.1f ms (max), %d lite topics%n",
                how, millis.get(millis.size() / 2), millis.get(millis.size() - 1), millis.size());
    }
}
