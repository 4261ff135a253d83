package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.FakeTransport.Receive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Two proxies share the queues, one dies, the other takes over. */
class SeveralProxiesTest {

    private static final int THREADS = 5;

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final HandCrankedWorkers workers = new HandCrankedWorkers();
    private final List<String> consumed = new ArrayList<>();
    private final List<String> rejoined = new ArrayList<>();
    private CompletableFuture<Void> rejoinOutcome = CompletableFuture.completedFuture(null);
    private Function<MessageView, ConsumeResult> listener = message -> ConsumeResult.SUCCESS;
    private final ConsumerLoop loop = new ConsumerLoop(
            ConsumerSettings.of("bind-topic", "workers", THREADS, 100, 10_000),
            ListenerCalls.blocking(message -> {
                consumed.add(message.getMessageId().toString());
                return listener.apply(message);
            }),
            transport,
            timer,
            workers,
            liteTopic -> true,
            proxy -> {
                rejoined.add(proxy);
                return rejoinOutcome;
            });

    @BeforeEach
    void start() {
        transport.proxies = Set.of("p1", "p2");
        loop.start();
    }

    @Nested
    class Demand {
        @Test
        void asksEachIdleProxyForOneMessageInALongPoll() {
            for (String proxy : List.of("p1", "p2")) {
                Receive receive = transport.nextReceive(proxy);
                assertThat(receive.max()).isEqualTo(1);
                assertThat(receive.longPollingTimeout()).isEqualTo(Receiver.LONG_POLL);
            }
            assertThat(transport.waitingReceives()).isZero();
        }

        @Test
        void idleProxyDoesNotKeepWorkersFromABusyOne() {
            deliver("p1", "a");

            Receive rest = transport.nextReceive("p1");
            assertThat(rest.max()).isEqualTo(THREADS - 1 - 1);
            assertThat(rest.longPollingTimeout()).isEqualTo(Receiver.SHORT_POLL);
            rest.deliver(of("p1", "b"), of("p1", "c"), of("p1", "d"));
            deliver("p1", "e");

            assertThat(workers.waiting()).isEqualTo(THREADS);
            assertThat(transport.waitingReceives("p1")).isZero();
        }

        @Test
        void bothHaveTheirTurnWhileBothHaveMessages() {
            for (int i = 0; i < 20; i++) {
                for (String proxy : List.of("p1", "p2")) {
                    deliver(proxy, proxy + "-" + i);
                    workers.runAll();
                }
            }

            assertThat(consumed).hasSize(40);
        }

        @Test
        void proxyThatRanDryIsAskedForOneAgain() {
            deliver("p1", "a");
            Receive rest = transport.nextReceive("p1");
            timer.advance(Receiver.SHORT_POLL);

            rest.deliver();

            assertThat(transport.nextReceive("p1").max()).isEqualTo(1);
        }

        @Test
        void takesAtMostOneMessagePerProxyMoreThanItHasWorkersAndGivesItBackSoon() {
            deliver("p1", "a");
            transport.nextReceive("p1").deliver(of("p1", "b"), of("p1", "c"), of("p1", "d"));
            deliver("p1", "e");

            deliver("p2", "f");
            assertThat(transport.waitingReceives()).isZero();
            assertThat(transport.calls).isEmpty();
            // All threads are busy, as the workers of this test start nothing by themselves but for the first five.
            timer.advance(ConsumerLoop.WORKER_WAIT);

            assertThat(transport.calls).containsExactly("suspend f1 PT0.01S at p2");
            workers.runAll();
            assertThat(consumed).containsExactly("a1", "b1", "c1", "d1", "e1");
        }

        @Test
        void messageThatFindsAWorkerInTimeIsHandled() {
            deliver("p1", "a");
            transport.nextReceive("p1").deliver(of("p1", "b"), of("p1", "c"), of("p1", "d"));
            deliver("p1", "e");
            deliver("p2", "f");

            workers.runAll();
            timer.advance(ConsumerLoop.WORKER_WAIT);

            assertThat(consumed).containsExactly("a1", "b1", "c1", "d1", "e1", "f1");
            assertThat(transport.calls).doesNotContain("suspend f1 PT0.01S at p2");
        }

        @Test
        void proxyThatIsLeftAloneIsAskedForAll() {
            change("p2");

            assertThat(transport.nextReceive("p2").max()).isEqualTo(1);
            assertThat(transport.nextReceive("p2").max()).isEqualTo(THREADS - 1);
        }
    }

