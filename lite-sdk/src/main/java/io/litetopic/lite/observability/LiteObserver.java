package io.litetopic.lite.observability;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.MessageView;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.apache.rocketmq.client.apis.message.Message;

/**
 * Is told what lite clients do, for metrics and traces: {@link MicrometerObserver}, {@link OpenTelemetryObserver}, or one of the
 * application's own. {@link LiteClientServiceProvider#observedBy} makes clients that are observed.
 *
 * <p>Implementations must be thread-safe and must not block: they run on the threads that send, receive and handle messages. An
 * exception of theirs changes nothing for the client; it is logged at level WARN, once in 30 seconds.
 */
public interface LiteObserver {

    /**
     * A message is about to be sent to a lite topic. Messages without one are the official client's, and are not observed.
     *
     * @param message what the application sends
     * @param liteTopic its lite topic
     * @param properties adds a property (key, value) to the message that is sent, unless the application has set one with this key;
     *     works until this method returns
     * @return is told how it ends
     */
    default SendObservation sending(Message message, String liteTopic, BiConsumer<String, String> properties) {
        return SendObservation.NONE;
    }

    /** A message has come from the server. It may go back without a listener call, when no thread is free for it. */
    default void received(String consumerGroup, MessageView message) {}

    /**
     * The listener is about to be called, on this thread. Not told of for a {@link io.litetopic.lite.LiteSimpleConsumer}, which has
     * none.
     *
     * @param waited since {@link #received}: for a thread, or for messages of the same lite topic that came with it
     * @return is told how it ends
     */
    default ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
        return ListenerObservation.NONE;
    }
}
