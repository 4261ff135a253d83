package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The calls that a lite consumer makes to the server. None blocks; all results come through futures, which may complete
 * on any thread. Calls about a delivery fail with {@link DeliveryGoneException} if it is not this client's any more,
 * other calls with {@link ClientUnknownException} if the server does not know this client as a lite one (any more).
 * Every other failure may be passing.
 */
public interface LiteTransport extends AutoCloseable {

    /** Most messages that one receive call may ask for. */
    int MAX_RECEIVE = 32;

    /** Sets who is told what the server says unasked; nobody before that. */
    void listen(TransportListener listener);

    /** Waits for messages: up to {@code maxMessages} of them, in order within a lite topic; empty if none came. */
    CompletableFuture<List<Delivery>> receive(int maxMessages, Duration invisibleDuration);

    CompletableFuture<Void> ack(Delivery delivery);

    /** Makes the delivery end {@code invisibleDuration} from now, unless it is changed again. */
    CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration);

    /** Suspends the lite topic; the delivery and all later ones of the lite topic go back. */
    CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime);

    CompletableFuture<Void> syncSubscription(SubscriptionSync sync);

    /** Ends all receive calls at once; later ones fail. */
    void stopReceiving();

    /** Leaves the server, which takes back all deliveries, and ends all threads. Blocks. */
    @Override
    void close();
}
