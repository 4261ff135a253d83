package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Sends acks, several in one call when there are many: while {@link #MAX_CALLS} calls to a proxy are under way, further acks wait for
 * one of them to end, and go together. None waits for longer than {@link #LONGEST_WAIT}, so that a call that hangs holds up nobody.
 *
 * <p>A call costs the client and the proxy far more than an entry in it. Without load each ack goes at once.
 *
 * <p>Thread-safe.
 */
final class AckBatches {

    /** Calls to one proxy at a time, unless they take long. */
    static final int MAX_CALLS = 2;

    /** Acks in one call. */
    static final int MAX_ENTRIES = 64;

    /** How long an ack waits for company at most. */
    static final Duration LONGEST_WAIT = Duration.ofMillis(10);

    private final LiteTransport transport;
    private final LoopTimer timer;

    private final Map<String, Acks> byProxy = new HashMap<>(); // guarded by this; only those with calls under way

    AckBatches(LiteTransport transport, LoopTimer timer) {
        this.transport = transport;
        this.timer = timer;
    }

    /** Acks the delivery, now or together with others. */
    CompletableFuture<Void> ack(Delivery delivery) {
        if (!transport.acksTogether()) {
            return transport.ack(delivery);
        }
        Waiting ack = new Waiting(delivery);
        String proxy = delivery.proxy();
        boolean startTimer;
        synchronized (this) {
            Acks acks = byProxy.computeIfAbsent(proxy, absent -> new Acks());
            if (acks.calls < MAX_CALLS) {
                acks.calls++;
                startTimer = false;
            } else {
                acks.waiting.add(ack);
                if (acks.timerArmed) {
                    return ack.result;
                }
                acks.timerArmed = true;
                startTimer = true;
            }
        }
        if (startTimer) {
            timer.schedule(LONGEST_WAIT, () -> sendAllThatWait(proxy));
        } else {
            List<Waiting> batch = new ArrayList<>(1);
            batch.add(ack);
            send(proxy, batch);
        }
        return ack.result;
    }

    /** Sends all that wait. */
    void flush() {
        List<String> proxies;
        synchronized (this) {
            proxies = new ArrayList<>(byProxy.keySet());
        }
        proxies.forEach(this::sendAllThatWait);
    }

    private void sendAllThatWait(String proxy) {
        List<List<Waiting>> batches = new ArrayList<>();
        synchronized (this) {
            Acks acks = byProxy.get(proxy);
            if (acks == null) {
                return;
            }
            acks.timerArmed = false;
            while (!acks.waiting.isEmpty()) {
                acks.calls++;
                batches.add(acks.nextBatch());
            }
        }
        batches.forEach(batch -> send(proxy, batch));
    }

    private void send(String proxy, List<Waiting> batch) {
        List<Delivery> deliveries = new ArrayList<>(batch.size());
        batch.forEach(ack -> deliveries.add(ack.delivery));
        List<CompletableFuture<Void>> results;
        try {
            results = transport.ackAll(proxy, deliveries);
        } catch (RuntimeException | Error e) {
            callEnded(proxy);
            batch.forEach(ack -> ack.result.completeExceptionally(e));
            return;
        }
        // The call has ended when all its acks have a result: they come together.
        Futures.onDone(
                CompletableFuture.allOf(results.toArray(new CompletableFuture<?>[0])),
                done -> callEnded(proxy),
                failure -> callEnded(proxy));
        for (int i = 0; i < batch.size(); i++) {
            CompletableFuture<Void> result = batch.get(i).result;
            Futures.onDone(results.get(i), done -> result.complete(null), result::completeExceptionally);
        }
    }

    private void callEnded(String proxy) {
        List<Waiting> batch;
        synchronized (this) {
            Acks acks = byProxy.get(proxy);
            if (acks == null) {
                throw new IllegalStateException("more calls have ended than begun proxy=" + proxy);
            }
            acks.calls--;
            if (acks.waiting.isEmpty() || acks.calls >= MAX_CALLS) {
                if (acks.calls == 0) {
                    byProxy.remove(proxy);
                }
                return;
            }
            acks.calls++;
            batch = acks.nextBatch();
        }
        send(proxy, batch);
    }

    private static final class Waiting {
        private final Delivery delivery;
        private final CompletableFuture<Void> result = new CompletableFuture<>();

        private Waiting(Delivery delivery) {
            this.delivery = delivery;
        }
    }

    private static final class Acks {
        private final Queue<Waiting> waiting = new ArrayDeque<>();
        private int calls;
        private boolean timerArmed;

        private List<Waiting> nextBatch() {
            List<Waiting> batch = new ArrayList<>(Math.min(waiting.size(), MAX_ENTRIES));
            while (batch.size() < MAX_ENTRIES && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            return batch;
        }
    }
}
