package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.concurrent.CompletableFuture;

/** Durable state of one consumer group: one stream of records for each queue of its bind topic. Thread-safe; never blocks. */
public interface Journal {

    /**
     * Takes a queue's stream over, under a new epoch, and reads what it says. From then on records of earlier owners, whenever they
     * are written, no longer count. Call it only with the lock of the queue.
     *
     * @return fails with {@link JournalException}: retryable while the broker does not answer; not if the stream is damaged or was
     *     written by a later version, with what to do about it
     */
    CompletableFuture<JournalStream> open(BrokerQueue queue);
}
