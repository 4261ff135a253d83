package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server in memory: a test answers receive calls; other calls are recorded and succeed unless a failure is due. */
final class FakeTransport implements LiteTransport {

    /** A receive call that waits for its answer. */
    record Receive(
            String proxy,
            int max,
            Duration invisibleDuration,
            Duration longPollingTimeout,
            CompletableFuture<List<Delivery>> answer) {
        void deliver(Delivery... deliveries) {
            answer.complete(List.of(deliveries));
        }

        void fail(Throwable failure) {
            answer.completeExceptionally(failure);
        }
    }

    final Deque<Receive> receives = new ArrayDeque<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<SubscriptionSync> syncs = new CopyOnWriteArrayList<>();
    final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    final Queue<CompletableFuture<Void>> heldAcks = new ConcurrentLinkedQueue<>();
    final Queue<CompletableFuture<Void>> heldSyncs = new ConcurrentLinkedQueue<>();
    private volatile @Nullable List<CompletableFuture<Void>> heldChanges;
    private volatile @Nullable Queue<CompletableFuture<Void>> heldAckBatches;

    /** How many acks each call had. */
    final List<Integer> ackBatches = new CopyOnWriteArrayList<>();

    volatile @Nullable TransportListener listener;
    volatile Set<String> proxies = Set.of("p1");

    /** What a question for the route is answered; the known one unless a test says otherwise. */
    volatile Supplier<CompletableFuture<Set<String>>> routeAnswer = () -> CompletableFuture.completedFuture(proxies);

    /** Proxies that do not answer any call but receives. */
    final Set<String> dead = ConcurrentHashMap.newKeySet();

    /** To which proxies the syncs went, in the same order. */
    final List<String> syncProxies = new CopyOnWriteArrayList<>();

    /** Proxies that know nothing of subscriptions. */
    final Set<String> withoutPlugin = ConcurrentHashMap.newKeySet();

    /** What the proxies have routes for, beside the bind topic. */
    final Set<String> topics = ConcurrentHashMap.newKeySet();

    volatile StockFacts stockFacts = StockFacts.of(true, 17, Set.of("FIFO"));

    private boolean longPollsEnd; // guarded by receives
    volatile boolean stopped;
    volatile boolean closed;

    @Override
    public Set<String> proxies() {
        return proxies;
    }

    @Override
    public CompletableFuture<Set<String>> refreshRoute() {
        return routeAnswer.get();
    }

    @Override
    public void listen(TransportListener listener) {
        this.listener = listener;
    }

    /** What the server says unasked. */
    TransportListener says() {
        return requireNonNull(listener);
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(
            String proxy, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout) {
        Receive receive =
                new Receive(proxy, maxMessages, invisibleDuration, longPollingTimeout, new CompletableFuture<>());
        synchronized (receives) {
            if (longPollsEnd) {
                receive.deliver();
            } else {
                receives.add(receive);
            }
        }
        return receive.answer;
    }

    /** Answers all receive calls from now on at once, with nothing. */
    void endLongPolls() {
        List<Receive> waiting;
        synchronized (receives) {
            longPollsEnd = true;
            waiting = List.copyOf(receives);
            receives.clear();
        }
        waiting.forEach(Receive::deliver);
    }

    /** The oldest receive call to the proxy that has no answer. */
    Receive nextReceive(String proxy) {
        synchronized (receives) {
            Receive receive = receives.stream()
                    .filter(r -> r.proxy().equals(proxy))
                    .findFirst()
                    .orElseThrow();
            receives.remove(receive);
            return receive;
        }
    }

    long waitingReceives(String proxy) {
        synchronized (receives) {
            return receives.stream().filter(r -> r.proxy().equals(proxy)).count();
        }
    }

    /** The oldest receive call that has no answer. */
    Receive nextReceive() {
        synchronized (receives) {
            return receives.remove();
        }
    }

    int waitingReceives() {
        synchronized (receives) {
            return receives.size();
        }
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        CompletableFuture<Void> outcome = record("ack " + delivery, delivery);
        CompletableFuture<Void> held = heldAcks.poll();
        return held == null ? outcome : held;
    }

    @Override
    public boolean acksTogether() {
        return true;
    }

    @Override
    public List<CompletableFuture<Void>> ackAll(String proxy, List<Delivery> deliveries) {
        ackBatches.add(deliveries.size());
        Queue<CompletableFuture<Void>> held = heldAckBatches;
        if (held == null) {
            return LiteTransport.super.ackAll(proxy, deliveries);
        }
        CompletableFuture<Void> batch = new CompletableFuture<>();
        held.add(batch);
        return deliveries.stream().map(delivery -> batch.copy()).toList();
    }

    /** Lets calls that ack wait for the test. */
    void holdAckBatches() {
        heldAckBatches = new ConcurrentLinkedQueue<>();
    }

    boolean hasAckBatches() {
        return !requireNonNull(heldAckBatches).isEmpty();
    }

    /** The oldest of those that wait. */
    CompletableFuture<Void> nextAckBatch() {
        return requireNonNull(heldAckBatches).remove();
    }

    /** Lets calls that change the invisible duration wait; returns those under way, which the test completes. */
    List<CompletableFuture<Void>> holdChanges() {
        List<CompletableFuture<Void>> held = new CopyOnWriteArrayList<>();
        heldChanges = held;
        return held;
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        List<CompletableFuture<Void>> held = heldChanges;
        if (held != null) {
            CompletableFuture<Void> call = new CompletableFuture<>();
            held.add(call);
            return call;
        }
        return record("change " + delivery + " " + invisibleDuration, delivery);
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        return record("suspend " + delivery + " " + suspendTime, delivery);
    }

    @Override
    public CompletableFuture<Void> fail(Delivery delivery, Duration backoff) {
        return changeInvisibleDuration(delivery, backoff);
    }

    @Override
    public CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts) {
        return record("dead letter " + delivery, delivery);
    }

    @Override
    public StockFacts stockFacts() {
        return stockFacts;
    }

    @Override
    public CompletableFuture<Boolean> hasTopic(String proxy, String topic) {
        return CompletableFuture.completedFuture(topics.contains(topic));
    }

    @Override
    public CompletableFuture<Void> syncSubscription(String proxy, SubscriptionSync sync) {
        syncs.add(sync);
        syncProxies.add(proxy);
        if (dead.contains(proxy)) {
            return CompletableFuture.failedFuture(noAnswer(proxy));
        }
        if (withoutPlugin.contains(proxy)) {
            return CompletableFuture.failedFuture(new LitePluginMissingException("no plugin at " + proxy, null, null));
        }
        CompletableFuture<Void> held = heldSyncs.poll();
        return held == null ? outcome() : held;
    }

    @Override
    public void stopReceiving() {
        stopped = true;
        synchronized (receives) {
            receives.forEach(receive -> receive.fail(new IllegalStateException("cancelled")));
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    static LiteException noAnswer(String proxy) {
        return new LiteException("no answer of " + proxy, true, null, null);
    }

    private CompletableFuture<Void> record(String call, Delivery delivery) {
        calls.add(call + ((TestDelivery) delivery).at());
        if (dead.contains(delivery.proxy())) {
            return CompletableFuture.failedFuture(noAnswer(delivery.proxy()));
        }
        return outcome();
    }

    private CompletableFuture<Void> outcome() {
        Throwable failure = failures.poll();
        return failure == null ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(failure);
    }
}
