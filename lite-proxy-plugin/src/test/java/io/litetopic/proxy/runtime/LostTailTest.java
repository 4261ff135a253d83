package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker comes back without the last messages it had, and gives their offsets to others. */
class LostTailTest {
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUE);
    private BindTopics topics = bindTopics();
    private LiteRuntime runtime = start();

    private static BindTopics bindTopics() {
        LiteGroupConfig group = new LiteGroupConfig("a", SubscriptionMode.SHARED, 10, 100, 3);
        return new BindTopics(
                new PluginConfig(Map.of("chat", new BindTopicConfig("chat", null, 100, 1, Map.of("a", group)))));
    }

    private LiteRuntime start() {
        topics = bindTopics();
        BindTopic topic = topics.all().iterator().next();
        LiteRuntime started = new LiteRuntime(topics, "owner", () -> {}, broker, config -> {});
        started.start((clientId, group, liteTopic, reason) -> {});
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
        dispatcher().subscribe("client", Set.of("room")).join();
        return started;
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private GroupDispatcher dispatcher() {
        return Objects.requireNonNull(topics.all().iterator().next().dispatcher("a"));
    }

    private void store(String name, int count, long storeTimestampMillis) {
        for (int i = 0; i < count; i++) {
            broker.append(QUEUE, "room", name + "-" + i, storeTimestampMillis + i);
        }
    }

    private Delivery receive() {
        CompletableFuture<List<Delivery>> answer = new CompletableFuture<>();
        PollListener listener = new PollListener() {
            @Override
            public void onDeliveries(List<Delivery> deliveries) {
                answer.complete(deliveries);
            }

            @Override
            public void onNothing() {
                answer.complete(List.of());
            }

            @Override
            public void onUnknownClient() {
                answer.completeExceptionally(new IllegalStateException("unknown client"));
            }

            @Override
            public void onUnavailable(String reason) {
                answer.completeExceptionally(new IllegalStateException(reason));
            }
        };
        dispatcher()
                .poll(
                        new Poll("client", 1, 1, Duration.ofMinutes(5).toNanos(), listener),
                        Duration.ofSeconds(20),
                        LiteTopicFilter.ALL);
        List<Delivery> deliveries = answer.join();
        assertThat(deliveries).as("what is delivered within 20 s").hasSize(1);
        return deliveries.get(0);
    }

    private List<Object> receiveAndAck(int count) {
        List<Object> payloads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Delivery delivery = receive();
            payloads.add(delivery.message().payload());
            dispatcher().ack("client", delivery.receiptHandle()).join();
        }
        return payloads;
    }

    private static List<Object> names(String name, int count) {
        List<Object> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(name + "-" + i);
        }
        return names;
    }

    @Test
    void whatTakesThePlaceOfLostMessagesIsDeliveredAlsoByTheNextProxy() {
        store("old", 5, 1_000);
        assertThat(receiveAndAck(5)).isEqualTo(names("old", 5));
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(5));

        broker.truncate(QUEUE, 3);
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE))
                .as("the committed offset is cut, too")
                .isEqualTo(3));
        runtime.close();
        store("new", 4, 2_000);
        runtime = start();

        assertThat(receiveAndAck(4)).isEqualTo(names("new", 4));
    }

    @Test
    void aQueueOfWhichNothingIsLeftBeginsAgain() {
        store("old", 2, 1_000);
        assertThat(receiveAndAck(2)).isEqualTo(names("old", 2));
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(2));

        broker.truncate(QUEUE, 0);
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isZero());
        store("new", 3, 2_000);

        assertThat(receiveAndAck(3)).isEqualTo(names("new", 3));
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(3));
    }

    @Test
    void messagesThatFillAQueueAgainBeforeTheNextReadAreDelivered() {
        store("old", 5, 1_000);
        assertThat(receiveAndAck(5)).isEqualTo(names("old", 5));

        broker.failPulls("connection refused");
        int failed = broker.failedPulls();
        await().untilAsserted(() -> assertThat(broker.failedPulls()).isGreaterThan(failed));
        broker.truncate(QUEUE, 3);
        store("new", 4, 2_000);
        broker.failPulls(null);

        assertThat(receiveAndAck(4)).isEqualTo(names("new", 4));
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(7));
    }

    @Test
    void anAckOfALostMessageDoesNotCountForTheOneInItsPlace() {
        store("old", 5, 1_000);
        assertThat(receiveAndAck(3)).isEqualTo(names("old", 3));
        Delivery inHand = receive();

        broker.failPulls("connection refused");
        int failed = broker.failedPulls();
        await().untilAsserted(() -> assertThat(broker.failedPulls()).isGreaterThan(failed));
        broker.truncate(QUEUE, 3);
        store("new", 4, 2_000);
        dispatcher().ack("client", inHand.receiptHandle()).join();
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(4));
        broker.failPulls(null);

        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(3));
        assertThat(receiveAndAck(4)).isEqualTo(names("new", 4));
    }

    @Test
    void aReadThatFailedLosesNothingWhenAllIsStillThere() {
        store("old", 5, 1_000);
        assertThat(receiveAndAck(5)).isEqualTo(names("old", 5));

        broker.failPulls("connection refused");
        int failed = broker.failedPulls();
        await().untilAsserted(() -> assertThat(broker.failedPulls()).isGreaterThan(failed));
        store("next", 2, 2_000);
        broker.failPulls(null);

        assertThat(receiveAndAck(2)).isEqualTo(names("next", 2));
        assertThat(dispatcher().statistics().delivered()).isEqualTo(7);
    }

    @Test
    void anAnswerThatPointsBehindTheEndOfTheQueueSkipsNothing() {
        broker.misleadOnce(QUEUE, 300_000);
        await().untilAsserted(() -> assertThat(broker.hasMisled(QUEUE)).isTrue());

        store("message", 2, 1_000);

        assertThat(receiveAndAck(2)).isEqualTo(names("message", 2));
        await().untilAsserted(() -> assertThat(broker.committed(QUEUE)).isEqualTo(2));
    }

    @Test
    void aDeadLetterThatTheBrokerHasDeletedHoldsNothingUp() {
        store("message", 2, 1_000);
        Delivery first = receive();
        broker.deleteBefore(QUEUE, 1);

        dispatcher().forwardToDeadLetterQueue("client", first.receiptHandle()).join();

        assertThat(receiveAndAck(1)).containsExactly("message-1");
        assertThat(dispatcher().statistics().lost()).isEqualTo(1);
        assertThat(dispatcher().statistics().deadLettered()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2_000, 4_700, 4_999})
    void theFirstMessageThatDiffersIsFoundHoweverMuchWasRead(int lostFrom) {
        ReadTrail trail = new ReadTrail(0, 0);
        for (int i = 0; i < 5_000; i++) {
            broker.append(QUEUE, "room", "old", i);
            trail.add(i, i);
        }
        TailCheck check = new TailCheck("a", broker);
        assertThat(check.firstDifference(QUEUE, trail).join()).isEqualTo(TailCheck.SAME);

        broker.truncate(QUEUE, lostFrom);
        for (int i = 0; i < 6_000; i++) {
            broker.append(QUEUE, "room", "new", 10_000 + i);
        }

        assertThat(trail.size()).isLessThanOrEqualTo(ReadTrail.MAX_MARKS);
        long found = check.firstDifference(QUEUE, trail).join();
        int age = 5_000 - lostFrom;
        assertThat(lostFrom - found)
                .as("the last ones are known one by one, older ones less exactly")
                .isBetween(0L, age < 500 ? 0L : age / 8L);
    }
}
