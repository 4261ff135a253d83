package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.FakeTransport.Receive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ConsumerLoopTest {

    private static final int THREADS = 5;

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final HandCrankedWorkers workers = new HandCrankedWorkers();
    private final List<String> consumed = new ArrayList<>();
    private final Set<String> unsubscribed = new HashSet<>();
    private CompletableFuture<Void> syncOutcome = CompletableFuture.completedFuture(null);
    private final List<Integer> callsAtSync = new ArrayList<>();
    private int syncs;
    private Function<MessageView, ConsumeResult> listener = message -> ConsumeResult.SUCCESS;
    private final ConsumerLoop loop = new ConsumerLoop(
            ConsumerSettings.of("bind-topic", "workers", THREADS, 8, 1_000),
            ListenerCalls.blocking(message -> {
                consumed.add(message.getMessageId().toString());
                return listener.apply(message);
            }),
            transport,
            timer,
            workers,
            liteTopic -> !unsubscribed.contains(liteTopic),
            proxy -> {
                syncs++;
                callsAtSync.add(transport.calls.size());
                return syncOutcome;
            });

    @BeforeEach
    void start() {
        loop.start();
    }

    @Nested
    class Demand {
        @Test
        void asksForAsManyMessagesAsThereAreThreads() {
            Receive receive = transport.nextReceive();

            assertThat(receive.max()).isEqualTo(THREADS);
            assertThat(receive.invisibleDuration()).isEqualTo(Duration.ofSeconds(30));
            assertThat(transport.waitingReceives()).isZero();
        }

        @Test
        void asksForTheThreadsThatAreStillFreeWhenSomeWereTaken() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            assertThat(transport.nextReceive().max()).isEqualTo(3);
        }

        @Test
        void asksForNothingWhileAllThreadsAreTaken() {
            deliverOneOfEach("a", "b", "c", "d", "e");

            assertThat(transport.waitingReceives()).isZero();
        }

        @Test
        void asksAgainForAFreedThreadThoughALongPollIsUnderWay() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));
            Receive longPoll = transport.nextReceive();

            workers.runNext();

            assertThat(transport.nextReceive().max()).isEqualTo(1);
            assertThat(longPoll.answer()).isNotDone();
        }

        @Test
        void limitsTheReceiveCallsThatAreUnderWay() {
            deliverOneOfEach("a", "b", "c", "d", "e");

            workers.runAll();

            assertThat(transport.waitingReceives()).isEqualTo(Receiver.MAX_CALLS);
            transport.nextReceive().deliver();
            timer.advance(Duration.ofMillis(10));
            assertThat(transport.waitingReceives()).isEqualTo(Receiver.MAX_CALLS);
        }

        @Test
        void messagesOfOneLiteTopicTakeOneThread() {
            transport
                    .nextReceive()
                    .deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"), TestDelivery.of("a", "a3"));

            assertThat(workers.waiting()).isEqualTo(1);
            assertThat(transport.nextReceive().max()).isEqualTo(4);
        }

        @Test
        void asksForNothingWhileTheCacheIsFull() {
            transport
                    .nextReceive()
                    .deliver(
                            TestDelivery.of("a", "a1"),
                            TestDelivery.of("a", "a2"),
                            TestDelivery.of("a", "a3"),
                            TestDelivery.of("a", "a4"),
                            TestDelivery.of("a", "a5"));
            transport
                    .nextReceive()
                    .deliver(TestDelivery.of("a", "a6"), TestDelivery.of("a", "a7"), TestDelivery.of("a", "a8"));
            assertThat(transport.waitingReceives()).isZero();

            workers.runAll();

            assertThat(transport.nextReceive().max()).isEqualTo(THREADS);
        }

        @Test
        void doesNotSpinWhenReceiveCallsComeBackEmptyAtOnce() {
            for (int emptyCalls = 1; emptyCalls <= 20; emptyCalls++) {
                transport.nextReceive().deliver();

                assertThat(transport.waitingReceives()).isZero();
                timer.advance(Backoff.ofEmptyReceive(emptyCalls));
            }
        }

        @Test
        void asksAgainAtOnceAfterALongPollThatBroughtNothing() {
            Receive longPoll = transport.nextReceive();
            timer.advance(Duration.ofSeconds(15));

            longPoll.deliver();

            assertThat(transport.nextReceive().max()).isEqualTo(THREADS);
        }
    }

    @Nested
    class Order {
        @Test
        void runsDifferentLiteTopicsSideBySide() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            assertThat(workers.waiting()).isEqualTo(2);
        }

        @Test
        void runsMessagesOfOneLiteTopicOneAfterTheOtherInOrder() {
            transport
                    .nextReceive()
                    .deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"), TestDelivery.of("a", "a2"));

            workers.runNext();

            assertThat(consumed).containsExactly("a1", "a2");
            assertThat(transport.calls).containsExactly("ack a1", "ack a2");
        }

        @Test
        void messagesThatComeWhileTheirLiteTopicRunsWaitForIt() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
            Receive second = transport.nextReceive();
            listener = message -> {
                if (message.getMessageId().toString().equals("a1")) {
                    second.deliver(TestDelivery.of("a", "a2"));
                    assertThat(workers.waiting()).isZero();
                    assertThat(consumed).containsExactly("a1");
                }
                return ConsumeResult.SUCCESS;
            };

            workers.runAll();

            assertThat(consumed).containsExactly("a1", "a2");
        }

        @Test
        void startsTheNextMessageWithoutWaitingForTheAck() {
            transport.heldAcks.add(new CompletableFuture<>());
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            workers.runAll();

            assertThat(consumed).containsExactly("a1", "a2");
        }
    }

    @Nested
    class Results {
        @Test
        void suspendIsSentForTheMessageAndTheLaterOnesAreDropped() {
            listener = message -> ConsumeResultSuspend.of(Duration.ofMillis(100));
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            workers.runAll();

            assertThat(consumed).containsExactly("a1");
            assertThat(transport.calls).containsExactly("suspend a1 PT0.1S");
        }

        @Test
        void suspendDoesNotTouchOtherLiteTopics() {
            listener = message -> message.getLiteTopic().orElseThrow().equals("a")
                    ? ConsumeResultSuspend.of(Duration.ofDays(1))
                    : ConsumeResult.SUCCESS;
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            workers.runAll();

            assertThat(transport.calls).containsExactlyInAnyOrder("suspend a1 PT24H", "ack b1");
        }

        @Test
        void failureComesAgainAfterABackoffThatGrowsWithTheAttempts() {
            listener = message -> ConsumeResult.FAILURE;
            transport
                    .nextReceive()
                    .deliver(
                            TestDelivery.of("a", "a1"),
                            TestDelivery.of("a", "a2"),
                            TestDelivery.of("b", "b1").withAttempt(3));

            workers.runAll();

            assertThat(consumed).containsExactly("a1", "b1");
            assertThat(transport.calls).containsExactly("change a1 PT1S", "change b1 PT10S");
        }

        @Test
        void exceptionAndNullCountAsFailureAndTheWorkerGoesOn() {
            listener = message -> switch (message.getMessageId().toString()) {
                case "a1" -> throw new IllegalStateException("from the listener");
                case "b1" -> throw new StackOverflowError("from the listener");
                default -> returnNull();
            };
            transport
                    .nextReceive()
                    .deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"), TestDelivery.of("c", "c1"));

            workers.runAll();

            assertThat(transport.calls).containsExactly("change a1 PT1S", "change b1 PT1S", "change c1 PT1S");
            assertThat(transport.waitingReceives()).isPositive();
        }

        @Test
        void corruptedMessageFailsWithoutReachingTheListener() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1").corrupted());

            workers.runAll();

            assertThat(consumed).isEmpty();
            assertThat(transport.calls).containsExactly("change a1 PT1S");
        }

        @Test
        void resultThatCouldNotBeSentIsRepeatedWhileTheDeliveryIsOurs() {
            transport.failures.add(new LiteException("unavailable", true, null, null));
            transport.failures.add(new LiteException("unavailable", true, null, null));
            listener = message -> ConsumeResultSuspend.of(Duration.ofMillis(5));
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            workers.runAll();
            timer.advance(Duration.ofSeconds(1));

            assertThat(transport.calls)
                    .containsExactly("suspend a1 PT0.005S", "suspend a1 PT0.005S", "suspend a1 PT0.005S");
        }

        @Test
        void ackOfADeliveryThatIsGoneIsNotRepeated() {
            transport.failures.add(new DeliveryGoneException("invalid receipt handle", null, null));
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            workers.runAll();
            timer.advance(Duration.ofMinutes(2));

            assertThat(transport.calls).containsExactly("ack a1");
        }

        @Test
        void repeatingEndsWhenTheDeliveryCannotBeOursAnyMore() {
            for (int i = 0; i < 100; i++) {
                transport.failures.add(new LiteException("unavailable", true, null, null));
            }
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            workers.runAll();
            timer.advance(Duration.ofMinutes(10));

            assertThat(transport.failures).hasSizeGreaterThan(50);
            assertThat(timer.scheduledTasks()).isZero();
        }
    }

    @Nested
    class Renewal {
        @Test
        void renewsMessagesThatWaitInHandAndRestsWhenNothingIsHeld() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            timer.advance(Duration.ofSeconds(9));
            assertThat(transport.calls).isEmpty();
            timer.advance(Duration.ofSeconds(6));

            assertThat(transport.calls).containsExactlyInAnyOrder("change a1 PT30S", "change a2 PT30S");
            workers.runAll();
            timer.advance(Duration.ofMinutes(1));
            assertThat(transport.calls).hasSize(4).endsWith("ack a1", "ack a2");
            assertThat(timer.scheduledTasks()).isZero();
        }

        @Test
        void renewsForAsLongAsTheListenerRuns() {
            listener = message -> {
                timer.advance(Duration.ofMinutes(10));
                return ConsumeResult.SUCCESS;
            };
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            workers.runAll();

            assertThat(transport.calls).hasSizeBetween(40, 62).endsWith("ack a1");
        }

        @Test
        void repeatsARenewalThatFailed() {
            transport.failures.add(new LiteException("unavailable", true, null, null));
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            timer.advance(Duration.ofSeconds(16));

            assertThat(transport.calls).containsExactly("change a1 PT30S", "change a1 PT30S");
        }

        @Test
        void goesOnAfterAConnectionBrokeForAMoment() {
            listener = message -> {
                transport.failures.add(new LiteException("unavailable", true, null, null));
                loop.contactLost("p1");
                timer.advance(Duration.ofMinutes(5));
                return ConsumeResult.SUCCESS;
            };
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            workers.runAll();

            assertThat(transport.calls).hasSizeGreaterThan(10).endsWith("ack a1");
        }

        @Test
        void messagesWhoseDeliveryWasLostDoNotReachTheListener() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));
            transport.failures.add(new DeliveryGoneException("invalid receipt handle", null, null));
            transport.failures.add(new DeliveryGoneException("invalid receipt handle", null, null));
            timer.advance(Duration.ofSeconds(25));

            workers.runAll();

            assertThat(consumed).isEmpty();
            assertThat(transport.calls).noneMatch(call -> call.startsWith("ack"));
        }

        @Test
        void messagesThatCouldNotBeRenewedInTimeDoNotReachTheListener() {
            for (int i = 0; i < 100; i++) {
                transport.failures.add(new LiteException("unavailable", true, null, null));
            }
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
            timer.advance(Duration.ofSeconds(31));

            workers.runAll();

            assertThat(consumed).isEmpty();
        }
    }

    @Nested
    class Failures {
        @Test
        void receiveIsRepeatedAfterAPauseThatGrows() {
            transport.nextReceive().fail(refusal());
            assertThat(transport.waitingReceives()).isZero();
            timer.advance(Duration.ofMillis(100));
            transport.nextReceive().fail(refusal());
            timer.advance(Duration.ofMillis(100));
            assertThat(transport.waitingReceives()).isZero();

            timer.advance(Duration.ofMillis(100));

            assertThat(transport.nextReceive().max()).isEqualTo(THREADS);
            assertThat(syncs).isZero();
        }

        @Test
        void sendsAllSubscriptionsBeforeItReceivesFromAServerThatWasLost() {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            syncOutcome = answer;
            transport.nextReceive().fail(lost());

            assertThat(syncs).isEqualTo(1);
            assertThat(transport.waitingReceives()).isZero();

            answer.complete(null);
            assertThat(transport.nextReceive().max()).isEqualTo(THREADS);
        }

        @Test
        void isHeardOfAtOnceAndThenWithBackoffWhenContactIsLost() {
            syncOutcome = CompletableFuture.failedFuture(lost());
            transport.nextReceive().fail(lost());
            assertThat(syncs).isEqualTo(1);

            timer.advance(Duration.ofMillis(100));
            assertThat(syncs).isEqualTo(2);
            timer.advance(Duration.ofMillis(199));
            assertThat(syncs).isEqualTo(2);
            timer.advance(Duration.ofMillis(1));
            assertThat(syncs).isEqualTo(3);
            timer.advance(Duration.ofSeconds(30));
            assertThat(syncs).isBetween(100, 105);
            timer.advance(Duration.ofSeconds(120));
            assertThat(syncs).isBetween(220, 260);
        }

        @Test
        void isHeardOfAtOnceWhenAConnectionBreaksWhileAllThreadsAreBusy() {
            deliverOneOfEach("a", "b", "c", "d", "e");
            assertThat(transport.waitingReceives()).isZero();

            loop.contactLost("p1");

            assertThat(syncs).isEqualTo(1);
        }

        @Test
        void isHeardOfAtOnceEachTimeAConnectionBreaksThatHeldForAWhile() {
            deliverOneOfEach("a", "b", "c", "d", "e");

            for (int breaks = 1; breaks <= 5; breaks++) {
                loop.contactLost("p1");
                assertThat(syncs).isEqualTo(breaks);
                timer.advance(Duration.ofSeconds(2));
            }
        }

        @Test
        void doesNotRejoinInALoopWhenConnectionsBreakAtOnce() {
            for (int breaks = 1; breaks <= 20; breaks++) {
                loop.contactLost("p1");
            }
            assertThat(syncs).isEqualTo(1);

            timer.advance(Duration.ofMillis(200));

            assertThat(syncs).isEqualTo(2);
        }

        @Test
        void isHeardOfAtOnceAlsoWhileItPausesForAnotherReason() {
            Receive receive = transport.nextReceive();
            receive.deliver(); // at once and empty, so there is a pause
            assertThat(transport.waitingReceives()).isZero();

            loop.contactLost("p1");

            assertThat(syncs).isEqualTo(1);
            assertThat(transport.waitingReceives()).isEqualTo(1);
            timer.advance(Duration.ofSeconds(1));
            assertThat(transport.waitingReceives()).isEqualTo(1);
        }

        @Test
        void signOfLifeComesBeforeWhatWaitsIsGivenBack() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

            loop.contactLost("p1");

            assertThat(callsAtSync).containsExactly(0);
            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
        }

        @Test
        void sendsAllSubscriptionsAtOnceWhenTheServerDoesNotKnowThisClient() {
            transport.nextReceive().fail(new ClientUnknownException("restarted", "id", null));

            assertThat(syncs).isEqualTo(1);
            assertThat(transport.nextReceive().max()).isEqualTo(THREADS);
        }

        @Test
        void pausesBetweenAttemptsToRejoin() {
            transport.nextReceive().fail(new ClientUnknownException("restarted", "id", null));
            transport.nextReceive().fail(new ClientUnknownException("restarted", "id", null));
            assertThat(syncs).isEqualTo(1);
            assertThat(transport.waitingReceives()).isZero();

            timer.advance(Duration.ofMillis(200));

            assertThat(syncs).isEqualTo(2);
            assertThat(transport.waitingReceives()).isEqualTo(1);
        }

        @Test
        void doesNotReceiveUntilRejoiningSucceeds() {
            syncOutcome = CompletableFuture.failedFuture(lost());
            transport.nextReceive().fail(lost());
            timer.advance(Duration.ofMinutes(1));
            assertThat(syncs).isGreaterThan(10);
            assertThat(transport.waitingReceives()).isZero();

            syncOutcome = CompletableFuture.completedFuture(null);
            timer.advance(Duration.ofSeconds(5));

            assertThat(transport.waitingReceives()).isEqualTo(1);
        }

        @Test
        void oneFailureOfManyCallsCountsOnce() {
            deliverOneOfEach("a", "b", "c");
            workers.runNext();
            Receive first = transport.nextReceive();
            Receive second = transport.nextReceive();

            first.fail(lost());
            second.fail(lost());
            timer.advance(Duration.ofSeconds(1));

            assertThat(syncs).isEqualTo(1);
        }

        @Test
        void whatWaitsInHandGoesBackWhenTheServerLostThisClient() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            transport.nextReceive().fail(new ClientUnknownException("restarted", null, null));
            workers.runAll();

            assertThat(consumed).isEmpty();
            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
        }
    }

    @Nested
    class Unsubscribe {
        @Test
        void whatWaitsGoesBackAndDoesNotReachTheListener() {
            transport
                    .nextReceive()
                    .deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"), TestDelivery.of("b", "b1"));

            unsubscribed.add("a");
            loop.giveBackWaiting("a");
            workers.runAll();

            assertThat(consumed).containsExactly("b1");
            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S", "ack b1");
        }

        @Test
        void whatComesLaterGoesBack() {
            unsubscribed.add("a");
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            workers.runAll();

            assertThat(consumed).isEmpty();
            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
        }
    }

    @Nested
    class LostSubscription {
        private final List<String> done = new ArrayList<>();

        @Test
        void isDoneAtOnceWhenNoListenerCallRuns() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            unsubscribed.add("a");
            loop.giveBackWaiting("a", () -> done.add("a"));
            loop.giveBackWaiting("never seen", () -> done.add("never seen"));

            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
            assertThat(done).containsExactly("a", "never seen");
        }

        @Test
        void isDoneOnceTheRunningListenerCallHasEndedAndItsResultIsSent() {
            listener = message -> {
                unsubscribed.add("a");
                loop.giveBackWaiting("a", () -> done.add(String.valueOf(transport.calls)));
                assertThat(done).isEmpty();
                return ConsumeResult.SUCCESS;
            };
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            workers.runAll();

            assertThat(consumed).containsExactly("a1");
            assertThat(done).containsExactly("[suspend a2 PT0.01S, ack a1]");
        }

        @Test
        void isNotDoneAgainByTheNextListenerCallOfTheLiteTopic() {
            Receive second = transport.nextReceive();
            second.deliver(TestDelivery.of("a", "a1"));
            Receive third = transport.nextReceive();
            listener = message -> {
                if (message.getMessageId().toString().equals("a1")) {
                    loop.giveBackWaiting("a", () -> done.add("a"));
                    third.deliver(TestDelivery.of("a", "a2")); // subscribed again meanwhile
                }
                return ConsumeResult.SUCCESS;
            };

            workers.runAll();

            assertThat(consumed).containsExactly("a1", "a2");
            assertThat(done).containsExactly("a");
        }
    }

    @Nested
    class Stop {
        @Test
        void endsReceivingAndGivesBackWhatWaits() {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));

            loop.stop();
            workers.runAll();

            assertThat(consumed).isEmpty();
            assertThat(transport.calls).containsExactlyInAnyOrder("suspend a1 PT0.01S", "suspend b1 PT0.01S");
            assertThat(transport.stopped).isTrue();
        }

        @Test
        void finishesTheMessageThatRunsAndGivesBackThoseBehindIt() {
            listener = message -> {
                loop.stop();
                return ConsumeResult.SUCCESS;
            };
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            workers.runAll();

            assertThat(consumed).containsExactly("a1");
            assertThat(transport.calls).containsExactlyInAnyOrder("ack a1", "suspend a2 PT0.01S");
        }

        @Test
        void givesBackWhatArrivesTooLate() {
            Receive late = transport.nextReceive();
            loop.stop();

            late.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

            assertThat(workers.waiting()).isZero();
            assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
        }
    }

    private static LiteException lost() {
        return new LiteException("unavailable", true, null, null);
    }

    private static LiteException refusal() {
        return new LiteException("too many requests", true, "id", null);
    }

    private void deliverOneOfEach(String... liteTopics) {
        Delivery[] deliveries = new Delivery[liteTopics.length];
        for (int i = 0; i < liteTopics.length; i++) {
            deliveries[i] = TestDelivery.of(liteTopics[i], liteTopics[i] + "1");
        }
        transport.nextReceive().deliver(deliveries);
    }

    @SuppressWarnings("NullAway") // what a careless listener may do
    private static ConsumeResult returnNull() {
        return null;
    }
}
