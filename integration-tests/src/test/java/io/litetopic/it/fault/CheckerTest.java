package io.litetopic.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.it.fault.History.Outcome;
import io.litetopic.it.fault.History.Result;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The checker finds each thing that it is there for, and takes nothing else for it. */
class CheckerTest {
    private final Checker checker = new Checker();
    private final TopicHistory topic = checker.topic("t");
    private long now = System.nanoTime();

    @Test
    void messagesHandledInOrderAreNoFinding() {
        store(3);

        for (int number = 0; number < 3; number++) {
            handle("a", number);
        }

        assertFound();
        assertThat(checker.incomplete()).isEmpty();
    }

    @Test
    void storedMessageThatNobodyHandlesIsLost() {
        store(2);
        handle("a", 0);

        checker.countLost();

        assertFound(Finding.LOST);
        assertThat(checker.violations()).singleElement().asString().contains("lite topic t: #1 was stored");
    }

    @Test
    void messageWhoseSendFailedMayBeMissingOrComeLate() {
        int number = topic.sending();
        topic.sent(number, false, tick());
        store(1);

        handle("a", 1);
        handle("a", 0);
        checker.countLost();

        assertFound();
    }

    @Test
    void messageThatOvertakesIsOutOfOrder() {
        store(2);

        began("a", 1);

        assertFound(Finding.OUT_OF_ORDER);
    }

    @Test
    void failedMessageMustComeAgainBeforeTheNext() {
        store(2);
        settle(ended(began("a", 0), Result.FAILURE, 0), Outcome.CONFIRMED);

        handle("b", 0);
        handle("b", 1);
        assertFound();

        store(2);
        settle(ended(began("a", 2), Result.FAILURE, 0), Outcome.CONFIRMED);
        began("b", 3);
        assertFound(Finding.OUT_OF_ORDER);
    }

    @Test
    void twoAcceptedDeliveriesAtTheSameTimeAreTwoOwners() {
        store(1);
        long first = began("a", 0);
        long second = began("b", 0);

        settle(ended(first, Result.SUCCESS, 0), Outcome.CONFIRMED);
        assertFound(Finding.OVERLAP);
        settle(ended(second, Result.SUCCESS, 0), Outcome.CONFIRMED);

        assertFound(Finding.OVERLAP, Finding.TWO_OWNERS);
    }

    @Test
    void deliveryWhoseResultIsRefusedOwnsNothing() {
        store(1);
        long first = began("a", 0);
        long second = began("b", 0);

        settle(ended(first, Result.SUCCESS, 0), Outcome.REFUSED);
        settle(ended(second, Result.SUCCESS, 0), Outcome.CONFIRMED);

        assertFound(Finding.OVERLAP);
    }

    @Test
    void deliveryOfADeadProcessOwnsNothing() {
        store(1);
        began("a", 0);

        checker.consumerDied("a");
        handle("b", 0);

        assertFound();
    }

    @Test
    void messageAfterItsAcceptedSuccessIsADuplicate() {
        store(1);
        handle("a", 0);

        handle("a", 0);

        assertFound(Finding.UNEXPLAINED_DUPLICATE);
    }

    @Test
    void duplicateOfAnAckJustBeforeACrashIsExplained() {
        now = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(200);
        store(1);
        handle("a", 0);
        checker.faultBegins(new FaultWindow(FaultKind.KILL_PROXY, "proxy"));

        handle("a", 0);

        assertFound(Finding.DUPLICATE);
    }

    @Test
    void crashDoesNotExplainTheDuplicateOfAnOldAck() {
        now = System.nanoTime() - TimeUnit.SECONDS.toNanos(5);
        store(1);
        handle("a", 0);
        checker.faultBegins(new FaultWindow(FaultKind.KILL_PROXY, "proxy"));

        handle("a", 0);

        assertFound(Finding.UNEXPLAINED_DUPLICATE);
    }

    @Test
    void messageWhoseSuccessWasNotAcceptedMayComeAgain() {
        store(1);
        settle(ended(began("a", 0), Result.SUCCESS, 0), Outcome.REFUSED);

        handle("b", 0);

        assertFound(Finding.REDELIVERED);
    }

    @Test
    void deliveryBeforeTheEndOfASuspendIsEarly() {
        store(1);
        settle(ended(began("a", 0), Result.SUSPEND, 1_000), Outcome.CONFIRMED);
        now += TimeUnit.MILLISECONDS.toNanos(900);

        began("b", 0);

        assertFound(Finding.EARLY);
    }

    @Test
    void deliveryAtTheEndOfASuspendIsNot() {
        store(1);
        settle(ended(began("a", 0), Result.SUSPEND, 1_000), Outcome.CONFIRMED);
        now += TimeUnit.MILLISECONDS.toNanos(1_001);

        handle("b", 0);

        assertFound();
    }

    @Test
    void suspendThatTheServerRefusedHoldsNothingUp() {
        store(1);
        settle(ended(began("a", 0), Result.SUSPEND, 1_000), Outcome.REFUSED);

        handle("b", 0);

        assertFound();
    }

    @Test
    void whatWasSettledLongAgoIsForgottenAndStillNoticed() {
        int many = TopicHistory.REMEMBERED + 10;
        store(many);
        for (int number = 0; number < many; number++) {
            handle("a", number);
        }

        began("a", 3);

        assertFound(Finding.UNEXPLAINED_DUPLICATE);
        assertThat(checker.violations())
                .singleElement()
                .asString()
                .contains("settled more than " + TopicHistory.REMEMBERED + " messages ago");
    }

    private void store(int count) {
        for (int i = 0; i < count; i++) {
            topic.sent(topic.sending(), true, tick());
        }
    }

    private void handle(String consumer, int number) {
        settle(ended(began(consumer, number), Result.SUCCESS, 0), Outcome.CONFIRMED);
    }

    private long began(String consumer, int number) {
        return checker.began(consumer, "t", number, tick());
    }

    private long ended(long delivery, Result result, long suspendMillis) {
        checker.ended(delivery, result, suspendMillis, tick());
        return delivery;
    }

    private void settle(long delivery, Outcome outcome) {
        long sent = tick();
        checker.settled(delivery, outcome, sent, tick());
    }

    private long tick() {
        now += TimeUnit.MICROSECONDS.toNanos(10);
        return now;
    }

    private void assertFound(Finding... findings) {
        assertThat(Arrays.stream(Finding.values()).filter(finding -> checker.total(finding) > 0))
                .containsExactlyInAnyOrder(findings);
    }
}
