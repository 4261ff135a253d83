package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A listener whose calls go on without a thread. */
class AsyncListenerTest {

    private final LoopFixture fixture = new LoopFixture();
    private final FakeTransport transport = fixture.transport;
    private final Logger logger = (Logger) LoggerFactory.getLogger(ListenerCalls.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listenToTheLog() {
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void leaveTheLog() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
        logger.setLevel(null); // that of its parent again
    }

    @Test
    void handlesMoreLiteTopicsThanThereAreThreadsAndAsksForNoMoreThanItMay() {
        fixture.start(LoopFixture.settings(10_000));

        int delivered = fixture.deliverAllThatIsAskedFor();

        assertThat(delivered).isEqualTo(10_000);
        assertThat(fixture.consumed).hasSize(10_000);
        assertThat(fixture.workers.waiting()).isZero();
        assertThat(transport.calls).isEmpty();
    }

    @Test
    void asksForAnotherMessageWhenAStageIsDone() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliverAllThatIsAskedFor();

        fixture.complete("m-7", ConsumeResult.SUCCESS);

        assertThat(transport.calls).containsExactly("ack m-7");
        assertThat(transport.nextReceive().max()).isEqualTo(1);
    }

    @Test
    void nextMessageOfALiteTopicWaitsForTheStageOfTheOneBefore() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"), TestDelivery.of("b", "b1"));
        assertThat(fixture.consumed).containsExactly("a1", "b1");

        fixture.complete("a1", ConsumeResult.SUCCESS);
        assertThat(fixture.consumed).as("not on the thread that completes").hasSize(2);
        fixture.workers.runAll();

