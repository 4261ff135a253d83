package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.EngineFixture.Letter;
import io.litetopic.proxy.engine.EngineFixture.Told;
import io.litetopic.proxy.state.QueueState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A proxy ends, and another one goes on from what was written down. */
class RecoveryTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration LIVENESS = Duration.ofSeconds(35);

    /** Whose changes are written down from the beginning. */
    private static EngineFixture group(EngineSettings.Builder settings) {
        EngineFixture group = new EngineFixture(settings, 2, 5_000_000_000L);
        group.carryWith(0);
        return group;
    }

    private static void crashAndRecover(EngineFixture group) {
        group.crash();
        group.recover(0);
    }

    @Nested
    class Messages {
        private final EngineFixture group = group(EngineSettings.builder().maxAttempts(3));

        @Test
        void whatWasAckedAboveTheWatermarkIsNotDeliveredAgain() {
            group.subscribe("c", "a", "b", "c");
            group.send("a", 2);
            group.send("b", 3);
            group.send("c", 3);
            group.receive("c");
            group.ack("c", "b-0");
            group.ack("c", "c-0");
            assertThat(group.receive("c")).containsExactlyInAnyOrder("b-1", "c-1");
            group.ack("c", "b-1");
            group.writeDown();

            crashAndRecover(group);

            assertThat(group.receiveAndAckAll("c")).containsExactlyInAnyOrder("a-0", "a-1", "b-2", "c-1", "c-2");
            assertThat(group.watermark(0)).isEqualTo(group.end(0));
            assertThat(group.watermark(1)).isEqualTo(group.end(1));
        }

        @Test
        void anAckThatWasNotWrittenDownMayBeDeliveredAgain() {
            group.subscribe("c", "a", "b");
            group.writeDown();
            group.send("a");
            group.send("b");
            group.receive("c");
            group.ack("c", "b-0");

            crashAndRecover(group);

            assertThat(group.receive("c")).containsExactlyInAnyOrder("a-0", "b-0");
        }

        @Test
        void ofALongRunThatIsDoneNothingIsReadAgain() {
            group.subscribe("c", "a", "b");
            group.send("a");
            group.receive("c");
            group.send("b", 5_000);
            group.receiveAll("c", 32);
            for (int i = 0; i < 5_000; i++) {
                group.ack("c", "b-" + i);
                group.receive("c");
            }
            group.writeDown();
            group.crash();
            group.messagesPerRead = 1;
            group.readsAnswered = 0;

            group.recover(0);

            assertThat(group.receiveAndAckAll("c")).containsExactly("a-0");
            assertThat(group.engine.pendingMessages()).isZero();
            assertThat(group.readsAnswered).isLessThan(10);
        }

        @Test
        void handlesOfBeforeAreNoLongerValid() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            Delivery before = group.delivery("c", "a-0");
            group.writeDown();

            crashAndRecover(group);

            assertThat(group.engine.ack("c", before.receiptHandle(), group.now)).isEqualTo(Settlement.NOT_HELD);
            assertThat(group.receive("c")).containsExactly("a-0");
            assertThat(group.attemptOf("a-0"))
                    .as("a crash of the proxy is no attempt")
                    .isEqualTo(1);
        }

        @Test
        void failedAttemptsAreCountedOn() {
            group.subscribe("c", "a");
            group.send("a", 2);
            for (int attempt = 1; attempt <= 2; attempt++) {
                group.receive("c");
                group.giveBack("c", "a-0", Duration.ZERO);
            }
            group.writeDown();

            crashAndRecover(group);

            assertThat(group.receive("c")).containsExactly("a-0");
            assertThat(group.attemptOf("a-0")).isEqualTo(3);
            group.giveBack("c", "a-0", Duration.ZERO);
            group.run();
            assertThat(group.deadLetters).containsExactly(new Letter("a-0", DeadLetterReason.ATTEMPTS_EXHAUSTED));
            assertThat(group.receive("c")).containsExactly("a-1");
            assertThat(group.attemptOf("a-1")).isEqualTo(1);
        }

        @Test
        void aMessageWhoseAttemptsAreUsedUpGoesToTheDeadLetterQueueAndToNoClient() {
            group.storesLetters = false;
            group.subscribe("c", "a");
            group.send("a", 2);
            for (int attempt = 1; attempt <= 3; attempt++) {
                group.receive("c");
                group.giveBack("c", "a-0", Duration.ZERO);
            }
            group.writeDown();
            group.storesLetters = true;

            crashAndRecover(group);

            assertThat(group.receive("c")).containsExactly("a-1");
            assertThat(group.deadLetters).containsExactly(new Letter("a-0", DeadLetterReason.ATTEMPTS_EXHAUSTED));
            assertThat(group.received).hasSize(4);
        }

        @Test
        void attemptsOfAMessageThatIsGoneDoNotCountForTheNext() {
            group.subscribe("c", "a");
            group.send("a", 2);
            group.receive("c");
            group.giveBack("c", "a-0", Duration.ZERO);
            group.writeDown();
            group.crash();
            group.deleteBelow(group.slotOf("a"), 1);

            group.recover(0);

            assertThat(group.receive("c")).containsExactly("a-1");
            assertThat(group.attemptOf("a-1")).isEqualTo(1);
        }

        @Test
        void nothingIsRememberedOfALiteTopicWhoseLastMessageIsGone() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            group.giveBack("c", "a-0", Duration.ZERO);
            group.terminate("c");
            group.writeDown();
            group.crash();
            group.deleteBelow(group.slotOf("a"), 1);

            group.recover(0);

            assertThat(group.liteTopics()).isEmpty();
            group.writeDown();
            assertThat(group.journal.get(group.slotOf("a")).liteTopics()).isEmpty();
        }
    }

    @Nested
    class Suspends {
        private final EngineFixture group = group(EngineSettings.builder());

        @Test
        void aSuspendEndsWhenItWouldHaveEnded() {
            group.subscribe("c", "a");
            group.send("a", 2);
            group.receive("c");
            group.suspend("c", "a-0", Duration.ofSeconds(60));
            long suspendedAt = group.now;
            group.writeDown();
            group.advance(Duration.ofSeconds(20));
            group.crash();
            group.now += Duration.ofSeconds(10).toNanos();

            group.recover(0);
            group.startPoll("c", 1, 1);

            group.advance(Duration.ofSeconds(30).minusMillis(1));
            assertThat(group.received).hasSize(1);
            group.advance(Duration.ofMillis(2));
            assertThat(group.timesOf("a", suspendedAt).get(1))
                    .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(60).plusMillis(1));
            assertThat(group.attemptOf("a-0")).isEqualTo(1);
        }

        @Test
        void aQueueOfWhichNotAllIsRestoredIsNotReadWhileTheOthersGoOn() {
            group.subscribe("c", "a", "b");
            group.send("a");
            group.send("b");
            assertThat(group.slotOf("a")).isEqualTo(1);
            assertThat(group.slotOf("b")).isZero();
            group.receive("c");
            group.suspend("c", "b-0", Duration.ofSeconds(60));
            group.writeDown();
            group.crash();
            group.acquireFromJournal(1);
            QueueState state = group.journal.get(0);

            group.engine.beginAcquiring(0, state);
            group.subscribe("c", "a", "b");

            assertThat(group.receive("c")).containsExactly("a-0");
            group.engine.restore(0, state.liteTopics().iterator(), 1, group.now, group.wallMillis());
            group.engine.endAcquiring(0);
            assertThat(group.receive("c")).isEmpty();
            group.advance(Duration.ofSeconds(61));
            assertThat(group.receive("c")).containsExactly("b-0");
        }

        @Test
        void aSuspendThatIsOverByThenHoldsNothingBack() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            group.suspend("c", "a-0", Duration.ofSeconds(5));
            group.writeDown();
            group.crash();
            group.now += Duration.ofSeconds(5).toNanos();

            group.recover(0);

            assertThat(group.receive("c")).containsExactly("a-0");
        }

        @Test
        void alsoALiteTopicThatIsEmptyStaysSuspended() {
            group.subscribe("c", "a");
            group.send("a", 2);
            group.receive("c", 2, 2);
            group.suspend("c", "a-1", Duration.ofSeconds(60));
            group.ack("c", "a-0");
            group.run();
            group.writeDown();

            crashAndRecover(group);
            group.send("a");

            assertThat(group.receive("c")).isEmpty();
            group.advance(Duration.ofSeconds(61));
            assertThat(group.receiveAndAckAll("c")).containsExactly("a-1", "a-2");
            assertThat(group.engine.leftovers()).isZero();
        }

        @Test
        void aLiteTopicThatIsEmptyIsForgottenWhenItsSuspendIsOver() {
            group.subscribe("c", "a");
            group.send("a", 2);
            group.receive("c", 2, 2);
            group.suspend("c", "a-1", Duration.ofSeconds(60));
            group.ack("c", "a-0");
            group.run();
            group.writeDown();
            group.crash();
            group.deleteBelow(group.slotOf("a"), 2);

            group.recover(0);
            group.terminate("c");
            assertThat(group.liteTopics()).containsExactly("a");
            group.advance(Duration.ofSeconds(61));

            assertThat(group.liteTopics()).isEmpty();
        }

        @Test
        void aDeliveryThatWasGivenBackForAWhileStaysAwayForThatLong() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            group.giveBack("c", "a-0", Duration.ofSeconds(30));
            group.writeDown();

            crashAndRecover(group);

            group.advance(Duration.ofSeconds(29));
            assertThat(group.receive("c")).isEmpty();
            group.advance(Duration.ofSeconds(2));
            assertThat(group.receive("c")).containsExactly("a-0");
            assertThat(group.attemptOf("a-0")).isEqualTo(2);
        }
    }

    @Nested
    class Subscriptions {
        private final EngineFixture group = group(EngineSettings.builder());

        @Test
        void aClientReceivesBeforeItHasSentItsSubscriptionsAgain() {
            group.subscribe("c", "a", "b");
            group.unsubscribe("c", "b");
            group.writeDown();
            group.crash();
            group.store("a");
            group.store("b");

            group.recover(0);

            assertThat(group.engine.knowsClient("c")).isTrue();
            assertThat(group.receive("c")).containsExactly("a-0");
        }

        @Test
        void aClientThatDoesNotComeBackIsForgottenAfterTheLivenessTimeout() {
            group.subscribe("gone", "a");
            group.writeDown();
            group.fallSilent("gone");
            group.crash();
            group.now += Duration.ofMinutes(10).toNanos();

            group.recover(0);

            group.advance(LIVENESS.minusNanos(1));
            assertThat(group.engine.knowsClient("gone")).isTrue();
            group.advance(1);
            assertThat(group.engine.knowsClient("gone")).isFalse();
            group.writeDown();
            assertThat(group.journal.get(0).subscriptions()).isEmpty();
        }

        @Test
        void aClientThatHasSaidWhatItWantsKeepsThat() {
            group.subscribe("c", "a");
            group.writeDown();
            group.crash();
            group.subscribe("c", "b");

            group.recover(0);
            group.send("a");
            group.send("b");

            assertThat(group.receive("c")).containsExactly("b-0");
            group.writeDown();
            assertThat(group.journal.get(0).subscriptions()).isEqualTo(Map.of("c", Set.of("b")));
        }

        @Test
        void aLaterRecordReplacesWhatAnOlderOneSaid() {
            group.subscribe("c", "b", "d");
            group.subscribe("polls", "d");
            group.writeDown();
            group.crash();
            Map<String, Set<String>> older =
                    Map.of("c", Set.of("a"), "polls", Set.of("a", "b"), "ended", Set.of("a"), "says", Set.of("a"));
            group.engine.restoreSubscriptions(older, group.now);
            group.seen("polls");
            group.subscribe("says", "b");

            group.recover(0);
            group.writeDown();

            assertThat(group.journal.get(0).subscriptions())
                    .isEqualTo(Map.of("c", Set.of("b", "d"), "polls", Set.of("d"), "says", Set.of("a", "b")));
            assertThat(group.engine.knowsClient("ended")).isFalse();
            group.send("a");
            group.send("d");
            assertThat(group.receive("polls")).containsExactly("d-0");
        }

        @Test
        void inAnExclusiveGroupTheLatestOwnerComesBack() {
            EngineFixture exclusive = group(EngineSettings.builder().mode(SubscriptionMode.EXCLUSIVE));
            exclusive.subscribe("first", "a");
            exclusive.writeDown();
            exclusive.subscribe("second", "a");
            exclusive.writeDown();

            crashAndRecover(exclusive);
            exclusive.send("a");

            assertThat(exclusive.engine.knowsClient("first")).isFalse();
            assertThat(exclusive.receive("second")).containsExactly("a-0");
        }

        @Test
        void inAnExclusiveGroupALiteTopicStaysWithWhoTookItMeanwhile() {
            EngineFixture exclusive = group(EngineSettings.builder().mode(SubscriptionMode.EXCLUSIVE));
            exclusive.subscribe("before", "a", "b");
            exclusive.writeDown();
            exclusive.crash();
            exclusive.subscribe("now", "a");

            exclusive.recover(0);
            exclusive.writeDown();

            assertThat(exclusive.journal.get(0).subscriptions())
                    .isEqualTo(Map.of("before", Set.of("b"), "now", Set.of("a")));
            exclusive.send("a");
            assertThat(exclusive.receive("before")).isEmpty();
            assertThat(exclusive.receive("now")).containsExactly("a-0");
        }
    }

    @Nested
    class LiteTopics {
        private final EngineFixture group = group(EngineSettings.builder().ttlNanos(TTL.toNanos()));
        /** The time to live may be looked at so much late, and is written down in steps. */
        private final Duration late = TTL.dividedBy(60);

        @Test
        void idleOnesComeBack() {
            group.subscribe("c", "a", "never");
            group.send("a");
            group.receiveAndAckAll("c");
            group.send("b");
            group.terminate("c");
            group.writeDown();
            assertThat(group.liteTopics()).containsExactly("a", "b");

            group.crash();
            group.answersReads = false;
            group.recover(0);

            assertThat(group.liteTopics()).containsExactly("a", "b");
        }

        @Test
        void theirTimeToLiveGoesOn() {
            group.subscribe("c", "a");
            group.send("a");
            group.receiveAndAckAll("c");
            group.writeDown();
            group.advance(TTL.dividedBy(4));
            group.crash();
            group.now += TTL.dividedBy(4).toNanos();

            group.recover(0);

            group.advance(TTL.dividedBy(2).minusMillis(1));
            assertThat(group.liteTopics()).containsExactly("a");
            assertThat(group.told).isEmpty();
            group.advance(late);
            assertThat(group.liteTopics()).isEmpty();
            assertThat(group.told).containsExactly(new Told("c", "a", UnsubscribeReason.EXPIRED));
        }

        @Test
        void theTimeToLiveOfOneThatNeverHadAMessageGoesOnToo() {
            group.subscribe("c", "a");
            group.writeDown();
            group.crash();
            group.now += TTL.dividedBy(2).toNanos();

            group.recover(0);

            group.advance(TTL.dividedBy(2).minusMillis(1));
            assertThat(group.liteTopics()).containsExactly("a");
            group.advance(late);
            assertThat(group.told).containsExactly(new Told("c", "a", UnsubscribeReason.EXPIRED));
        }

        @Test
        void oneWhoseTimeEndedMeanwhileEndsNow() {
            group.subscribe("c", "a");
            group.send("a");
            group.receiveAndAckAll("c");
            group.writeDown();
            group.crash();
            group.now += TTL.multipliedBy(2).toNanos();

            group.recover(0);
            group.advance(late);

            assertThat(group.liteTopics()).isEmpty();
            group.writeDown();
            assertThat(group.journal.get(group.slotOf("a")).liteTopics()).isEmpty();
        }

        @Test
        void onesThatEndedDoNotComeBack() {
            group.subscribe("c", "a");
            group.send("a");
            group.receiveAndAckAll("c");
            group.writeDown();
            group.advance(TTL.multipliedBy(2));
            assertThat(group.liteTopics()).isEmpty();
            group.writeDown();

            crashAndRecover(group);

            assertThat(group.liteTopics()).isEmpty();
        }

        @Test
        void whatComesBackIsNotWrittenDownAgain() {
            group.subscribe("c", "a", "b");
            group.send("a");
            group.writeDown();

            group.crash();
            group.answersReads = false;
            group.recover(0);

            for (int slot = 0; slot < 2; slot++) {
                assertThat(group.takeChanges(slot).liteTopics()).isEmpty();
            }
        }
    }

    @Nested
    class Drain {
        private final EngineFixture group = group(EngineSettings.builder());
        private final String liteTopic = "a";
        private final int slot = group.slotOf(liteTopic);

        @Test
        void nothingInHandIsDeliveredTwice() {
            group.subscribe("c", liteTopic, "b");
            group.send(liteTopic, 4);
            group.receive("c", 2, 2);
            assertThat(group.receivedNames()).isEqualTo(names(liteTopic, 0, 2));

            group.engine.drainQueue(slot);
            assertThat(group.engine.inHandOf(slot)).isEqualTo(2);
            group.ackAll("c");
            assertThat(group.receive("c")).as("the queue is about to go").isEmpty();
            assertThat(group.engine.inHandOf(slot)).isZero();
            group.takeChanges(slot);
            group.engine.loseQueue(slot, group.now);
            group.acquireFromJournal(slot);
            group.run();

            assertThat(group.receiveAndAckAll("c")).isEqualTo(names(liteTopic, 2, 4));
            assertThat(group.receivedNames()).doesNotHaveDuplicates();
        }

        @Test
        void ofAQueueThatIsNotOwnedDoesNotOutliveItsNextAcquisition() {
            group.subscribe("c", liteTopic);
            group.engine.loseQueue(slot, group.now);

            group.engine.drainQueue(slot);
            group.acquireFromJournal(slot);
            group.send(liteTopic);

            assertThat(group.receive("c")).containsExactly("a-0");
        }

        @Test
        void theOtherQueuesGoOn() {
            String other = group.slotOf("b") == slot ? "c" : "b";
            assertThat(group.slotOf(other)).isNotEqualTo(slot);
            group.subscribe("c", liteTopic, other);

            group.engine.drainQueue(slot);
            group.send(liteTopic);
            group.send(other, 2);

            assertThat(group.receiveAndAckAll("c")).isEqualTo(names(other, 0, 2));
        }

        @Test
        void aLiteTopicInSeveralQueuesStopsBeforeItsMessagesOfTheDrainedOne() {
            group.subscribe("c", liteTopic);
            group.storeIn(1 - slot, liteTopic, Duration.ZERO);
            group.run();
            group.storeIn(slot, liteTopic, Duration.ZERO);
            group.run();

            group.engine.drainQueue(slot);

            assertThat(group.receive("c", 8, 8)).containsExactly("a-0");
        }

        @Test
        void whileStoppedNothingIsDeliveredAndSettlementsCount() {
            group.subscribe("c", liteTopic);
            group.send(liteTopic, 2);
            group.receive("c");
            Poll poll = group.startPoll("c", 1, 1);

            group.engine.stopDelivering(true);
            assertThat(group.ack("c", "a-0")).isEqualTo(Settlement.OK);
            group.run();
            assertThat(group.isWaiting(poll)).isTrue();
            group.engine.stopDelivering(false);
            group.run();

            assertThat(group.receivedNames()).containsExactly("a-0", "a-1");
        }
    }

    @Test
    void aWildcardGroupHasNoSubscriptionsToRestore() {
        EngineFixture group = group(EngineSettings.builder().mode(SubscriptionMode.WILDCARD));
        group.seen("c");
        group.send("a");
        assertThat(group.receive("c")).isEqualTo(List.of("a-0"));
        group.writeDown();
        assertThat(group.journal.get(0).subscriptions()).isEmpty();

        crashAndRecover(group);
        assertThat(group.engine.knowsClient("c")).isFalse();
        group.seen("c");

        assertThat(group.receive("c")).isEqualTo(List.of("a-0"));
    }
}
