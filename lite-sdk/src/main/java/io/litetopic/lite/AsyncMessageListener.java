package io.litetopic.lite;

import java.util.concurrent.CompletionStage;

/**
 * Handles messages without holding a thread while it waits: it starts the work and returns a stage that says later what
 * becomes of the message. Made for handlers that mostly wait for others, such as calls of a model or a remote service.
 *
 * <p>It is called from several threads, but for one lite topic never before the stage of the message before is done.
 */
@FunctionalInterface
public interface AsyncMessageListener {

    /**
     * Starts to handle one message. Should return soon: it runs on one of the consumer's threads, and other lite topics
     * wait while all of them are inside this method. The message stays with this consumer until the stage is done, however
     * long that takes.
     *
     * @param messageView the message
     * @return done with {@link ConsumeResult#SUCCESS}, {@link ConsumeResult#FAILURE} or a {@link ConsumeResultSuspend}
     *     when the message is handled. These count as FAILURE: no stage (null), a stage that is done with null, fails
     *     or is cancelled, and anything thrown. May be completed on any thread, but not by one that must not do a
     *     little work: the result is sent from there.
     */
    CompletionStage<ConsumeResult> consume(MessageView messageView);
}