    @Nested
    class TakeOver {
        @Test
        void newProxyLearnsTheSetBeforeItIsReceivedFrom() {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            rejoinOutcome = answer;
            change("p1", "p2", "p3");

            assertThat(rejoined).containsExactly("p3");
            assertThat(transport.waitingReceives("p3")).isZero();
            answer.complete(null);
            assertThat(transport.waitingReceives("p3")).isEqualTo(1);
        }

        @Test
        void proxyThatLeftIsNotTriedAnyMore() {
            rejoinOutcome = CompletableFuture.failedFuture(FakeTransport.noAnswer("p1"));
            loop.contactLost("p1");
            timer.advance(Duration.ofSeconds(1));
            int attempts = rejoined.size();
            assertThat(attempts).isBetween(4, 6);

            change("p2");
            timer.advance(Duration.ofMinutes(1));

            assertThat(rejoined).hasSize(attempts);
            assertThat(transport.waitingReceives("p2")).isPositive();
        }

        @Test
        void contactWithOneProxyLostDoesNotConcernTheOther() {
            rejoinOutcome = new CompletableFuture<>();
            deliver("p2", "a", "a2");

            loop.contactLost("p1");
            workers.runAll();

            assertThat(consumed).containsExactly("a1", "a2");
            assertThat(rejoined).containsExactly("p1");
        }

        @Test
        void liteTopicThatMovedDoesNotRunTwiceAtATimeAndItsMessageIsNotHandledAgain() {
            Receive atNew = transport.nextReceive("p2");
            listener = message -> {
                transport.dead.add("p1");
                change("p2");
                atNew.deliver(TestDelivery.of("a", "a1").from("p2"));
                assertThat(workers.waiting()).isZero();
                return ConsumeResult.SUCCESS;
            };

            deliver("p1", "a");
            workers.runNext();

            assertThat(consumed).containsExactly("a1");
            assertThat(transport.calls).containsExactly("ack a1 at p2");
        }

        @Test
        void suspendOfAMessageWhoseLiteTopicMovedIsSentToTheNewOwner() {
            Receive atNew = transport.nextReceive("p2");
            listener = message -> {
                change("p2");
                atNew.deliver(
                        TestDelivery.of("a", "a1").from("p2"),
                        TestDelivery.of("a", "a2").from("p2"));
                return ConsumeResultSuspend.of(Duration.ofSeconds(7));
            };

            deliver("p1", "a");
            workers.runAll();

            assertThat(consumed).containsExactly("a1");
            assertThat(transport.calls).containsExactly("suspend a1 PT7S at p2");
        }

        @Test
        void failureAtTheOldOwnerDoesNotForgetWhatTheNewOneDelivered() {
            Receive atNew = transport.nextReceive("p2");
            listener = message -> {
                if (message.getMessageId().toString().equals("a1")) {
                    atNew.deliver(TestDelivery.of("a", "a0").from("p2"));
                    return ConsumeResult.FAILURE;
                }
                return ConsumeResult.SUCCESS;
            };

            deliver("p1", "a");
            workers.runAll();

            assertThat(consumed).containsExactly("a1", "a0");
            assertThat(transport.calls).containsExactly("change a1 PT1S", "ack a0 at p2");
        }

        @Test
        void whatWaitsOfAProxyThatLeftDoesNotRun() {
            listener = message -> {
                change("p2");
                return ConsumeResult.SUCCESS;
            };
            deliver("p1", "a", "a2");

            workers.runAll();

            assertThat(consumed).containsExactly("a1");
        }

        @Test
        void deliveriesOfAProxyThatLeftAreNotRenewed() {
            listener = message -> {
                change("p2");
                timer.advance(Duration.ofMinutes(1));
                return ConsumeResult.SUCCESS;
            };
            deliver("p1", "a");

            workers.runAll();

            assertThat(transport.calls).noneMatch(call -> call.startsWith("change"));
        }

        @Test
        void ackForAProxyThatLeftIsDroppedAfterAWhile() {
            transport.dead.add("p1");
            deliver("p1", "a");
            workers.runAll();
            change("p2");

            timer.advance(Duration.ofSeconds(15));
            int attempts = transport.calls.size();
            assertThat(attempts).isGreaterThan(4);
            timer.advance(Duration.ofMinutes(1));

            assertThat(transport.calls).hasSize(attempts);
        }

