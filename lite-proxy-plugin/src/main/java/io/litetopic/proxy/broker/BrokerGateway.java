package io.litetopic.proxy.broker;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The broker operations that dispatching needs. Thread-safe; nothing blocks. Every future fails with a
 * {@link BrokerException} that says whether a retry helps; its message names the operation, the queue or group and the
 * broker's own words.
 */
public interface BrokerGateway extends AutoCloseable {

    /** Readable queues of a topic on all master brokers, sorted. Fails (retryable) while no route is registered. */
    CompletableFuture<List<BrokerQueue>> queues(String topic);

    /**
     * Takes or renews the group's exclusive lock on queues for {@code ownerId}. The broker's lease is 60 s.
     *
     * @return the queues that are locked for {@code ownerId} now; others are held by somebody else
     */
    CompletableFuture<Set<BrokerQueue>> lock(String group, String ownerId, Set<BrokerQueue> queues);

    /** Gives the locks that {@code ownerId} has back; those of others stay. Completes when the broker has done so. */
    CompletableFuture<Void> unlock(String group, String ownerId, Set<BrokerQueue> queues);

    /** Committed offset of the group, or -1 if the group has never committed one on this queue. */
    CompletableFuture<Long> committedOffset(String group, BrokerQueue queue);

    /** First offset the broker still has. */
    CompletableFuture<Long> minOffset(BrokerQueue queue);

    /** One past the last offset of the queue. */
    CompletableFuture<Long> maxOffset(BrokerQueue queue);

    /**
     * Offset of the first message that was stored at {@code timestampMillis} (wall clock of the broker, ms since 1970) or later;
     * one past the last offset if there is none, the first offset the broker still has if all are younger.
     */
    CompletableFuture<Long> offsetAt(BrokerQueue queue, long timestampMillis);

    /** Commits the group's offset: everything below {@code offset} is done. Completes when the broker has it in memory. */
    CompletableFuture<Void> commit(String group, BrokerQueue queue, long offset);

    /**
     * Reads messages from {@code offset} on, waiting up to {@code maxWait} for the first.
     *
     * @param maxMessages 1 or more; brokers answer with 32 at most by default
     * @param maxWait zero returns at once
     */
    CompletableFuture<PullBatch> pull(String group, BrokerQueue queue, long offset, int maxMessages, Duration maxWait);

    /**
     * Stores one record at the end of a queue.
     *
     * @param queue of a topic that clients do not use
     * @param record at most 4 MB less what the broker's {@code maxMessageSize} leaves for headers
     * @return its queue offset, when the broker has it. After a failure it may be stored or not
     */
    CompletableFuture<Long> append(BrokerQueue queue, byte[] record);

    /**
     * Reads records from {@code offset} on, without waiting.
     *
     * @param group any consumer group that exists at the broker; it is asked for, nothing is committed
     */
    CompletableFuture<RecordBatch> readRecords(String group, BrokerQueue queue, long offset, int maxRecords);

    /**
     * Copies a message to the group's dead letter queue ({@code %DLQ%group}) with its properties. Completes when the broker
     * has stored it; only then may the original be acked.
     */
    CompletableFuture<Void> deadLetter(String group, BrokerQueue queue, BrokerMessage message);

    /** Ends all connections; pending futures fail. Idempotent. */
    @Override
    void close();

    // ---- who else is there ----

    /**
     * Shows the broker of {@code at} that {@code clientId} lives, as a member of a group. The broker forgets it when the connection
     * breaks, or two minutes after the last call.
     *
     * @param group a system group ({@code CID_RMQ_SYS_...}), which needs not be created
     */
    CompletableFuture<Void> joinGroup(String group, String clientId, BrokerQueue at);

    /** The client is no member any more at the broker of {@code at}. */
    CompletableFuture<Void> leaveGroup(String group, String clientId, BrokerQueue at);

    /** Ids of the members that the broker of {@code at} knows, one for each connection; empty if it knows none. */
    CompletableFuture<List<String>> groupMembers(String group, BrokerQueue at);

    /**
     * {@code listener} is called when a broker says that members of the group came or went; on a network thread, so it must not
     * block. A hint only: it may be missing.
     */
    void onGroupChange(String group, Runnable listener);
}