        assertThat(fixture.consumed).containsExactly("a1", "b1", "a2");
        assertThat(transport.calls).containsExactly("ack a1");
    }

    @Test
    void messageThatComesWhileItsLiteTopicIsInFlightWaitsForIt() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"));
        fixture.deliver(TestDelivery.of("a", "a2"));
        fixture.passWorkerWait();
        assertThat(fixture.consumed).containsExactly("a1");
        assertThat(transport.calls).isEmpty();

        fixture.complete("a1", ConsumeResult.SUCCESS);
        fixture.workers.runAll();

        assertThat(fixture.consumed).containsExactly("a1", "a2");
    }

    @Test
    void stagesThatAreDoneAtOnceNeedNoOtherThread() {
        List<String> consumed = new ArrayList<>();
        fixture.start(
                LoopFixture.settings(100),
                message -> {
                    consumed.add(message.getMessageId().toString());
                    return CompletableFuture.completedFuture(ConsumeResult.SUCCESS);
                },
                fixture.workers);
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

        fixture.workers.runNext();

        assertThat(consumed).containsExactly("a1", "a2");
        assertThat(fixture.workers.waiting()).isZero();
        assertThat(transport.calls).containsExactly("ack a1", "ack a2");
    }

    @Test
    void suspendAndFailureForgetTheLaterOnes() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(
                TestDelivery.of("a", "a1"),
                TestDelivery.of("a", "a2"),
                TestDelivery.of("b", "b1").withAttempt(2),
                TestDelivery.of("b", "b2"));

        fixture.complete("a1", ConsumeResultSuspend.of(Duration.ofMillis(100)));
        fixture.complete("b1", ConsumeResult.FAILURE);
        fixture.workers.runAll();

        assertThat(fixture.consumed).containsExactly("a1", "b1");
        assertThat(transport.calls).containsExactly("suspend a1 PT0.1S", "change b1 PT5S");
    }

    @Test
    void stageThatFailsIsAFailureWhoseCauseIsLoggedOnce() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"));

        fixture.stage("a1").completeExceptionally(new IllegalStateException("model is down"));

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("stage failed", "model is down");
    }

    @Test
    void causeIsLoggedWithoutTheWrappersOfFutures() {
        CompletableFuture<ConsumeResult> work = new CompletableFuture<>();
        startWith(message -> work.thenApply(result -> result));
        fixture.deliver(TestDelivery.of("a", "a1"));

        work.completeExceptionally(new IllegalStateException("model is down"));

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("stage failed", "model is down");
        assertThat(logged.list.get(0).getThrowableProxy().getClassName())
                .isEqualTo(IllegalStateException.class.getName());
    }

    @Test
    void cancelledStageIsAFailure() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"));

        fixture.stage("a1").cancel(true);

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("stage was cancelled", null);
    }

    @Test
    @SuppressWarnings("NullAway") // what a careless listener may do
    void stageThatIsDoneWithNullIsAFailure() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"));

        fixture.stage("a1").complete(null);

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("listener gave null as result", null);
    }

    @Test
    void noStageIsAFailure() {
        startWith(message -> noStage());

        fixture.deliver(TestDelivery.of("a", "a1"));

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("listener returned null instead of a stage", null);
    }

    @Test
    void exceptionInsteadOfAStageIsAFailure() {
        startWith(message -> {
            throw new IllegalStateException("from the listener");
        });

        fixture.deliver(TestDelivery.of("a", "a1"));

        assertThat(transport.calls).containsExactly("change a1 PT1S");
        assertLoggedOnce("listener threw an exception", "from the listener");
    }

    @Test
    void renewsMessagesForAsLongAsTheyAreInFlight() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(TestDelivery.of("a", "a1"));

        fixture.timer.advance(Duration.ofMinutes(10));
        fixture.complete("a1", ConsumeResult.SUCCESS);
        int calls = transport.calls.size();
        fixture.timer.advance(Duration.ofMinutes(1));

        assertThat(calls).isBetween(40, 62);
        assertThat(transport.calls).hasSize(calls).endsWith("ack a1");
    }

    @Test
    void renewsNoMoreThanAFewHundredAtATime() {
        fixture.start(LoopFixture.settings(1_000));
        fixture.deliverAllThatIsAskedFor();
        List<CompletableFuture<Void>> underWay = transport.holdChanges();

        fixture.timer.advance(Duration.ofSeconds(13));

        assertThat(underWay).hasSize(LeaseKeeper.MAX_RENEWALS);
        for (int i = 0; i < 1_000; i++) {
            underWay.get(i).complete(null);
        }
        assertThat(underWay).hasSize(1_000);
    }

    @Test
    void sendsNoMoreThanAFewHundredResultsAtATime() {
        fixture.start(LoopFixture.settings(1_000));
        fixture.deliverAllThatIsAskedFor();
        List<CompletableFuture<Void>> changes = transport.holdChanges();

        for (int i = 0; i < 1_000; i++) {
            fixture.complete("m-" + i, ConsumeResult.FAILURE);
        }

        assertThat(changes).hasSize(ResultSender.MAX_CALLS);
        for (int i = 0; i < 1_000; i++) {
            changes.get(i).complete(null);
        }
        assertThat(changes).hasSize(1_000);
    }

    /** A process that was stopped finds the answer to its call in the socket when it goes on, and the message is another one's by then. */
    @Test
    void deliveryThatIsOverWhenItIsReadIsNotForTheListener() {
        fixture.start(LoopFixture.settings(100));

        fixture.deliver(TestDelivery.of("a", "a1").late(Duration.ofSeconds(31)));

        assertThat(fixture.consumed).isEmpty();
        assertThat(transport.calls).isEmpty();
        fixture.deliver(TestDelivery.of("a", "a2").late(Duration.ofSeconds(29)));
        assertThat(fixture.consumed).containsExactly("a2");
    }

    @Test
    void resultThatWaitsForItsTurnKeepsItsDelivery() {
        fixture.start(LoopFixture.settings(1_000));
        fixture.deliverAllThatIsAskedFor();
        transport.holdAckBatches();
        for (int i = 0; i < 1_000; i++) {
            fixture.complete("m-" + i, ConsumeResult.SUCCESS);
        }

        fixture.timer.advance(Duration.ofSeconds(13));

        assertThat(transport.calls).contains("change m-999 PT30S").doesNotContain("change m-0 PT30S");
    }

    /** A producer that repeats a send whose answer it did not get stores the message twice, with one id. */
    @Test
    void twoMessagesOfOneSendAreTwoMessages() {
        fixture.start(LoopFixture.settings(100));
        fixture.deliver(
                TestDelivery.of("a", "a1").at(5), TestDelivery.of("a", "a1").at(6));

        fixture.complete("a1", ConsumeResult.SUCCESS);
        assertThat(transport.calls).containsExactly("ack a1");
        fixture.workers.runAll();
        fixture.complete("a1", ConsumeResult.SUCCESS);

        assertThat(fixture.consumed).containsExactly("a1", "a1");
        assertThat(transport.calls).containsExactly("ack a1", "ack a1");
    }

    @Test
    void thousandAcksGoInFewCalls() {
        fixture.start(LoopFixture.settings(1_000));
        fixture.deliverAllThatIsAskedFor();
        transport.holdAckBatches();

        for (int i = 0; i < 1_000; i++) {
            fixture.complete("m-" + i, ConsumeResult.SUCCESS);
        }
        assertThat(transport.ackBatches).containsExactly(1, 1);
        while (transport.hasAckBatches()) {
            transport.nextAckBatch().complete(null);
        }

        assertThat(transport.ackBatches.stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(1_000);
        assertThat(transport.ackBatches).hasSizeLessThan(20);
    }

    private void startWith(AsyncMessageListener listener) {
        fixture.start(LoopFixture.settings(100), listener, fixture.workers);
    }

    private void assertLoggedOnce(String reason, @Nullable String cause) {
        assertThat(logged.list).hasSize(1);
        ILoggingEvent event = logged.list.get(0);
        assertThat(event.getLevel()).isEqualTo(Level.WARN);
        assertThat(event.getFormattedMessage()).contains(reason, "liteTopic=a", "messageId=a1", "attempt=1");
        if (cause != null) {
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo(cause);
        }
    }

    @SuppressWarnings("NullAway") // what a careless listener may do
    private static CompletionStage<ConsumeResult> noStage() {
        return null;
    }
}
