package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link GroupEngine} wants done outside. Called on the engine thread, from within a command or
 * {@link GroupEngine#dispatch}; an implementation hands over and returns: it must not block and must not call the engine back.
 */
public interface EngineEffects {

    /** Answers a poll with one or more messages, in order within each lite topic. The poll is over. */
    void deliver(Poll poll, List<Delivery> deliveries);

    /** Answers a poll without messages: its time is up, or its client is gone. The poll is over. */
    void deliverNothing(Poll poll);

    /**
     * Reads a queue from {@code queueOffset} on and answers with {@link GroupEngine#onMessages} or
     * {@link GroupEngine#onReadFailed}. At most one read per queue is under way.
     */
    void read(int slot, long queueOffset, long readId);

    /**
     * Reads messages again whose bodies were dropped, at least the one at {@code queueOffset}, and answers with
     * {@link GroupEngine#onRereadMessages}.
     */
    void reread(int slot, long queueOffset);

    /** Everything of the queue below {@code queueOffset} is done. Grows only. */
    void watermarkAdvanced(int slot, long queueOffset);

    /**
     * Copies a message to the dead letter queue and answers with {@link GroupEngine#onDeadLettered}.
     *
     * @param liteTopic null if the message names none
     * @param message null if its body was dropped from memory
     */
    void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason);

    /**
     * Reads a queue once more from {@code queueOffset} on, for lite topics of which the index of waiting messages was cut or that
     * start anew, and answers with {@link GroupEngine#onScanned} or {@link GroupEngine#onScanFailed}. At most one scan per queue
     * is under way, beside the ordinary read.
     */
    void scan(int slot, long queueOffset, long scanId);

    /**
     * A lite topic came into being: its first message or its first subscription.
     *
     * @return the same name, as the one instance that all groups of the bind topic keep
     */
    String liteTopicCreated(String liteTopic);

    /**
     * Whether messages of the lite topic, of which none was ever read here, would be: then its time to live is looked after here, not
     * by the owner of another queue.
     */
    boolean isResponsibleFor(String liteTopic);

    /** A client lost a subscription that it did not give up, and should be told. */
    void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason);

    /** A lite topic is no more. */
    void liteTopicRemoved(String liteTopic);

    /** Messages that nobody consumed in time were dropped, 1 or more. */
    void messagesExpired(String liteTopic, int messages);

    /**
     * Messages that the broker deleted before they were delivered.
     *
     * @param liteTopic null if they were not read yet, so that nobody knows
     * @param messages how many of that range at most, 1 or more
     */
    void messagesLost(int slot, long fromOffset, long toOffsetExclusive, long messages, @Nullable String liteTopic);

    /** Messages that wait but that the group does not want, since a subscription asked for a later start; 1 or more. */
    void messagesSkipped(String liteTopic, int messages);

    /**
     * The index of waiting messages is over its budget: of this lite topic only the first messages are kept, the others are found
     * again by reading the queue once more when these are done.
     */
    void indexCut(String liteTopic, long messages);

    /** The index of waiting messages is full and cannot be cut, so the queues are not read further; or reading goes on. */
    void indexFull(boolean full, long pendingMessages);
}
