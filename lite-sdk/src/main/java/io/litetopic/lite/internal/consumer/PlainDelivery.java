package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;
import java.time.Duration;

/**
 * A delivery of a stock server. To the loop its queue is its lite topic, since the whole queue is handled in order.
 *
 * <p>Owner: state other than {@link #calls} is guarded by the lock of {@link PlainFifoTransport}.
 */
final class PlainDelivery implements Delivery {

    private final Delivery stock;
    private final HeldDelivery calls;

    private volatile MessageView message;
    private int attempt;
    private boolean handedOut = true;
    private boolean leaseChanging;
    private long leaseEndNanos;

    PlainDelivery(Delivery stock, long leaseStartNanos, Duration invisibleDuration) {
        this.stock = stock;
        this.calls = new HeldDelivery(stock, leaseStartNanos);
        this.attempt = stock.message().getDeliveryAttempt();
        this.message = new PlainMessageView(stock.message(), attempt);
        this.leaseEndNanos = leaseStartNanos + invisibleDuration.toNanos();
    }

    Delivery stock() {
        return stock;
    }

    /** Makes its calls to the server one after the other. */
    HeldDelivery calls() {
        return calls;
    }

    int attempt() {
        return attempt;
    }

    void countAttempt() {
        attempt++;
        message = new PlainMessageView(stock.message(), attempt);
    }

    /** Whether the loop has it; else it rests, or waits for a receive call. */
    boolean isHandedOut() {
        return handedOut;
    }

    void setHandedOut(boolean handedOut) {
        this.handedOut = handedOut;
    }

    long leaseEndNanos() {
        return leaseEndNanos;
    }

    boolean isLeaseChanging() {
        return leaseChanging;
    }

    void leaseChangeBegins() {
        leaseChanging = true;
    }

    void leaseChangeEnds() {
        leaseChanging = false;
    }

    void leaseEndsAt(long nanos) {
        leaseEndNanos = nanos;
    }

    @Override
    public MessageView message() {
        return message;
    }

    @Override
    public String liteTopic() {
        return stock.queue();
    }

    @Override
    public String queue() {
        return stock.queue();
    }

    @Override
    public String proxy() {
        return stock.proxy();
    }

    @Override
    public int bodyBytes() {
        return stock.bodyBytes();
    }

    @Override
    public boolean isCorrupted() {
        return stock.isCorrupted();
    }
}
