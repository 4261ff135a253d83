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
}
