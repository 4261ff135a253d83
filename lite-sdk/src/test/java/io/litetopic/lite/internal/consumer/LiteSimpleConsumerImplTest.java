package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteDeliveryGoneException;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LiteSimpleConsumer;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.Observers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole consumer on its real threads, over a server in memory. */
class LiteSimpleConsumerImplTest {

    private static final Duration INVISIBLE = Duration.ofSeconds(10);

    private final FakeTransport transport = new FakeTransport();
    private final List<String> lost = new CopyOnWriteArrayList<>();
    private final LiteSimpleConsumer consumer = start(transport);

    @BeforeEach
    void subscribe() throws Exception {
        consumer.subscribeLite("a");
    }

    @AfterEach
    void allThreadsHaveEnded() throws Exception {
        consumer.close();
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.startsWith("lite-consumer-")));
    }

    @Test
    void receivesAndTellsTheServerWhatTheApplicationSays() throws Exception {
        List<MessageView> messages =
                receive(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"), TestDelivery.of("a", "a3"));

        consumer.ack(messages.get(0));
        consumer.changeInvisibleDuration(messages.get(1), Duration.ofMinutes(1));
        consumer.ackAsync(messages.get(1)).get(5, TimeUnit.SECONDS);
        consumer.suspend(messages.get(2), Duration.ofNanos(1_500_000));

        assertThat(transport.calls).containsExactly("ack a1", "change a2 PT1M", "ack a2", "suspend a3 PT0.002S");
    }

    @Test
    void knowsItsOwnMessagesOnly() throws Exception {
        MessageView message = receive(TestDelivery.of("a", "a1")).get(0);
        FakeTransport otherTransport = new FakeTransport();
        try (LiteSimpleConsumer other = start(otherTransport)) {

            assertThatThrownBy(() -> other.ack(message))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was received by another consumer")
                    .hasMessageContaining("messageId=a1");
            assertThatThrownBy(() -> other.ackAsync(TestDelivery.of("a", "a1").message()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("pass a message as receive() has returned it");
        }
        assertThat(otherTransport.calls).isEmpty();
        assertThat(transport.calls).isEmpty();
    }

    @Test
    void saysThatAMessageIsNotHeldAnyMore() throws Exception {
        MessageView message = receive(TestDelivery.of("a", "a1")).get(0);
        transport.failures.add(new DeliveryGoneException("handle is over", "request-7", null));

        assertThatThrownBy(() -> consumer.ack(message))
                .isInstanceOf(LiteDeliveryGoneException.class)
                .hasMessageContaining("not with this consumer any more")
                .hasMessageContaining("liteTopic=a")
                .hasMessageContaining("messageId=a1")
                .satisfies(e -> {
                    assertThat(((LiteException) e).isRetryable()).isFalse();
                    assertThat(((LiteException) e).getRequestId()).hasValue("request-7");
                });
    }

    @Test
    void retryHelpsIfAProxyDoesNotAnswerUnlessItHasLeftTheRoute() throws Exception {
        MessageView message = receive(TestDelivery.of("a", "a1")).get(0);
        transport.dead.add("p1");

        assertThatThrownBy(() -> consumer.ack(message))
                .isInstanceOfSatisfying(
                        LiteException.class, e -> assertThat(e.isRetryable()).isTrue());
        transport.proxies = Set.of("p2");
        assertThatThrownBy(() -> consumer.ack(message))
                .isInstanceOf(LiteDeliveryGoneException.class)
                .hasMessageContaining("the proxy that delivered it is gone")
                .hasMessageContaining("proxy=p1");
    }

    @Test
    void refusesWhatIsOutOfRangeBeforeAnyCall() throws Exception {
        MessageView message = receive(TestDelivery.of("a", "a1")).get(0);

        assertThatThrownBy(() -> consumer.receive(0, INVISIBLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxMessageNum=0");
        assertThatThrownBy(() -> consumer.receive(1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> consumer.receive(1, Duration.ofHours(13)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max=PT12H");
        assertThatThrownBy(() -> consumer.changeInvisibleDuration(message, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> consumer.suspend(message, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> consumer.subscribeLite(" ")).isInstanceOf(IllegalArgumentException.class);

        assertThat(transport.calls).isEmpty();
        assertThat(transport.waitingReceives()).isZero();
    }

    @Test
    void interruptedReceiveEndsAndLosesNothing() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                consumer.receive(1, INVISIBLE);
            } catch (Exception e) {
                ended.complete(e);
            }
        });
        thread.start();
        await().until(() -> transport.waitingReceives() > 0);

        thread.interrupt();

        assertThat(ended.get(5, TimeUnit.SECONDS))
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("interrupted");
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        await().until(() -> transport.calls.contains("suspend a1 PT0.01S"));
    }

    @Test
    void closeWaitsForAnAckThatIsUnderWay() throws Exception {
        MessageView message = receive(TestDelivery.of("a", "a1")).get(0);
        CompletableFuture<Void> answer = new CompletableFuture<>();
        transport.heldAcks.add(answer);
        CompletableFuture<Void> ack = consumer.ackAsync(message);
        CompletableFuture<List<MessageView>> receiving = consumer.receiveAsync(1, INVISIBLE);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
            try {
                consumer.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> transport.stopped);
        assertThat(transport.closed).isFalse();
        answer.complete(null);

        closing.get(5, TimeUnit.SECONDS);
        assertThat(ack).isCompleted();
        assertThatThrownBy(receiving::get).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.ack(message))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("consumer is closed");
        assertThatThrownBy(() -> consumer.receive(1, INVISIBLE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.subscribeLite("b")).isInstanceOf(IllegalStateException.class);
        assertThat(transport.calls).containsExactly("ack a1");
    }

    @Test
    void tellsOfSubscriptionsThatTheServerEnds() {
        long startNanos = System.nanoTime();
        await().until(() -> System.nanoTime() - startNanos > LiteSubscriptions.LATELY.toNanos());

        transport.says().unsubscribed("a");

        await().until(() -> lost.contains("a"));
        assertThat(consumer.getLiteTopicSet()).isEmpty();
    }

    @Test
    void failedStartLeavesNothingBehind() {
        FakeTransport refusing = new FakeTransport();
        refusing.failures.add(new LitePluginMissingException("no plugin", null, null));

        assertThatThrownBy(() -> start(refusing)).hasCauseInstanceOf(LitePluginMissingException.class);

        assertThat(refusing.closed).isTrue();
    }

    private LiteSimpleConsumer start(LiteTransport transport) {
        try {
            return LiteSimpleConsumerImpl.start(
                    "bind-topic",
                    "workers",
                    Duration.ofSeconds(20),
                    (liteTopic, reason) -> lost.add(liteTopic),
                    transport,
                    Observers.NONE);
        } catch (ClientException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<MessageView> receive(Delivery... deliveries) throws Exception {
        CompletableFuture<List<MessageView>> received = consumer.receiveAsync(deliveries.length, INVISIBLE);
        transport.nextReceive().deliver(deliveries);
        return received.get(5, TimeUnit.SECONDS);
    }
}
