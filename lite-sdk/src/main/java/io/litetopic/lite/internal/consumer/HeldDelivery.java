package io.litetopic.lite.internal.consumer;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A delivery in hand: how long it is ours, and its calls to the server, one after the other. They must not overlap, as
 * a renewal may replace the receipt handle that the next call needs.
 *
 * <p>Thread-safe.
 */
final class HeldDelivery {

    private final Delivery delivery;
    private final long receivedNanos;

    // guarded by this
    private long leaseStartNanos;
    private boolean gone;
    private CompletableFuture<Void> lastCall = CompletableFuture.completedFuture(null);

    HeldDelivery(Delivery delivery, long leaseStartNanos) {
        this(delivery, leaseStartNanos, leaseStartNanos);
    }

    HeldDelivery(Delivery delivery, long leaseStartNanos, long receivedNanos) {
        this.delivery = delivery;
        this.receivedNanos = receivedNanos;
        this.leaseStartNanos = leaseStartNanos;
    }

    Delivery delivery() {
        return delivery;
    }

    /** When it came from the server, later than its lease began. */
    long receivedNanos() {
        return receivedNanos;
    }

    synchronized long leaseStartNanos() {
        return leaseStartNanos;
    }

    synchronized void renewedAt(long nanos) {
        leaseStartNanos = nanos;
    }

    /** The server said that the delivery is not ours. */
    synchronized void markGone() {
        gone = true;
    }

    synchronized boolean isGone() {
        return gone;
    }

    /** Makes the call once the one before it has ended, whatever came of that. */
    CompletableFuture<Void> call(Supplier<CompletableFuture<Void>> call) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        CompletableFuture<Void> previous;
        synchronized (this) {
            previous = lastCall;
            lastCall = result;
        }
        Futures.onDone(previous, done -> start(call, result), failure -> start(call, result));
        return result;
    }

    /** Ends, never with a failure, when the calls made so far have ended. */
    synchronized CompletableFuture<Void> callsEnded() {
        return lastCall.handle((done, failure) -> null);
    }

    private static void start(Supplier<CompletableFuture<Void>> call, CompletableFuture<Void> result) {
        CompletableFuture<Void> started;
        try {
            started = call.get();
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
            return;
        }
        Futures.onDone(started, done -> result.complete(null), result::completeExceptionally);
    }
}
