package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.MemberId;
import io.litetopic.proxy.cluster.MemberProbe;
import io.litetopic.proxy.cluster.Membership;
import io.litetopic.proxy.journal.JournalException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several proxies and one broker, all times a twentieth: leases of 3 s at the broker and 2 s at the proxies. */
class QueueOwnershipTest {
    private static final ClusterTimings TIMINGS = ClusterTimings.DEFAULT.dividedBy(20);
    private static final Duration BROKER_LEASE = Duration.ofSeconds(3);
    private static final BrokerQueue[] QUEUES = IntStream.range(0, 8)
            .mapToObj(id -> BrokerQueue.of("chat", "broker-a", id))
            .toArray(BrokerQueue[]::new);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUES);
    private final Map<BrokerQueue, TestProxy> dispatchedBy = new ConcurrentHashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final List<TestProxy> proxies = new ArrayList<>();
    private final TestProxy a = new TestProxy("a");
    private final TestProxy b = new TestProxy("b");
    private final TestProxy c = new TestProxy("c");

    QueueOwnershipTest() {
        broker.lockLease(BROKER_LEASE);
    }

    @AfterEach
    void stopAll() {
        proxies.forEach(TestProxy::discard);
        assertThat(violations).isEmpty();
    }

    /** What would be a process: it can be killed, and stopped for a while. */
    private final class TestProxy implements QueueOwnership.Listener, MemberProbe {
        final String id;
        final Set<BrokerQueue> dispatched = ConcurrentHashMap.newKeySet();
        final Set<BrokerQueue> lost = ConcurrentHashMap.newKeySet();
        final Map<BrokerQueue, Long> leases = new ConcurrentHashMap<>();
        final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
        volatile boolean keepsDeliveries;
        volatile @Nullable Exception cannotDispatch;
        final Map<BrokerQueue, AtomicInteger> failures = new ConcurrentHashMap<>();
        volatile boolean killed;
        volatile boolean cutOff;
        /** Answers to lock calls come when this is done. */
        volatile CompletableFuture<?> lockAnswers = CompletableFuture.completedFuture(true);

        final AtomicInteger lockCalls = new AtomicInteger();
        volatile boolean stopped;
        private final CountDownLatch goesOn = new CountDownLatch(1);
        private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
        private final Membership membership;
        final QueueOwnership ownership;

        TestProxy(String name) {
            proxies.add(this);
            this.id = MemberId.of(name, name + ":8081");
            BrokerGateway gateway = (BrokerGateway) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {BrokerGateway.class}, (self, method, args) -> {
                        if (killed) {
                            return CompletableFuture.failedFuture(new BrokerException("killed", null, true));
                        }
                        if (cutOff) {
                            return CompletableFuture.failedFuture(new BrokerException("no answer", null, true));
                        }
                        if (method.getName().equals("lock")) {
                            lockCalls.incrementAndGet();
                            CompletableFuture<?> locked = (CompletableFuture<?>) method.invoke(broker, args);
                            return lockAnswers.thenCompose(come -> locked);
                        }
                        return method.invoke(broker, args);
                    });
            this.membership = new Membership("chat", id, gateway, this, null, scheduler, TIMINGS);
            this.ownership = new QueueOwnership("chat", "group", gateway, membership, TIMINGS, scheduler, this);
        }

        TestProxy start() {
            ownership.start();
            membership.start();
            return this;
        }

        /** SIGKILL: connections break, the port is closed, nothing is given back. */
        void kill() {
            discard();
            broker.disconnect(id);
        }

        void discard() {
            killed = true;
            scheduler.shutdownNow();
            goesOn.countDown();
            dispatched.forEach(queue -> dispatchedBy.remove(queue, this));
        }

        /** SIGSTOP: nothing goes on, but connections stay. */
        void stop() {
            stopped = true;
            scheduler.execute(() -> {
                try {
                    goesOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        void goOn() {
            stopped = false;
            goesOn.countDown();
        }

        /** As when the proxy is stopped in order. */
        @Override
        public void close() {
            membership.leave().join();
            ownership.close();
            membership.close();
            kill();
        }

        @Override
        public CompletableFuture<@Nullable Void> acquired(BrokerQueue queue, long lease) {
            leases.put(queue, lease);
            Exception problem = cannotDispatch;
            if (problem != null) {
                failures.computeIfAbsent(queue, key -> new AtomicInteger()).incrementAndGet();
                return CompletableFuture.failedFuture(problem);
            }
            if (!id.equals(broker.lockOwner("group", queue))) {
                violations.add(queue + " acquired by " + id + " without its lock");
            }
            TestProxy other = dispatchedBy.put(queue, this);
            if (other != null && !other.stopped) {
                violations.add(queue + " dispatched by " + id + " and " + other.id);
            }
            dispatched.add(queue);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void lost(BrokerQueue queue) {
            dispatched.remove(queue);
            lost.add(queue);
            dispatchedBy.remove(queue, this);
        }

        @Override
        public CompletableFuture<@Nullable Void> release(BrokerQueue queue) {
            CompletableFuture<@Nullable Void> done =
                    keepsDeliveries ? settled : CompletableFuture.completedFuture(null);
            return done.thenRun(() -> {
                dispatched.remove(queue);
                dispatchedBy.remove(queue, this);
            });
        }

        @Override
        public CompletableFuture<Answer> probe(String address) {
            for (TestProxy proxy : proxies) {
                if (MemberId.addressOf(proxy.id).equals(address)) {
                    return CompletableFuture.completedFuture(
                            proxy.killed ? Answer.REFUSES : proxy.stopped ? Answer.SILENT : Answer.ANSWERS);
                }
            }
            throw new IllegalArgumentException(address);
        }
    }

    private void awaitOwned(TestProxy proxy, int queues) {
        await().untilAsserted(() -> {
            assertThat(proxy.dispatched).hasSize(queues);
            assertThat(proxy.ownership.ownedQueues()).isEqualTo(queues);
        });
    }

    private long millisUntil(Runnable assertion) {
        long since = System.nanoTime();
        await().pollInterval(Duration.ofMillis(1)).untilAsserted(assertion::run);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    @Test
    void oneProxyOwnsAllQueues() {
        a.start();

        awaitOwned(a, 8);
        await().untilAsserted(() -> assertThat(a.ownership.hasOwnedAll()).isTrue());
        assertThat(a.ownership.ownsAll()).isTrue();
    }

    @Test
    void proxiesThatComeShareTheQueuesAndOneThatStopsGivesItsOwnBack() {
        a.start();
        awaitOwned(a, 8);

        b.start();
        awaitOwned(a, 4);
        awaitOwned(b, 4);
        c.start();
        await().untilAsserted(() -> {
            assertThat(List.of(a.dispatched.size(), b.dispatched.size(), c.dispatched.size()))
                    .containsExactlyInAnyOrder(2, 3, 3);
        });
        c.close();

        awaitOwned(a, 4);
        awaitOwned(b, 4);
        assertThat(c.dispatched).isEmpty();
        assertThat(a.lost).isEmpty();
        assertThat(b.lost).isEmpty();
        assertThat(b.ownership.hasOwnedAll()).isTrue();
        assertThat(a.ownership.takeOvers() + b.ownership.takeOvers()).isZero();
    }

    @Test
    void queueIsHandedOverWhenItsDeliveriesAreSettledNotBefore() {
        a.keepsDeliveries = true;
        a.start();
        awaitOwned(a, 8);

        b.start();

        await().during(Duration.ofMillis(500)).untilAsserted(() -> {
            assertThat(b.dispatched).isEmpty();
            assertThat(a.dispatched).hasSize(8);
        });
        a.settled.complete(null);
        awaitOwned(b, 4);
        awaitOwned(a, 4);
    }

    @Test
    void queuesOfAKilledProxyAreTakenOverLongBeforeTheirLocksEnd() {
        a.start();
        b.start();
        awaitOwned(a, 4);
        awaitOwned(b, 4);

        b.kill();

        long millis = millisUntil(() -> assertThat(a.dispatched).hasSize(8));
        assertThat(millis).isLessThan(1_000);
        await().untilAsserted(() -> assertThat(a.ownership.takeOvers()).isEqualTo(4));
    }

    @Test
    void memberThatItsBrokerDoesNotListKeepsItsQueuesWhileItAnswers() {
        a.start();
        b.start();
        awaitOwned(a, 4);
        awaitOwned(b, 4);
        Set<BrokerQueue> ofB = new HashSet<>(b.dispatched);

        broker.restart();

        await().during(Duration.ofSeconds(1)).untilAsserted(() -> {
            assertThat(b.dispatched).isEqualTo(ofB);
            assertThat(a.dispatched).hasSize(4);
        });
        assertThat(a.lost).isEmpty();
        assertThat(b.lost).isEmpty();
        for (BrokerQueue queue : QUEUES) {
            assertThat(broker.lockOwner("group", queue)).isEqualTo(ofB.contains(queue) ? b.id : a.id);
        }
    }

    @Test
    void queuesOfAProxyThatHangsAreTakenWhenItsLocksEndAndItDispatchesNothingWhenItWakes() {
        a.start();
        b.start();
        awaitOwned(a, 4);
        awaitOwned(b, 4);
        Set<BrokerQueue> ofB = new HashSet<>(b.dispatched);
        long stoppedAt = System.nanoTime();

        b.stop();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(a.dispatched).hasSize(8));
        assertThat(Duration.ofNanos(System.nanoTime() - stoppedAt)).isGreaterThan(BROKER_LEASE.minusMillis(200));
        long now = System.nanoTime();
        assertThat(b.ownership.leaseEndNanos() - now)
                .as("ask again before each delivery")
                .isNegative();
        assertThat(b.ownership.takeExpired(now)).containsExactlyInAnyOrderElementsOf(ofB);
        assertThat(ofB).noneMatch(queue -> b.ownership.holds(queue, b.leases.getOrDefault(queue, -1L)));

        b.goOn();

        await().untilAsserted(() -> assertThat(b.lost).isEqualTo(ofB));
        awaitOwned(a, 4);
        awaitOwned(b, 4);
    }

    @Test
    void whoWorksWithAQueueIsToldThatItsLeaseIsOverAlsoIfTheOwnershipHasFoundOutBefore() {
        a.start();
        awaitOwned(a, 8);

        a.cutOff = true;

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(a.lost).hasSize(8));
        long now = System.nanoTime();
        assertThat(a.ownership.leaseEndNanos() - now).isNegative();
        assertThat(a.ownership.takeExpired(now)).containsExactlyInAnyOrder(QUEUES);
        assertThat(a.ownership.leaseEndNanos() - now).isPositive();
        a.cutOff = false;
        awaitOwned(a, 8);
    }

    @Test
    void whoWorksWithAQueueIsToldAtOnceThatItsBrokerRefusesTheLock() {
        a.start();
        awaitOwned(a, 8);

        broker.refuseLock("group", QUEUES[3], true);

        await().untilAsserted(() -> assertThat(a.lost).containsExactly(QUEUES[3]));
        long now = System.nanoTime();
        assertThat(a.ownership.leaseEndNanos() - now).isNegative();
        assertThat(a.ownership.takeExpired(now)).containsExactly(QUEUES[3]);
    }

    @Test
    void answerToARenewalThatComesAfterTheQueueWasGivenUpIsNoNewLock() {
        a.start();
        awaitOwned(a, 8);
        CompletableFuture<?> late = new CompletableFuture<>();
        int calls = a.lockCalls.get(); // before: the next call may come at once, and then waits
        a.lockAnswers = late;
        await().untilAsserted(() -> assertThat(a.lockCalls).hasValueGreaterThan(calls));

        a.ownership.startAnew(QUEUES[3]);
        await().untilAsserted(() -> assertThat(a.lost).containsExactly(QUEUES[3]));
        a.lockAnswers = CompletableFuture.completedFuture(true);
        late.complete(null);

        awaitOwned(a, 8); // violations are looked at in the end
    }

    @Test
    void lockOfAProcessThatNobodyKnowsRunsOut() {
        broker.lock("group", "litetopic@gone@gone:8081", Set.of(QUEUES)).join();
        long since = System.nanoTime();

        a.start();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(a.dispatched).hasSize(8));
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(BROKER_LEASE.minusMillis(200));
    }

    @Test
    void queueThatCannotBeDispatchedIsGivenBackAndTriedAgain() {
        a.cannotDispatch = new JournalException("journal cannot be read", null, true);
        a.start();
        await().untilAsserted(() -> assertThat(a.lost).hasSize(8));
        await().untilAsserted(
                        () -> assertThat(broker.lockOwner("group", QUEUES[0])).isNull());
        assertThat(a.ownership.hasOwnedAll()).isFalse();

        a.cannotDispatch = null;

        awaitOwned(a, 8);
    }

    @Test
    void queueWhoseJournalNeedsHelpIsTriedAgainAndAgainWithLongerPauses() {
        a.cannotDispatch = new JournalException("journal is damaged", null, false);
        a.start();
        await().untilAsserted(() -> assertThat(a.failures).containsKey(QUEUES[0]));

        long millis = millisUntil(() -> assertThat(a.failures.get(QUEUES[0])).hasValueGreaterThanOrEqualTo(6));

        assertThat(millis)
                .as("50, 100, 200, 400 and 800 ms of pause")
                .isGreaterThan(5 * TIMINGS.failurePauseMillis() * 4);
        a.cannotDispatch = null;
        awaitOwned(a, 8);
    }

    @Test
    void proxyThatIsBackHasItsQueuesBack() {
        a.start();
        b.start();
        awaitOwned(a, 4);
        awaitOwned(b, 4);
        Set<BrokerQueue> ofB = new HashSet<>(b.dispatched);
        b.kill();
        awaitOwned(a, 8);

        proxies.remove(b);
        TestProxy again = new TestProxy("b").start();

        awaitOwned(again, 4);
        awaitOwned(a, 4);
        assertThat(again.dispatched).isEqualTo(ofB);
        assertThat(a.lost).isEmpty();
    }
}
