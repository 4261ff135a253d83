package io.litetopic.proxy.runtime;

import java.util.concurrent.atomic.LongAdder;

/**
 * What one group has done since the proxy started. Counters of messages unless they say otherwise; they grow only, and survive a
 * restart of the group's engine. Thread-safe; a read sees every count of before, perhaps some of during.
 */
public final class GroupStatistics {
    private final LongAdder delivered = new LongAdder();
    private final LongAdder acked = new LongAdder();
    private final LongAdder suspended = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder indexCut = new LongAdder();
    private final LongAdder journalStalls = new LongAdder();

    GroupStatistics() {}

    /** Deliveries handed to receive calls; a message counts once for each. */
    public long delivered() {
        return delivered.sum();
    }

    /** Messages that a client has acked. */
    public long acked() {
        return acked.sum();
    }

    /** Suspends of lite topics that were accepted; repeated ones count again. */
    public long suspended() {
        return suspended.sum();
    }

    /** Messages stored in the dead letter queue, for any reason. */
    public long deadLettered() {
        return deadLettered.sum();
    }

    /** Messages dropped because the time to live of their lite topic was over. */
    public long expired() {
        return expired.sum();
    }

    /** Waiting messages given up because a subscription asked for a later start. */
    public long skipped() {
        return skipped.sum();
    }

    /** Queue offsets that the broker had deleted before they were delivered. */
    public long lost() {
        return lost.sum();
    }

    /** Messages dropped from the index of waiting messages, to be found again in the queue. */
    public long indexCut() {
        return indexCut.sum();
    }

    /** How often deliveries have stopped because the journal did not keep up. */
    public long journalStalls() {
        return journalStalls.sum();
    }

    void countDelivered(long messages) {
        delivered.add(messages);
    }

    void countAcked() {
        acked.increment();
    }

    void countSuspended() {
        suspended.increment();
    }

    void countDeadLettered() {
        deadLettered.increment();
    }

    void countExpired(long messages) {
        expired.add(messages);
    }

    void countSkipped(long messages) {
        skipped.add(messages);
    }

    void countLost(long messages) {
        lost.add(messages);
    }

    void countIndexCut(long messages) {
        indexCut.add(messages);
    }

    void countJournalStall() {
        journalStalls.increment();
    }
}
