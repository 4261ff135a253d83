package io.litetopic.it.fault;

import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.Delivery;
import io.litetopic.lite.internal.consumer.DeliveryGoneException;
import io.litetopic.lite.internal.consumer.LiteTransport;
import io.litetopic.lite.internal.consumer.StockFacts;
import io.litetopic.lite.internal.consumer.SubscriptionSync;
import io.litetopic.lite.internal.consumer.TransportListener;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The consumer's way to the server, which reports what the server answers to the results of listener calls. The consumer itself does
 * not tell its application. Thread-safe.
 */
final class ObservedTransport implements LiteTransport {
    private final LiteTransport transport;
    private final History history;
    // those whose listener call has ended; a message view is equal to itself only
    private final Map<MessageView, Long> ended = Collections.synchronizedMap(new WeakHashMap<>());

    ObservedTransport(LiteTransport transport, History history) {
        this.transport = transport;
        this.history = history;
    }

    /** The listener is about to answer: what is said about this message from now on settles {@code delivery}. */
    void ended(MessageView message, long delivery) {
        ended.put(message, delivery);
    }

    @Override
    public void listen(TransportListener listener) {
        transport.listen(listener);
    }

    @Override
    public Set<String> proxies() {
        return transport.proxies();
    }

    @Override
    public CompletableFuture<Set<String>> refreshRoute() {
        return transport.refreshRoute();
    }

    @Override
    public CompletableFuture<List<Delivery>> receive(
            String proxy, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout) {
        return transport.receive(proxy, maxMessages, invisibleDuration, longPollingTimeout);
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        return observed(delivery, () -> transport.ack(delivery));
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        return observed(delivery, () -> transport.changeInvisibleDuration(delivery, invisibleDuration));
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        return observed(delivery, () -> transport.suspend(delivery, suspendTime));
    }

    @Override
    public CompletableFuture<Void> fail(Delivery delivery, Duration backoff) {
        return observed(delivery, () -> transport.fail(delivery, backoff));
    }

    @Override
    public CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts) {
        return observed(delivery, () -> transport.deadLetter(delivery, maxAttempts));
    }

    @Override
    public StockFacts stockFacts() {
        return transport.stockFacts();
    }

    @Override
    public CompletableFuture<Boolean> hasTopic(String proxy, String topic) {
        return transport.hasTopic(proxy, topic);
    }

    @Override
    public CompletableFuture<Void> syncSubscription(String proxy, SubscriptionSync sync) {
        return transport.syncSubscription(proxy, sync);
    }

    @Override
    public void stopReceiving() {
        transport.stopReceiving();
    }

    @Override
    public void close() {
        transport.close();
    }

    private CompletableFuture<Void> observed(Delivery delivery, Supplier<CompletableFuture<Void>> call) {
        Long id = ended.get(delivery.message());
        if (id == null) {
            return call.get(); // a renewal, or the listener has not seen the message
        }
        long sentNanos = System.nanoTime(); // before the server can have counted from it
        return call.get().whenComplete((done, failure) -> {
            if (failure == null) {
                history.settled(id, History.Outcome.CONFIRMED, sentNanos, System.nanoTime());
            } else if (isGone(failure)) {
                history.settled(id, History.Outcome.REFUSED, sentNanos, System.nanoTime());
            }
        });
    }

    private static boolean isGone(Throwable failure) {
        return failure instanceof DeliveryGoneException
                || (failure instanceof CompletionException && failure.getCause() instanceof DeliveryGoneException);
    }
}
