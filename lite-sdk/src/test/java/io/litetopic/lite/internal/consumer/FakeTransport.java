package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A server in memory: a test answers receive calls; other calls are recorded and succeed unless a failure is due. */
final class FakeTransport implements LiteTransport {

    /** A receive call that waits for its answer. */
    record Receive(int max, Duration invisibleDuration, CompletableFuture<List<Delivery>> answer) {
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
    volatile @Nullable TransportListener listener;
    volatile boolean stopped;
    volatile boolean closed;

    @Override
    public void listen(TransportListener listener) {
        this.listener = listener;
    }

    /** What the server says unasked. */
    TransportListener says() {
        return requireNonNull(listener);
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(int maxMessages, Duration invisibleDuration) {
        Receive receive = new Receive(maxMessages, invisibleDuration, new CompletableFuture<>());
        synchronized (receives) {
            receives.add(receive);
        }
        return receive.answer;
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
        CompletableFuture<Void> outcome = record("ack " + delivery);
        CompletableFuture<Void> held = heldAcks.poll();
        return held == null ? outcome : held;
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        return record("change " + delivery + " " + invisibleDuration);
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        return record("suspend " + delivery + " " + suspendTime);
    }

    @Override
    public CompletableFuture<Void> syncSubscription(SubscriptionSync sync) {
        syncs.add(sync);
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

    private CompletableFuture<Void> record(String call) {
        calls.add(call);
        return outcome();
    }

    private CompletableFuture<Void> outcome() {
        Throwable failure = failures.poll();
        return failure == null ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(failure);
    }
}
