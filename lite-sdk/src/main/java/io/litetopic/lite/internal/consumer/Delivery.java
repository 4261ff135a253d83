package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;
import java.time.Duration;

/** One delivery of one message, as the transport received it. */
public interface Delivery {

    MessageView message();

    /** Messages with the same value are handled one after the other. */
    String liteTopic();

    /** The queue of the bind topic that holds the message, over all brokers. */
    String queue();

    /** The proxy that it came from, which alone knows it. */
    String proxy();

    /**
     * How long it has been ours, at least, when it was received; zero if nothing is known. A process that was stopped reads what was
     * sent to it long ago.
     */
    default Duration late() {
        return Duration.ZERO;
    }

    int bodyBytes();

    /** Whether the body does not match its checksum: such a message must not reach the listener. */
    boolean isCorrupted();
}
