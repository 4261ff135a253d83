package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.UnsubscribeReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole consumer on its real threads, over a server in memory. */
class LitePushConsumerImplTest {

    private final FakeTransport transport = new FakeTransport();
    private final List<String> consumed = new CopyOnWriteArrayList<>();

    @AfterEach
    void allThreadsHaveEnded() {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.startsWith("lite-consumer-")));
    }

    @Test
    void handlesDifferentLiteTopicsInParallel() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        try (LitePushConsumer consumer = start(message -> {
            try {
                both.await(5, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return ConsumeResult.SUCCESS;
        })) {
            consumer.subscribeLite("a");
            consumer.subscribeLite("b");

            nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            await().untilAsserted(() -> assertThat(transport.calls).containsExactlyInAnyOrder("ack a1", "ack b1"));
        }
    }

    @Test
    void closesAtOnceWhenIdleAndOnlyOnce() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        long startNanos = System.nanoTime();

        consumer.close();
        consumer.close();

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofMillis(500));
        assertThat(transport.stopped).isTrue();
        assertThat(transport.closed).isTrue();
        assertThatThrownBy(() -> consumer.subscribeLite("a")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closeWaitsForTheListenerCallThatRunsAndForItsAck() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        LitePushConsumer consumer = start(message -> {
            running.countDown();
            awaitLatch(mayEnd);
            return ConsumeResult.SUCCESS;
        });
        consumer.subscribeLite("a");
        CompletableFuture<Void> ack = new CompletableFuture<>();
        transport.heldAcks.add(ack);
        nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));
        awaitLatch(running);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> close(consumer));
        await().until(() -> transport.calls.contains("suspend a2 PT0.01S"));
        assertThat(closing).isNotDone();
        mayEnd.countDown();
        await().until(() -> transport.calls.contains("ack a1"));
        assertThat(transport.closed).isFalse();
        ack.complete(null);

        closing.get(5, TimeUnit.SECONDS);
        assertThat(consumed).containsExactly("a1");
        assertThat(transport.closed).isTrue();
    }

    @Test
    void listenerMayCloseItsOwnConsumer() throws Exception {
        CompletableFuture<LitePushConsumer> self = new CompletableFuture<>();
        LitePushConsumer consumer = start(message -> {
            close(self.join());
            return ConsumeResult.SUCCESS;
        });
        self.complete(consumer);
        consumer.subscribeLite("a");

        nextReceive().deliver(TestDelivery.of("a", "a1"));

        await().atMost(Duration.ofSeconds(5)).until(() -> transport.closed);
    }

    @Test
    void listenerMaySubscribeAndUnsubscribe() throws Exception {
        CompletableFuture<LitePushConsumer> self = new CompletableFuture<>();
        try (LitePushConsumer consumer = start(message -> {
            try {
                self.join().subscribeLite("b");
                self.join().unsubscribeLite("a");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return ConsumeResult.SUCCESS;
        })) {
            self.complete(consumer);
            consumer.subscribeLite("a");
            nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            await().untilAsserted(() ->
                    assertThat(transport.calls).containsExactlyInAnyOrder("suspend a2 PT0.01S", "ack a1"));
            assertThat(consumer.getLiteTopicSet()).containsExactly("b");
            assertThat(consumed).containsExactly("a1");
        }
    }

    @Test
    void tellsTheApplicationOfALostSubscriptionAfterTheRunningListenerCall() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<String> told = new CopyOnWriteArrayList<>();
        try (LitePushConsumer consumer = start(
                message -> {
                    running.countDown();
                    awaitLatch(mayEnd);
                    return ConsumeResult.SUCCESS;
                },
                (liteTopic, reason) -> told.add(liteTopic + " " + reason + " after " + transport.calls))) {
            consumer.subscribeLite("a");
            passLately();
            nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));
            awaitLatch(running);

            transport.says().unsubscribed("a");
            transport.says().unsubscribed("a");

            assertThat(consumer.getLiteTopicSet()).isEmpty();
            await().until(() -> transport.calls.contains("suspend a2 PT0.01S"));
            assertThat(told).isEmpty();
            mayEnd.countDown();
            await().until(() -> !told.isEmpty());
            assertThat(told).containsExactly("a " + UnsubscribeReason.UNKNOWN + " after [suspend a2 PT0.01S, ack a1]");
            assertThat(consumed).containsExactly("a1");
        }
    }

    @Test
    void unsubscribeListenerMaySubscribeAgain() throws Exception {
        CompletableFuture<LitePushConsumer> self = new CompletableFuture<>();
        try (LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS, (liteTopic, reason) -> {
            try {
                self.join().subscribeLite(liteTopic);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        })) {
            self.complete(consumer);
            consumer.subscribeLite("a");
            passLately();

            transport.says().unsubscribed("a");

            await().until(() -> consumer.getLiteTopicSet().contains("a"));
            nextReceive().deliver(TestDelivery.of("a", "a1"));
            await().until(() -> consumed.contains("a1"));
        }
    }

    @Test
    void unsubscribeListenerMayFailAndMayCloseItsConsumer() throws Exception {
        CompletableFuture<LitePushConsumer> self = new CompletableFuture<>();
        List<String> told = new CopyOnWriteArrayList<>();
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS, (liteTopic, reason) -> {
            told.add(liteTopic);
            if (liteTopic.equals("a")) {
                throw new IllegalStateException("from the unsubscribe listener");
            }
            close(self.join());
        });
        self.complete(consumer);
        consumer.subscribeLite("a");
        consumer.subscribeLite("b");
        consumer.subscribeLite("c");
        passLately();

        transport.says().unsubscribed("a");
        transport.says().unsubscribed("b");
        await().until(() -> transport.closed);
        transport.says().unsubscribed("c");

        assertThat(told).containsExactly("a", "b");
    }

    @Test
    void refusesBadNamesBeforeAnyCall() throws Exception {
        try (LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS)) {
            int callsBefore = transport.syncs.size();

            assertThatThrownBy(() -> consumer.subscribeLite(" ")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> consumer.unsubscribeLite("a\u0000")).isInstanceOf(IllegalArgumentException.class);

            assertThat(transport.syncs).hasSize(callsBefore);
        }
    }

    @Test
    void failedStartLeavesNothingBehind() {
        transport.failures.add(new LiteException("not declared", false, "request-1", null));

        assertThatThrownBy(() -> start(message -> ConsumeResult.SUCCESS)).hasMessageContaining("not declared");

        assertThat(transport.closed).isTrue();
        assertThat(transport.waitingReceives()).isZero();
    }

    private LitePushConsumer start(MessageListener listener) throws Exception {
        return start(listener, null);
    }

    private LitePushConsumer start(MessageListener listener, @Nullable LiteUnsubscribeListener unsubscribeListener)
            throws Exception {
        return LitePushConsumerImpl.start(
                ConsumerSettings.of("bind-topic", "workers", 4, 1024, 1 << 20),
                message -> {
                    consumed.add(message.getMessageId().toString());
                    return listener.consume(message);
                },
                unsubscribeListener,
                transport,
                false);
    }

    /** Lets the time pass in which a word of the server about a lite topic may be about a former subscription. */
    private static void passLately() {
        long startNanos = System.nanoTime();
        await().until(() -> System.nanoTime() - startNanos > LiteSubscriptions.LATELY.toNanos());
    }

    private FakeTransport.Receive nextReceive() {
        await().until(() -> transport.waitingReceives() > 0);
        return transport.nextReceive();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(LitePushConsumer consumer) {
        try {
            consumer.close();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
