package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageListener;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** Our client at a stock proxy without the plugin. Every test has a consumer group of its own, and lite topics of its own names. */
class FallbackIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String TOPIC = "inference";
    private static final String CRASH_TOPIC = "crashes";

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder());

    private static Producer producer;

    @BeforeAll
    static void prepare() throws ClientException {
        cluster.createTopic(TOPIC, TopicType.FIFO, 4);
        cluster.createTopic(CRASH_TOPIC, TopicType.FIFO, 4);
        for (String group :
                List.of("order-workers", "suspend-workers", "close-workers", "warned-workers", "crash-workers")) {
            cluster.createGroup(group, true);
        }
        cluster.createGroup("unordered-workers", false);
        new Mqadmin(cluster.get())
                .run("updateSubGroup", "-b", cluster.brokerAddress(), "-g", "failure-workers", "-o", "true", "-r", "1");
        producer = LiteClients.producer(cluster.get(), TOPIC, CRASH_TOPIC);
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void deliversAllLiteTopicsInOrderWithoutLossOrDuplicate() throws Exception {
        int liteTopics = 40;
        int each = 25;
        Deliveries deliveries = new Deliveries();
        Map<String, String> properties = new ConcurrentHashMap<>();
        try (LitePushConsumer consumer = consumer("order-workers", message -> {
            String name = message.getLiteTopic()
                    .orElseGet(() -> "group " + message.getMessageGroup().orElseThrow());
            if (name.contains("order-")) {
                properties.putAll(message.getProperties());
                deliveries.add(name, OfficialClients.number(message));
            }
            return ConsumeResult.SUCCESS;
        })) {
            for (int number = 0; number < each; number++) {
                List<CompletableFuture<?>> sends = new ArrayList<>();
                for (int topic = 0; topic < liteTopics; topic++) {
                    sends.add(producer.sendAsync(LiteClients.message(TOPIC, "order-" + topic, number)));
                }
                CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
            }
            // Who sends without a lite topic is heard of too.
            producer.send(LiteClients.PROVIDER
                    .newMessageBuilder()
                    .setTopic(TOPIC)
                    .setMessageGroup("order-plain")
                    .setBody(OfficialClients.body(0))
                    .build());

            await().atMost(LONG).until(() -> deliveries.total() >= liteTopics * each + 1);
            assertThat(consumer.getLiteTopicSet()).isEmpty();
        }
        assertThat(deliveries.of("group order-plain")).containsExactly(0);
        List<Integer> inOrder = IntStream.range(0, each).boxed().toList();
        for (int topic = 0; topic < liteTopics; topic++) {
            assertThat(deliveries.of("order-" + topic)).isEqualTo(inOrder);
        }
        assertThat(properties).isEmpty();
    }

    @Test
    void suspendedQueueRestsForItsTimeAndTheOthersFlow() throws Exception {
        Duration rest = Duration.ofSeconds(3);
        CompletableFuture<Long> suspendedAt = new CompletableFuture<>();
        CompletableFuture<Long> resumedAt = new CompletableFuture<>();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("suspend-workers", message -> {
            String liteTopic = message.getLiteTopic().orElse("");
            if (!liteTopic.startsWith("suspend-")) {
                return ConsumeResult.SUCCESS;
            }
            if (liteTopic.equals("suspend-0") && suspendedAt.complete(System.nanoTime())) {
                return ConsumeResultSuspend.of(rest);
            }
            if (liteTopic.equals("suspend-0")) {
                resumedAt.complete(System.nanoTime());
            }
            assertThat(message.getDeliveryAttempt()).isEqualTo(1);
            deliveries.add(liteTopic, OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            for (int number = 0; number < 5; number++) {
                for (int topic = 0; topic < 20; topic++) {
                    producer.send(LiteClients.message(TOPIC, "suspend-" + topic, number));
                }
            }
            await().atMost(LONG).until(() -> deliveries.total() >= 100);

            Duration took = Duration.ofNanos(resumedAt.join() - suspendedAt.join());
            System.out.println("suspended for " + rest.toMillis() + " ms, resumed after " + took.toMillis() + " ms");
            assertThat(took).isGreaterThanOrEqualTo(rest);
            for (int topic = 0; topic < 20; topic++) {
                assertThat(deliveries.of("suspend-" + topic)).containsExactly(0, 1, 2, 3, 4);
            }
        }
    }

    @Test
    void failuresAreTriedAgainAndBecomeDeadLetters() throws Exception {
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer consumer = consumer("failure-workers", message -> {
            String liteTopic = message.getLiteTopic().orElse("");
            if (liteTopic.equals("failure-bad")) {
                attempts.add(message.getDeliveryAttempt());
                if (OfficialClients.number(message) == 0) {
                    throw new IllegalStateException("as the test wants it");
                }
            }
            deliveries.add(liteTopic, OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            producer.send(LiteClients.message(TOPIC, "failure-bad", 0));
            producer.send(LiteClients.message(TOPIC, "failure-bad", 1));

            await().atMost(LONG).until(() -> !deliveries.of("failure-bad").isEmpty());
            assertThat(deliveries.of("failure-bad")).containsExactly(1);
            assertThat(attempts).containsExactly(1, 2, 1);
        }
        assertThat(DeadLetters.of(cluster.get(), "failure-workers", 1))
                .extracting(DeadLetters.DeadLetter::body)
                .containsExactly("0");
    }

    @Test
    void suspendOutlivesAnOrderlyEndOfItsConsumer() throws Exception {
        Duration rest = Duration.ofSeconds(6);
        CompletableFuture<Long> suspendedAt = new CompletableFuture<>();
        LitePushConsumer first = consumer("close-workers", message -> {
            if (message.getLiteTopic().orElse("").equals("close-me")) {
                suspendedAt.complete(System.nanoTime());
                return ConsumeResultSuspend.of(rest);
            }
            return ConsumeResult.SUCCESS;
        });
        producer.send(LiteClients.message(TOPIC, "close-me", 0));
        producer.send(LiteClients.message(TOPIC, "close-me", 1));
        await().atMost(LONG).until(suspendedAt::isDone);
        first.close();

        CompletableFuture<Long> resumedAt = new CompletableFuture<>();
        Deliveries deliveries = new Deliveries();
        try (LitePushConsumer second = consumer("close-workers", message -> {
            if (message.getLiteTopic().orElse("").equals("close-me")) {
                resumedAt.complete(System.nanoTime());
                deliveries.add("close-me", OfficialClients.number(message));
            }
            return ConsumeResult.SUCCESS;
        })) {
            await().atMost(LONG).until(() -> deliveries.total() >= 2);
        }
        Duration took = Duration.ofNanos(resumedAt.join() - suspendedAt.join());
        System.out.println("suspended for " + rest.toMillis() + " ms, taken over after " + took.toMillis() + " ms");
        // A call that the first consumer left behind at the broker would have taken the messages for another 30 s.
        assertThat(took).isBetween(rest, rest.plusSeconds(25));
        assertThat(deliveries.of("close-me")).containsExactly(0, 1);
    }

    /** A consumer is killed while it holds messages, then broker and proxy while the next one handles them. */
    @Test
    void crashesOfAConsumerAndOfTheServersLoseNothingAndKeepOrder() throws Exception {
        int liteTopics = 20;
        int firstHeld = 4;
        Deliveries deliveries = new Deliveries();
        Deliveries ofKilled;
        try (NodeProcess node =
                NodeProcess.start(cluster.grpcEndpoints(), CRASH_TOPIC, "crash-workers", firstHeld, List.of())) {
            sendToCrashTopics(liteTopics, 0, 8);
            await().atMost(LONG).until(() -> !node.held().isEmpty());
            node.kill();
            ofKilled = node.handled();
        }
        try (LitePushConsumer consumer = consumer(CRASH_TOPIC, "crash-workers", message -> {
            deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            assertThat(consumer.isPaused()).isFalse();
            await().atMost(LONG).until(() -> deliveries.total() > 0);
            cluster.proxy().kill();
            cluster.proxy().restart();
            sendToCrashTopics(liteTopics, 8, 12);

            await().atMost(LONG.multipliedBy(2)).untilAsserted(() -> {
                for (int topic = 0; topic < liteTopics; topic++) {
                    Set<Integer> seen = new TreeSet<>(deliveries.of("crash-" + topic));
                    seen.addAll(ofKilled.of("crash-" + topic));
                    assertThat(seen).hasSize(12);
                }
            });
        }
        for (int topic = 0; topic < liteTopics; topic++) {
            int highest = ofKilled.of("crash-" + topic).size() - 1;
            for (int number : deliveries.of("crash-" + topic)) {
                assertThat(number).as("crash-%d", topic).isLessThanOrEqualTo(highest + 1);
                highest = Math.max(highest, number);
            }
        }
    }

    /** As an application would: a send that fails while the servers are away is repeated. */
    private static void sendToCrashTopics(int liteTopics, int from, int to) {
        for (int number = from; number < to; number++) {
            for (int topic = 0; topic < liteTopics; topic++) {
                Message message = LiteClients.message(CRASH_TOPIC, "crash-" + topic, number);
                await().atMost(LONG)
                        .pollDelay(Duration.ZERO)
                        .ignoreExceptionsInstanceOf(ClientException.class)
                        .until(() -> producer.send(message) != null);
            }
        }
    }

    @Test
    void saysWhatIsOffAndRefusesWhatItCannotDo() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.litetopic.lite.internal.consumer.PlainFifo");
        logger.addAppender(log);
        try (LitePushConsumer consumer = consumer("warned-workers", message -> ConsumeResult.SUCCESS)) {
            assertThat(log.list).singleElement().satisfies(event -> {
                assertThat(event.getLevel()).isEqualTo(Level.WARN);
                assertThat(event.getFormattedMessage())
                        .contains("no LiteTopic plugin", "subscriptions", "isolation", "quotas", "time to live")
                        .contains("Deploy the plugin into a proxy");
            });
            assertThatThrownBy(() -> consumer.subscribeLite("user-1"))
                    .isInstanceOf(LitePluginMissingException.class)
                    .hasMessageContaining("liteTopic=user-1")
                    .hasMessageContaining("deploy the plugin");
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void failsWithoutThePluginIfItIsRequired() {
        assertThatThrownBy(() -> LiteClients.PROVIDER
                        .newLitePushConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .bindTopic(TOPIC)
                        .setConsumerGroup("warned-workers")
                        .setMessageListener(message -> ConsumeResult.SUCCESS)
                        .requirePlugin(true)
                        .build())
                .isInstanceOf(LitePluginMissingException.class)
                .hasMessageContaining("-javaagent:lite-proxy-plugin.jar");
    }

    @Test
    void refusesGroupsThatKeepNoOrder() {
        for (String group : List.of("unordered-workers", "nobody-created-it")) {
            assertThatThrownBy(() -> consumer(group, message -> ConsumeResult.SUCCESS))
                    .isInstanceOf(LitePluginMissingException.class)
                    .hasMessageContaining("mqadmin updateSubGroup")
                    .hasMessageContaining("-g " + group + " -s true -o true");
        }
    }

    @Test
    void refusesGroupsThatThePluginServesOrHasServed() {
        cluster.createGroup("served-workers", true);
        cluster.createTopic("LITE_JOURNAL_served-workers", TopicType.NORMAL, 1); // as the plugin does for each group

        assertThatThrownBy(() -> consumer("served-workers", message -> ConsumeResult.SUCCESS))
                .isInstanceOf(LitePluginMissingException.class)
                .hasMessageContaining("mqadmin deleteTopic")
                .hasMessageContaining("-t LITE_JOURNAL_served-workers");
    }

    private static LitePushConsumer consumer(String group, MessageListener listener) throws ClientException {
        return consumer(TOPIC, group, listener);
    }

    private static LitePushConsumer consumer(String topic, String group, MessageListener listener)
            throws ClientException {
        return LiteClients.consumer(cluster.get(), topic, group, listener);
    }
}
