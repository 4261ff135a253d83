package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.ClusterView;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.journal.TopicJournal;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One group with one queue, whose broker answers when the test wants it to. */
class GroupDispatcherTest {
    private static final String GROUP = "group";
    private static final String CLIENT = "client";
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);
    private static final BrokerQueue STREAM = BrokerQueue.of("LITE_JOURNAL_group", "broker-a", 0);
    private static final ClusterTimings SHORT = ClusterTimings.DEFAULT.dividedBy(20);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUE);
    private final Map<String, UnaryOperator<CompletableFuture<?>>> answers = new ConcurrentHashMap<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final EngineLoop loop = new EngineLoop("test-engine");
    private final TestClaims claims = new TestClaims();
    private @Nullable GroupDispatcher started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
        loop.close();
        scheduler.shutdownNow();
    }

    private static final class TestClaims implements QueueClaims {
        private final QueueClaims all = QueueClaims.ofAll("owner");
        private volatile Set<BrokerQueue> claimed = Set.of(QUEUE);
        private volatile Runnable listener = () -> {};
        private volatile Runnable onAsk = () -> {};

        void set(Set<BrokerQueue> queues) {
            claimed = queues;
            listener.run();
        }

        @Override
        public void start() {}

        @Override
        public String ownerId() {
            return all.ownerId();
        }

        @Override
        public Set<BrokerQueue> claimed(List<BrokerQueue> queues) {
            Set<BrokerQueue> now = claimed;
            onAsk.run();
            return now;
        }

        @Override
        public CompletableFuture<Set<String>> deadHolders(String brokerName) {
            return all.deadHolders(brokerName);
        }

        @Override
        public void onChange(Runnable changed) {
            listener = changed;
        }

        @Override
        public ClusterView view() {
            return all.view();
        }

        @Override
        public CompletableFuture<?> leave() {
            return all.leave();
        }

        @Override
        public void close() {}
    }

    private GroupDispatcher start(ClusterTimings timings, Duration flushInterval) {
        BrokerGateway gateway = (BrokerGateway) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BrokerGateway.class}, (self, method, args) -> {
                    Object answer = method.invoke(broker, args);
                    UnaryOperator<CompletableFuture<?>> change = answers.get(method.getName());
                    return change == null ? answer : change.apply((CompletableFuture<?>) answer);
                });
        TopicJournal journal = new TopicJournal(
                GROUP,
                "owner",
                gateway,
                scheduler,
                () -> CompletableFuture.completedFuture(null),
                false,
                System::nanoTime);
        GroupDispatcher dispatcher = new GroupDispatcher(
                "chat",
                GROUP,
                claims,
                timings,
                EngineSettings.builder().build(),
                loop,
                gateway,
                new LiteTopicRegistry(1_000, Duration.ofHours(1).toNanos()),
                journal,
                flushInterval,
                scheduler,
                (clientId, group, liteTopic, reason) -> {});
        started = dispatcher;
        loop.start();
        dispatcher.start();
        return dispatcher;
    }

    private GroupDispatcher serve(ClusterTimings timings, Duration flushInterval) {
        GroupDispatcher dispatcher = start(timings, flushInterval);
        awaitOwned(dispatcher);
        dispatcher.subscribe(CLIENT, Set.of("room", "hall")).join();
        return dispatcher;
    }

    private static void awaitOwned(GroupDispatcher dispatcher) {
        await().untilAsserted(() -> assertThat(dispatcher.ownedQueues()).isEqualTo(1));
    }

    /** The next answer to this call comes with the future, those after it at once. */
    private CompletableFuture<Boolean> holdNext(String call) {
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        answers.put(call, answer -> {
            answers.remove(call);
            return held.thenCompose(come -> answer);
        });
        return held;
    }

    private void awaitHeld(String call) {
        await().untilAsserted(() -> assertThat(answers).doesNotContainKey(call));
    }

    private static CompletableFuture<List<Delivery>> poll(GroupDispatcher dispatcher) {
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
        dispatcher.poll(
                new Poll(CLIENT, 1, 1, Duration.ofMinutes(5).toNanos(), listener),
                Duration.ofSeconds(20),
                LiteTopicFilter.ALL);
        return answer;
    }

    private static Delivery receive(GroupDispatcher dispatcher) {
        List<Delivery> deliveries = poll(dispatcher).join();
        assertThat(deliveries).hasSize(1);
        return deliveries.get(0);
    }

    private static Settlement ack(GroupDispatcher dispatcher, Delivery delivery) {
        return dispatcher.ack(CLIENT, delivery.receiptHandle()).join();
    }

    @Test
    void openingThatEndsAfterALaterOneOfTheSameQueueIsNotTaken() {
        CompletableFuture<Boolean> slow = holdNext("committedOffset");
        GroupDispatcher dispatcher = start(SHORT, Duration.ofMillis(10));
        awaitHeld("committedOffset");
        broker.refuseLock(GROUP, QUEUE, true);
        awaitHeld(holdNothing("lock"));
        awaitHeld(holdNothing("lock"));
        broker.refuseLock(GROUP, QUEUE, false);
        awaitOwned(dispatcher);
        dispatcher.subscribe(CLIENT, Set.of("room")).join();
        broker.append(QUEUE, "room", "first");
        assertThat(ack(dispatcher, receive(dispatcher))).isEqualTo(Settlement.OK);

        slow.complete(true);
        broker.append(QUEUE, "room", "second");

        assertThat(receive(dispatcher).message().payload()).isEqualTo("second");
    }

    @Test
    void settlementBehindTheLastWriteOfAHandOverIsRefused() {
        GroupDispatcher dispatcher = serve(SHORT, Duration.ofMinutes(1));
        broker.append(QUEUE, "room", "done");
        broker.append(QUEUE, "hall", "in hand");
        Delivery done = receive(dispatcher);
        Delivery inHand = receive(dispatcher);
        CompletableFuture<Boolean> commit = holdNext("commit");
        assertThat(ack(dispatcher, done)).isEqualTo(Settlement.OK);
        awaitHeld("commit");
        int records = broker.records(STREAM).size();

        claims.set(Set.of());
        await().untilAsserted(() -> assertThat(broker.records(STREAM)).hasSizeGreaterThan(records));
        assertThat(ack(dispatcher, inHand)).isEqualTo(Settlement.NOT_HELD);
        commit.complete(true);
        await().untilAsserted(() -> assertThat(dispatcher.ownedQueues()).isZero());
        claims.set(Set.of(QUEUE));

        assertThat(receive(dispatcher).message().payload()).isEqualTo("in hand");
    }

    @Test
    void queueThatIsLostWhileItsHandOverBeginsIsDispatchedWhenItIsBack() {
        GroupDispatcher dispatcher = serve(SHORT, Duration.ofMillis(10));
        broker.append(QUEUE, "room", "first");
        broker.append(QUEUE, "hall", "lost with the end of the queue");
        Delivery first = receive(dispatcher);
        await().untilAsserted(() -> assertThat(broker.lastPulled(QUEUE)).isEqualTo(2));

        claims.onAsk = () -> {
            claims.onAsk = () -> {};
            // the engine finds that out and gives the queue up before it hears of the hand-over
            broker.truncate(QUEUE, 1);
            await().until(() -> renew(dispatcher, first) == Settlement.NOT_HELD);
        };
        claims.set(Set.of());
        await().untilAsserted(() -> assertThat(dispatcher.ownedQueues()).isZero());
        claims.set(Set.of(QUEUE));
        awaitOwned(dispatcher);

        assertThat(receive(dispatcher).message().payload()).isEqualTo("first");
    }

    @Test
    void settlementThatIsBeingWrittenIsAnsweredWhenDispatchStopsForGood() {
        GroupDispatcher dispatcher = serve(SHORT, Duration.ZERO);
        broker.append(QUEUE, "room", "first");
        Delivery delivery = receive(dispatcher);
        broker.onAppend((queue, record) -> InMemoryBroker.Append.SLOW);
        CompletableFuture<Settlement> settled = dispatcher.ack(CLIENT, delivery.receiptHandle());
        await().until(() -> broker.hasDelayed(STREAM));

        loop.execute(
                () -> {
                    throw new NoClassDefFoundError("thrown by the test");
                },
                () -> {});

        await().untilAsserted(() -> assertThat(settled).isCompletedExceptionally());
    }

    @Test
    void pollThatIsRefusedAtTheEndTakesNothingAndIsNotWaitedFor() throws Exception {
        GroupDispatcher dispatcher = serve(ClusterTimings.DEFAULT, Duration.ofMillis(10));
        CompletableFuture<List<Delivery>> poll = poll(dispatcher);
        CountDownLatch goesOn = new CountDownLatch(1);
        // the hand-over begins later
        scheduler.execute(() -> {
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        CompletableFuture<Void> closed = CompletableFuture.runAsync(dispatcher::close);
        await().untilAsserted(() -> assertThat(poll).isCompletedExceptionally());
        broker.append(QUEUE, "room", "for another proxy");
        await().untilAsserted(() -> assertThat(broker.lastPulled(QUEUE)).isEqualTo(1));
        long since = System.nanoTime();
        goesOn.countDown();
        closed.get(10, TimeUnit.SECONDS);

        assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofMillis(2_500));
    }

    private static Settlement renew(GroupDispatcher dispatcher, Delivery delivery) {
        return dispatcher
                .changeInvisibleDuration(CLIENT, delivery.receiptHandle(), Duration.ofMinutes(5))
                .join();
    }

    /** To see that the call is made. */
    private String holdNothing(String call) {
        answers.put(call, answer -> {
            answers.remove(call);
            return answer;
        });
        return call;
    }
}
