package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;

/** One delivery of one message, as the transport received it. */
public interface Delivery {

    MessageView message();

    /** Messages with the same value are handled one after the other. */
    String liteTopic();

    /** The queue of the bind topic that holds the message, over all brokers. */
    String queue();

    /** The proxy that it came from, which alone knows it. */
    String proxy();

    int bodyBytes();

    /** Whether the body does not match its checksum: such a message must not reach the listener. */
    boolean isCorrupted();
}
