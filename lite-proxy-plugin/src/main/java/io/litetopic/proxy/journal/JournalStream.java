package io.litetopic.proxy.journal;

import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.util.concurrent.CompletableFuture;

/**
 * The records of one queue, while it is owned here. What is appended counts on recovery in that order. Thread-safe; never blocks.
 *
 * <p>What cannot be written is tried again for as long as it takes, so a future may be late but fails only if the stream is lost:
 * with {@link StreamLostException} if another owner has taken the stream over, or if it is closed.
 */
public interface JournalStream {

    /** Grows with every owner of the stream. */
    long epoch();

    /** What the stream said when it was taken over. The caller's from then on: the stream does not keep it. */
    QueueState recovered();

    /**
     * It is this time at least: the broker's clock in ms since 1970 when the stream was taken over, and what has gone by since. What is
     * read is compared with this, what is written is reckoned from {@link #latestNowMillis}: so nothing ends too early, whatever the
     * clocks of its owners say.
     */
    long earliestNowMillis();

    /** It is this time at most; see {@link #earliestNowMillis}. */
    long latestNowMillis();

    /** Writes changes. Large ones become several records, in which a crash may leave only the first ones. */
    CompletableFuture<Void> append(StateChanges changes);

    /**
     * Whether enough was written since the last snapshot that recovery should not have to read it all, or that snapshot is so old
     * that the broker may delete it one day.
     */
    boolean wantsSnapshot();

    /** The parts of a snapshot follow, with other changes in between. One that has begun before and has not ended does not count. */
    CompletableFuture<Void> beginSnapshot();

    /** A part of the snapshot: what is the state of a part of all lite topics, clients and offsets at this moment. */
    CompletableFuture<Void> appendSnapshotPart(StateChanges part);

    /** All parts are there: recovery may start at the beginning of this snapshot. */
    CompletableFuture<Void> endSnapshot();

    /** Appends that wait to be written, and for how long the oldest of them has; for metrics. */
    long oldestPendingNanos();

    /** Nothing is written any more; what has not been written fails. */
    void close();
}
