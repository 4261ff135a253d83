package io.litetopic.lite;

/**
 * Handles messages. It is called from several threads, but never from two at a time for the same lite topic.
 */
@FunctionalInterface
public interface MessageListener {

    /**
     * Handles one message and says what becomes of it. May block; the message stays with this consumer meanwhile.
     *
     * @param messageView the message
     * @return {@link ConsumeResult#SUCCESS}, {@link ConsumeResult#FAILURE} or a {@link ConsumeResultSuspend}; null
     *     counts as FAILURE, and so does anything thrown
     */
    ConsumeResult consume(MessageView messageView);
}
