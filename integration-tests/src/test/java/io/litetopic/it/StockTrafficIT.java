package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
import org.apache.rocketmq.client.apis.consumer.MessageListener;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.Transaction;
import org.apache.rocketmq.client.apis.producer.TransactionResolution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Ordinary clients of a proxy with the plugin get what stock gives them, and operators see ordinary topics and groups. */
class StockTrafficIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    /** Stock delivers delayed messages on multiples of this, which may be as much early. */
    private static final int TIMER_PRECISION_MILLIS = 100;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            // push consumers wait for their long polls when they close
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000)
            .brokerProperty("timerPrecisionMs", Integer.toString(TIMER_PRECISION_MILLIS))
            .litePluginConfig("""
                    bindTopics:
                      inference:
                        queues: 6
                        groups:
                          workers: { mode: shared, maxAttempts: 5 }
                      chat:
                        queues: 3
                        groups:
                          chatters: { mode: shared }
                    """));

    private final Mqadmin mqadmin = new Mqadmin(cluster.get());

    @BeforeAll
    static void createTopics() {
        cluster.createTopic("plain", TopicType.NORMAL, 2);
        cluster.createTopic("ordered", TopicType.FIFO, 4);
        cluster.createTopic("delayed", TopicType.DELAY, 2);
        cluster.createTopic("transactional", TopicType.TRANSACTION, 1);
        cluster.createGroup("orderly", true);
        cluster.createGroup("bind-topic-readers", true);
    }

    @Test
    void normalMessageReachesAPushConsumerAsItWasSent() throws Exception {
        byte[] body = new byte[256];
        IntStream.range(0, body.length).forEach(i -> body[i] = (byte) i);
        Map<String, String> properties = Map.of("tenant", "ünïcode 漢字", "trace.id", "a=b;c");
        List<MessageView> received = new CopyOnWriteArrayList<>();

        try (Producer producer = OfficialClients.producer(cluster.get(), "plain");
                PushConsumer consumer =
                        pushConsumer("readers", "plain", new FilterExpression("whole"), collect(received))) {
            MessageBuilder message = OfficialClients.PROVIDER
                    .newMessageBuilder()
                    .setTopic("plain")
                    .setTag("whole")
                    .setKeys("k1", "k2")
                    .setBody(body);
            properties.forEach(message::addProperty);
            String messageId = producer.send(message.build()).getMessageId().toString();

            await().atMost(PATIENCE).until(() -> !received.isEmpty());
            assertThat(received).singleElement().satisfies(view -> {
                assertThat(view.getMessageId()).hasToString(messageId);
                assertThat(view.getTopic()).isEqualTo("plain");
                assertThat(view.getTag()).hasValue("whole");
                assertThat(view.getKeys()).containsExactlyInAnyOrder("k1", "k2");
                assertThat(view.getProperties()).isEqualTo(properties);
                assertThat(view.getLiteTopic()).isEmpty();
                assertThat(view.getMessageGroup()).isEmpty();
                assertThat(view.getDeliveryAttempt()).isEqualTo(1);
                assertThat(view.getBody()).isEqualTo(ByteBuffer.wrap(body));
            });
        }
    }

    @Test
    void tagFilterSelectsMessages() throws Exception {
        List<MessageView> received = new CopyOnWriteArrayList<>();

        try (Producer producer = OfficialClients.producer(cluster.get(), "plain");
                PushConsumer consumer =
                        pushConsumer("red-readers", "plain", new FilterExpression("red"), collect(received))) {
            for (int number = 0; number < 20; number++) {
                producer.send(message("plain", number)
                        .setTag(number % 2 == 0 ? "red" : "green")
                        .build());
            }

            List<Integer> even =
                    IntStream.range(0, 20).filter(n -> n % 2 == 0).boxed().toList();
            await().atMost(PATIENCE).until(() -> received.size() >= even.size());
            assertThat(received).extracting(OfficialClients::number).containsExactlyInAnyOrderElementsOf(even);
        }
    }

    @Test
    void simpleConsumerAcksAndChangesTheInvisibleDuration() throws Exception {
        try (Producer producer = OfficialClients.producer(cluster.get(), "plain");
                SimpleConsumer consumer = simpleConsumer("pollers", "plain", new FilterExpression("polled"))) {
            producer.send(message("plain", 0).setTag("polled").build());
            producer.send(message("plain", 1).setTag("polled").build());
            List<MessageView> first = receive(consumer, 2);
            assertThat(first).extracting(OfficialClients::number).containsExactlyInAnyOrder(0, 1);
            MessageView kept = first.get(0);

            consumer.ack(first.get(1));
            long askedNanos = System.nanoTime();
            consumer.changeInvisibleDuration(kept, Duration.ofSeconds(2));
            MessageView again = receive(consumer, 1).get(0);
            long hiddenNanos = System.nanoTime() - askedNanos;
            consumer.ack(again);

            assertThat(again.getMessageId()).isEqualTo(kept.getMessageId());
            assertThat(again.getDeliveryAttempt()).isEqualTo(2);
            assertThat(Duration.ofNanos(hiddenNanos)).isGreaterThan(Duration.ofMillis(1_900));
        }
    }

    @Test
    void fifoTopicKeepsTheOrderOfEveryMessageGroup() throws Exception {
        Deliveries deliveries = new Deliveries();

        try (Producer producer = OfficialClients.producer(cluster.get(), "ordered");
                PushConsumer consumer =
                        pushConsumer("orderly", "ordered", FilterExpression.SUB_ALL, record(deliveries))) {
            sendOrdered(producer, "ordered", 5, 20);

            assertInOrder(deliveries, 5, 20);
        }
    }

    @Test
    void ordinaryGroupReadsABindTopicAsAPlainFifoTopic() throws Exception {
        Deliveries deliveries = new Deliveries();

        try (Producer producer = OfficialClients.producer(cluster.get(), "inference");
                PushConsumer consumer =
                        pushConsumer("bind-topic-readers", "inference", FilterExpression.SUB_ALL, record(deliveries))) {
            sendOrdered(producer, "inference", 5, 20);

            assertInOrder(deliveries, 5, 20);
        }
    }

    @Test
    void delayedMessageIsNotDeliveredBeforeItsTime() throws Exception {
        List<Long> receivedAt = new CopyOnWriteArrayList<>();

        try (Producer producer = OfficialClients.producer(cluster.get(), "delayed");
                PushConsumer consumer = pushConsumer("delayed-readers", "delayed", FilterExpression.SUB_ALL, view -> {
                    receivedAt.add(System.currentTimeMillis());
                    return ConsumeResult.SUCCESS;
                })) {
            long deliverAt = System.currentTimeMillis() + 3_000;
            producer.send(message("delayed", 1).setDeliveryTimestamp(deliverAt).build());

            await().atMost(PATIENCE).until(() -> !receivedAt.isEmpty());
            assertThat(receivedAt)
                    .singleElement()
                    .satisfies(at -> assertThat(at).isGreaterThanOrEqualTo(deliverAt - TIMER_PRECISION_MILLIS));
        }
    }

    @Test
    void transactionDeliversWhatIsCommittedAndNotWhatIsRolledBack() throws Exception {
        try (Producer producer = OfficialClients.PROVIDER
                        .newProducerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .setTopics("transactional")
                        .setTransactionChecker(message -> TransactionResolution.UNKNOWN)
                        .build();
                SimpleConsumer consumer =
                        simpleConsumer("transactional-readers", "transactional", FilterExpression.SUB_ALL)) {
            Transaction rolledBack = producer.beginTransaction();
            producer.send(message("transactional", 1).build(), rolledBack);
            rolledBack.rollback();
            Transaction committed = producer.beginTransaction();
            producer.send(message("transactional", 2).build(), committed);
            committed.commit();

            // One queue: what the rollback would have let through is in front of the committed one.
            List<MessageView> received = receive(consumer, 1);

            assertThat(received).extracting(OfficialClients::number).containsExactly(2);
            assertThat(consumer.receive(10, Duration.ofMinutes(1))).isEmpty();
            consumer.ack(received.get(0));
        }
    }

    @Test
    void bindTopicsAndLiteGroupsAreStockTopicsAndGroups(@TempDir Path folder) throws Exception {
        String metadata = mqadmin.exportMetadata(folder);

        assertThat(Mqadmin.entry(metadata, "inference"))
                .contains("\"message.type\":\"FIFO\"", "\"readQueueNums\":6,", "\"writeQueueNums\":6");
        assertThat(Mqadmin.entry(metadata, "chat"))
                .contains("\"message.type\":\"FIFO\"", "\"readQueueNums\":3,", "\"writeQueueNums\":3");
        // the broker counts retries, one less than attempts
        assertThat(Mqadmin.entry(metadata, "workers"))
                .contains("\"consumeMessageOrderly\":true", "\"consumeEnable\":true", "\"retryMaxTimes\":4,");
        assertThat(Mqadmin.entry(metadata, "chatters"))
                .contains("\"consumeMessageOrderly\":true", "\"consumeEnable\":true");
    }

    @Test
    void consumerProgressOfALiteGroupReachesZero() throws Exception {
        Deliveries deliveries = new Deliveries();

        try (Producer producer = OfficialClients.producer(cluster.get(), "chat")) {
            for (int number = 0; number < 10; number++) {
                for (String session : List.of("session-a", "session-b", "session-c")) {
                    producer.send(OfficialClients.liteMessage("chat", session, number));
                }
            }
            assertThat(mqadmin.unconsumed("chatters", "chat")).isEqualTo(30);

            try (LitePushConsumer consumer = OfficialClients.PROVIDER
                    .newLitePushConsumerBuilder()
                    .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                    .bindTopic("chat")
                    .setConsumerGroup("chatters")
                    .setMessageListener(view -> {
                        deliveries.add(view.getLiteTopic().orElseThrow(), OfficialClients.number(view));
                        return ConsumeResult.SUCCESS;
                    })
                    .build()) {
                for (String session : List.of("session-a", "session-b", "session-c")) {
                    consumer.subscribeLite(session);
                }

                await().atMost(PATIENCE).until(() -> deliveries.total() >= 30);
                await().atMost(PATIENCE).until(() -> mqadmin.unconsumed("chatters", "chat") == 0);
            }
        }
    }

    private static void sendOrdered(Producer producer, String topic, int groups, int messagesEach)
            throws ClientException {
        for (int number = 0; number < messagesEach; number++) {
            for (int group = 0; group < groups; group++) {
                producer.send(
                        message(topic, number).setMessageGroup("group-" + group).build());
            }
        }
    }

    private static void assertInOrder(Deliveries deliveries, int groups, int messagesEach) {
        await().atMost(PATIENCE).until(() -> deliveries.total() >= groups * messagesEach);
        List<Integer> inOrder = IntStream.range(0, messagesEach).boxed().toList();
        assertThat(deliveries.byLiteTopic()).hasSize(groups);
        assertThat(deliveries.byLiteTopic().values())
                .allSatisfy(numbers -> assertThat(numbers).isEqualTo(inOrder));
    }

    private static MessageBuilder message(String topic, int number) {
        return OfficialClients.PROVIDER.newMessageBuilder().setTopic(topic).setBody(OfficialClients.body(number));
    }

    private static MessageListener collect(List<MessageView> received) {
        return view -> {
            received.add(view);
            return ConsumeResult.SUCCESS;
        };
    }

    private static MessageListener record(Deliveries deliveries) {
        return view -> {
            deliveries.add(view.getMessageGroup().orElseThrow(), OfficialClients.number(view));
            return ConsumeResult.SUCCESS;
        };
    }

    private static PushConsumer pushConsumer(
            String group, String topic, FilterExpression filter, MessageListener listener) throws ClientException {
        return OfficialClients.PROVIDER
                .newPushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .setConsumerGroup(group)
                .setSubscriptionExpressions(Map.of(topic, filter))
                .setMessageListener(listener)
                .build();
    }

    private static SimpleConsumer simpleConsumer(String group, String topic, FilterExpression filter)
            throws ClientException {
        return OfficialClients.PROVIDER
                .newSimpleConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .setConsumerGroup(group)
                .setAwaitDuration(Duration.ofSeconds(3))
                .setSubscriptionExpressions(Map.of(topic, filter))
                .build();
    }

    /** Receives until it has {@code count} messages, which stay hidden for a minute. */
    private static List<MessageView> receive(SimpleConsumer consumer, int count) {
        List<MessageView> received = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            received.addAll(consumer.receive(count - received.size(), Duration.ofMinutes(1)));
            return received.size() >= count;
        });
        return received;
    }
}
