package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerQueue;

/**
 * Durable progress of one consumer group. The dispatcher tells it what has changed; it decides when that is written.
 *
 * <p>Methods are called by the engine thread and return at once.
 */
public interface JournalStore extends AutoCloseable {

    /** The queue is owned from now on, and its progress starts at {@code queueOffset}. */
    void queueAcquired(BrokerQueue queue, long queueOffset);

    /** The queue belongs to somebody else now: nothing of it may be written any more. */
    void queueLost(BrokerQueue queue);

    /** Every message of the queue below {@code queueOffset} is done. */
    void watermarkAdvanced(BrokerQueue queue, long queueOffset);

    /** Writes what is not written yet and waits for that, for a few seconds at most. */
    @Override
    void close();
}
