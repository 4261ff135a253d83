package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.ProducerBuilder;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.apache.rocketmq.client.apis.producer.Transaction;
import org.apache.rocketmq.client.apis.producer.TransactionResolution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an application does besides lite topics goes on through our provider as it went through the official one. */
class OrdinaryMessagesThroughSdkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Stock delivers delayed messages on multiples of this, which may be as much early. */
    private static final int TIMER_PRECISION_MILLIS = 100;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            // push consumers wait for their long polls when they close
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000)
            .brokerProperty("timerPrecisionMs", Integer.toString(TIMER_PRECISION_MILLIS))
            // how long the broker waits before it asks the producer about an open transaction, and how often it looks
            .brokerProperty("transactionTimeOut", "1000")
            .brokerProperty("transactionCheckInterval", "1000")
            .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }"));

    @BeforeAll
    static void createTopics() {
        cluster.createTopic("plain", TopicType.NORMAL, 2);
        cluster.createTopic("ordered", TopicType.FIFO, 4);
        cluster.createTopic("delayed", TopicType.DELAY, 2);
        cluster.createTopic("transactional", TopicType.TRANSACTION, 1);
        cluster.createTopic("doubtful", TopicType.TRANSACTION, 1);
        cluster.createGroup("orderly", true);
    }

    @Test
    void normalMessageReachesAPushConsumerAsItWasSent() throws Exception {
        List<MessageView> received = new CopyOnWriteArrayList<>();
        try (Producer producer = producer("plain").build();
                PushConsumer consumer = LiteClients.PROVIDER
                        .newPushConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .setConsumerGroup("readers")
                        .setSubscriptionExpressions(Map.of("plain", new FilterExpression("red")))
                        .setMessageListener(view -> {
                            received.add(view);
                            return ConsumeResult.SUCCESS;
                        })
                        .build()) {
            producer.send(message("plain", 1).setTag("green").build());
            SendReceipt receipt = producer.sendAsync(message("plain", 2)
                            .setTag("red")
                            .setKeys("k1", "k2")
                            .addProperty("tenant", "ünïcode")
                            .build())
                    .get(10, TimeUnit.SECONDS);

            await().atMost(PATIENCE).until(() -> !received.isEmpty());
            assertThat(received).singleElement().satisfies(view -> {
                assertThat(view.getMessageId())
                        .hasToString(receipt.getMessageId().toString());
                assertThat(view.getTag()).hasValue("red");
                assertThat(view.getKeys()).containsExactlyInAnyOrder("k1", "k2");
                assertThat(view.getProperties()).isEqualTo(Map.of("tenant", "ünïcode"));
                assertThat(view.getLiteTopic()).isEmpty();
            });
        }
    }

    @Test
    void fifoMessageKeepsItsMessageGroup() throws Exception {
        try (Producer producer = producer("ordered").build();
                SimpleConsumer consumer = simpleConsumer("orderly", "ordered")) {
            for (int number = 0; number < 5; number++) {
                producer.send(message("ordered", number).setMessageGroup("g").build());
            }

            List<MessageView> received = receive(consumer, 5);

            assertThat(received).extracting(OfficialClients::number).containsExactly(0, 1, 2, 3, 4);
            assertThat(received)
                    .allSatisfy(view -> assertThat(view.getMessageGroup()).hasValue("g"));
        }
    }

    @Test
    void delayedMessageIsNotDeliveredBeforeItsTime() throws Exception {
        try (Producer producer = producer("delayed").build();
                SimpleConsumer consumer = simpleConsumer("delayed-readers", "delayed")) {
            long deliverAt = System.currentTimeMillis() + 3_000;
            producer.send(message("delayed", 1).setDeliveryTimestamp(deliverAt).build());

            assertThat(receive(consumer, 1)).hasSize(1);

            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(deliverAt - TIMER_PRECISION_MILLIS);
        }
    }

    @Test
    void transactionDeliversWhatIsCommittedAndNotWhatIsRolledBack() throws Exception {
        try (Producer producer = producer("transactional")
                        .setTransactionChecker(message -> TransactionResolution.UNKNOWN)
                        .build();
                SimpleConsumer consumer = simpleConsumer("transactional-readers", "transactional")) {
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
        }
    }

    @Test
    void openTransactionIsDecidedByTheChecker() throws Exception {
        List<Integer> asked = new CopyOnWriteArrayList<>();
        try (Producer producer = producer("doubtful")
                        .setTransactionChecker(view -> {
                            asked.add(OfficialClients.number(view));
                            return TransactionResolution.COMMIT;
                        })
                        .build();
                SimpleConsumer consumer = simpleConsumer("doubtful-readers", "doubtful")) {
            producer.send(message("doubtful", 7).build(), producer.beginTransaction());

            List<MessageView> received = receive(consumer, 1);

            assertThat(received).extracting(OfficialClients::number).containsExactly(7);
            assertThat(asked).contains(7);
        }
    }

    @Test
    void oneProducerSendsLiteAndOrdinaryMessages() throws Exception {
        try (Producer producer = producer("inference", "plain").build()) {
            assertThat(producer.send(LiteClients.message("inference", "user-1", 1))
                            .getMessageId())
                    .isNotNull();
            assertThat(producer.send(message("plain", 1).setTag("blue").build()).getMessageId())
                    .isNotNull();
            assertThatThrownBy(() -> producer.send(LiteClients.message("inference", "x".repeat(64), 1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static ProducerBuilder producer(String... topics) {
        return LiteClients.PROVIDER
                .newProducerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .setTopics(topics);
    }

    private static MessageBuilder message(String topic, int number) {
        return LiteClients.PROVIDER.newMessageBuilder().setTopic(topic).setBody(OfficialClients.body(number));
    }

    private static SimpleConsumer simpleConsumer(String group, String topic) throws ClientException {
        return LiteClients.PROVIDER
                .newSimpleConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .setConsumerGroup(group)
                .setAwaitDuration(Duration.ofSeconds(3))
                .setSubscriptionExpressions(Map.of(topic, FilterExpression.SUB_ALL))
                .build();
    }

    /** Receives and acks until it has {@code count} messages. */
    private static List<MessageView> receive(SimpleConsumer consumer, int count) {
        List<MessageView> received = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            for (MessageView message : consumer.receive(count - received.size(), Duration.ofMinutes(1))) {
                received.add(message);
                consumer.ack(message);
            }
            return received.size() >= count;
        });
        return received;
    }
}