        @Test
        void closeDoesNotWaitForAProxyThatLeft() throws Exception {
            transport.dead.add("p1");
            deliver("p1", "a");
            workers.runAll();
            change("p2");
            long startNanos = System.nanoTime();

            loop.stop();
            assertThat(loop.awaitSent(Duration.ofSeconds(5))).isFalse();

            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofMillis(400));
        }
    }

    @Nested
    class Subscriptions {
        private final LiteSubscriptions subscriptions =
                new LiteSubscriptions(transport, timer, liteTopic -> {}, liteTopic -> {});

        @Test
        void changeGoesToAllProxies() throws Exception {
            subscriptions.subscribe("a", null);

            assertThat(transport.syncProxies).containsExactlyInAnyOrder("p1", "p2");
        }

        @Test
        void changeSucceedsOnceTheProxyThatDoesNotAnswerHasLeftTheRoute() throws Exception {
            transport.dead.add("p1");
            Future<?> subscribing = inTheBackground(() -> subscriptions.subscribe("a", null));
            await().until(() -> transport.syncProxies.size() == 2);
            assertThat(subscribing).isNotDone();

            transport.proxies = Set.of("p2");

            passUntilDone(subscribing);
            subscribing.get();
            assertThat(subscriptions.snapshot()).containsExactly("a");
        }

        @Test
        void changeReachesAProxyThatIsNewInTheRoute() throws Exception {
            transport.dead.add("p1");
            Future<?> subscribing = inTheBackground(() -> subscriptions.subscribe("a", null));
            await().until(() -> transport.syncProxies.size() == 2);

            transport.proxies = Set.of("p2", "p3");

            passUntilDone(subscribing);
            subscribing.get();
            assertThat(transport.syncProxies)
                    .contains("p3")
                    .filteredOn("p2"::equals)
                    .hasSize(1);
        }

        @Test
        void changeFailsWhenAProxyStaysInTheRouteAndDoesNotAnswer() throws Exception {
            transport.dead.add("p1");
            Future<?> subscribing = inTheBackground(() -> subscriptions.subscribe("a", null));

            passUntilDone(subscribing);

            assertThat(subscribing)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withMessageContaining("of p1");
            assertThat(subscriptions.snapshot()).isEmpty();
        }

        @Test
        void closeEndsAChangeThatWaitsForAProxy() throws Exception {
            transport.dead.add("p1");
            Future<?> subscribing = inTheBackground(() -> subscriptions.subscribe("a", null));
            await().until(() -> timer.scheduledTasks() > 0);

            subscriptions.close();

            assertThat(subscribing).failsWithin(Duration.ofSeconds(5));
        }

        @Test
        void wholeSetForOneProxyGoesToThatOneOnly() throws Exception {
            subscriptions.subscribe("a", null);
            int before = transport.syncs.size();

            assertThat(subscriptions.sync("p2")).isCompleted();

            assertThat(transport.syncs).hasSize(before + 1);
            assertThat(transport.syncs.get(before).liteTopics()).containsExactly("a");
            assertThat(transport.syncProxies.get(before)).isEqualTo("p2");
        }

        @Test
        void wholeSetForALiveProxyDoesNotWaitForADeadOne() {
            transport.heldSyncs.add(new CompletableFuture<>());

            assertThat(subscriptions.sync("p1")).isNotDone();
            assertThat(subscriptions.sync("p2")).isCompleted();
        }

        private Future<?> inTheBackground(Change change) {
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                return thread.submit(() -> {
                    change.make();
                    return null;
                });
            } finally {
                thread.shutdown();
            }
        }

        private void passUntilDone(Future<?> future) {
            await().atMost(10, TimeUnit.SECONDS)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        timer.advance(Duration.ofMillis(100));
                        return future.isDone();
                    });
        }
    }

    private interface Change {
        void make() throws Exception;
    }

    private void change(String... proxies) {
        transport.proxies = Set.of(proxies);
        loop.routeChanged(transport.proxies);
    }

    /** Answers the oldest call to the proxy with messages of the lite topic, the first of which is called like it plus 1. */
    private void deliver(String proxy, String liteTopic, String... more) {
        Delivery[] deliveries = new Delivery[1 + more.length];
        deliveries[0] = of(proxy, liteTopic);
        for (int i = 0; i < more.length; i++) {
            deliveries[i + 1] = TestDelivery.of(liteTopic, more[i]).from(proxy);
        }
        transport.nextReceive(proxy).deliver(deliveries);
    }

    private static Delivery of(String proxy, String liteTopic) {
        return TestDelivery.of(liteTopic, liteTopic + "1").from(proxy);
    }
}
