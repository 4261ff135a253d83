package io.litetopic.lite;

import java.util.Optional;

/**
 * A received message: all that the official view has, for code that imports its types from this package. Immutable and
 * thread-safe.
 */
public interface MessageView extends org.apache.rocketmq.client.apis.message.MessageView {

    /** Returns the lite topic; empty only for a message that was sent to the bind topic without one. */
    @Override
    Optional<String> getLiteTopic();

    /**
     * Returns the position of the message in its queue of the bind topic: grows from message to message of a lite topic,
     * with gaps, as other lite topics share the queue. {@link OffsetOption#ofOffset} takes such a value.
     */
    long getQueueOffset();
}
