package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of calls that run when the consumer closes; on real threads, over a server in memory. */
class CloseTest {

    private static final ConsumerSettings SETTINGS = ConsumerSettings.of("bind-topic", "workers", 4, 1024, 1 << 20);
    private static final Duration NEVER = Duration.ofHours(1);

    private final FakeTransport transport = new FakeTransport();
    private final List<String> consumed = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void allThreadsHaveEnded() {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.startsWith("lite-consumer-")));
    }

    @Test
    void waitsForAStageThatIsNotDoneAndForItsAck() throws Exception {
        LitePushConsumer consumer = startWithOneInFlight(NEVER);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> close(consumer));
        await().until(() -> transport.stopped);
        assertThat(closing).isNotDone();
        stage.complete(ConsumeResult.SUCCESS);

        closing.get(10, TimeUnit.SECONDS);
        assertThat(transport.calls).containsExactly("ack a1");
        assertThat(transport.closed).isTrue();
    }

    @Test
    void cancelsAStageThatIsNotDoneInTimeAndGivesItsMessageBack() throws Exception {
        LitePushConsumer consumer = startWithOneInFlight(Duration.ZERO);

        consumer.close();

        assertThat(stage).isCancelled();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void resultThatComesAfterTheMessageWasGivenBackDoesNotCount() throws Exception {
        CompletableFuture<ConsumeResult> notToBeCancelled = new CompletableFuture<>();
        LitePushConsumer consumer = start(Duration.ZERO, message -> notToBeCancelled.minimalCompletionStage(), null);
        deliver(consumer);
        await().until(() -> consumed.contains("a1"));

        consumer.close();
        notToBeCancelled.complete(ConsumeResult.SUCCESS);

        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void interruptsAListenerThatDoesNotEndInTimeAndGivesItsMessageBack() throws Exception {
        LitePushConsumer consumer = start(Duration.ZERO, ListenerCalls.blocking(message -> waitForInterrupt()), null);
        deliver(consumer);
        await().until(() -> consumed.contains("a1"));

        consumer.close();

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void givesBackTheMessageOfTheListenerCallThatCloses() throws Exception {
        CompletableFuture<LitePushConsumer> self = new CompletableFuture<>();
        CompletableFuture<Boolean> interruptedItself = new CompletableFuture<>();
        LitePushConsumer consumer = start(
                NEVER,
                ListenerCalls.blocking(message -> {
                    close(self.join());
                    interruptedItself.complete(Thread.currentThread().isInterrupted());
                    return ConsumeResult.SUCCESS;
                }),
                null);
        self.complete(consumer);
        deliver(consumer);

        assertThat(interruptedItself.get(10, TimeUnit.SECONDS)).isFalse();
        assertThat(transport.closed).isTrue();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void leavesTheExecutorOfTheApplicationAsItIs() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            LitePushConsumer consumer =
                    start(Duration.ZERO, ListenerCalls.blocking(message -> waitForInterrupt()), executor);
            deliver(consumer);
            await().until(() -> consumed.contains("a1"));

            consumer.close();

            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(executor.isShutdown()).isFalse();
            boolean interruptLeft = executor.submit(() -> Thread.currentThread().isInterrupted())
                    .get(10, TimeUnit.SECONDS);
            assertThat(interruptLeft).isFalse();
        } finally {
            executor.shutdownNow();
        }
    }

    private ConsumeResult waitForInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            interrupted.countDown();
        }
        return ConsumeResult.SUCCESS;
    }

    private LitePushConsumer startWithOneInFlight(Duration closeTimeout) throws Exception {
        LitePushConsumer consumer = start(closeTimeout, message -> stage, null);
        deliver(consumer);
        await().until(() -> consumed.contains("a1"));
        return consumer;
    }

    private LitePushConsumer start(
            Duration closeTimeout, AsyncMessageListener listener, @Nullable ExecutorService executor) throws Exception {
        return LitePushConsumerImpl.start(
                SETTINGS.withCloseTimeout(closeTimeout),
                message -> {
                    consumed.add(message.getMessageId().toString());
                    return listener.consume(message);
                },
                executor,
                null,
                transport,
                true);
    }

    private void deliver(LitePushConsumer consumer) throws Exception {
        consumer.subscribeLite("a");
        await().until(() -> transport.waitingReceives() > 0);
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
    }

    private static void close(LitePushConsumer consumer) {
        try {
            consumer.close();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
