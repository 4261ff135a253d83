package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The calls that a lite consumer makes to the proxies of the route, each of which owns some queues of the bind topic. A
 * proxy is named by its address. None blocks; all results come through futures, which may complete on any thread. Calls about a
 * delivery fail with {@link DeliveryGoneException} if it is not this client's any more, other calls with {@link ClientUnknownException}
 * if the server does not know this client as a lite one (any more). Every other failure may be passing.
 */
public interface LiteTransport extends AutoCloseable {

    /** Most messages that one receive call may ask for. */
    int MAX_RECEIVE = 32;

    /** Sets who is told what the server says unasked; nobody before that. */
    void listen(TransportListener listener);

    /** The proxies of the last known route; immutable. The listener is told of changes. */
    Set<String> proxies();

    /** Asks for the route, over all connections that are known; calls that come meanwhile share the answer. */
    CompletableFuture<Set<String>> refreshRoute();

    /**
     * Waits for messages of one proxy: up to {@code maxMessages} of them, in order within a lite topic; empty if none
     * came in {@code longPollingTimeout}.
     */
    CompletableFuture<List<Delivery>> receive(
            String proxy, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout);

    CompletableFuture<Void> ack(Delivery delivery);

    /** Whether {@link #ackAll} takes one call for several acks. */
    default boolean acksTogether() {
        return false;
    }

    /**
     * Acks several deliveries of one proxy, in one call if the transport can.
     *
     * @return the result of each, in the same order
     */
    default List<CompletableFuture<Void>> ackAll(String proxy, List<Delivery> deliveries) {
        List<CompletableFuture<Void>> results = new ArrayList<>(deliveries.size());
        for (Delivery delivery : deliveries) {
            results.add(ack(delivery));
        }
        return results;
    }

    /** Makes the delivery end {@code invisibleDuration} from now, unless it is changed again. */
    CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration);

    /** Suspends the lite topic; the delivery and all later ones of the lite topic go back. */
    CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime);

    /**
     * The listener failed: the message and the later ones of its lite topic come again after {@code backoff}, or it becomes a dead
     * letter.
     */
    CompletableFuture<Void> fail(Delivery delivery, Duration backoff);

    /** Moves the message to the dead letter queue of the group. Of use on a server without plugin, which does not do so by itself. */
    CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts);

    /** What the server says of topic and group by means that stock servers have too; the newest known. */
    StockFacts stockFacts();

    /** Whether the proxy has a route for that topic. */
    CompletableFuture<Boolean> hasTopic(String proxy, String topic);

    /** Tells one proxy; connects again at once if there is no connection. */
    CompletableFuture<Void> syncSubscription(String proxy, SubscriptionSync sync);

    /** Ends all receive calls at once; later ones fail. */
    void stopReceiving();

    /** Leaves all proxies, which take back all deliveries, and ends all threads. Blocks for 2 s at most. */
    @Override
    void close();
}
