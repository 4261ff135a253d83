package io.litetopic.proxy.journal;

import io.litetopic.proxy.state.QueueState;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the records of a stream add up to: decides which of them count. Records are given in queue offset order. Not thread-safe.
 *
 * <p>A record counts if its epoch and its writer are those of the last {@link RecordType#ACQUIRED} record before it and its
 * sequence number is greater than that of the last record that counted: others are of former owners, or were stored twice. Where
 * reading starts after that {@code ACQUIRED} record, the records themselves say which epoch it is.
 */
final class StreamFold {
    private final QueueState state = new QueueState();
    private final SnapshotNeed snapshotNeed = new SnapshotNeed();
    /** Ends, exclusive, by beginning. */
    private final NavigableMap<Long, Long> damaged = new TreeMap<>();

    private long epoch = JournalRecord.NONE;
    private long writer;
    private long lastSequence;
    /** Whether the epoch is that of an {@code ACQUIRED} record, or of a snapshot's beginning where reading started. */
    private boolean epochProven;

    private boolean first = true;
    private long openSnapshot = JournalRecord.NONE;
    private final Set<Long> completeSnapshots = new HashSet<>();
    private long lastCompleteSnapshot = JournalRecord.NONE;
    private int ignored;
    private int missing;

    void accept(long queueOffset, long storeTimestampMillis, int recordBytes, JournalRecord record) {
        snapshotNeed.started(storeTimestampMillis);
        if (record.type() == RecordType.ACQUIRED) {
            follow(queueOffset, record.writer(), record.sequence());
            epochProven = true;
            first = false;
            return;
        }
        if (isOfUnseenOwner(queueOffset, record)) {
            follow(record.epoch(), record.writer(), record.sequence() - 1);
            epochProven = first && record.type() == RecordType.SNAPSHOT_BEGIN;
        }
        first = false;
        if (record.epoch() != epoch || record.writer() != writer || record.sequence() <= lastSequence) {
            ignored++;
            return;
        }
        if (record.sequence() != lastSequence + 1) {
            missing++;
            abandonSnapshot();
        }
        lastSequence = record.sequence();
        apply(queueOffset, storeTimestampMillis, recordBytes, record);
    }

    /** The records from {@code from} to {@code end}, exclusive, cannot be read and are skipped. */
    void skip(long from, long end) {
        damaged.put(from, end);
        first = false;
    }

    private boolean isDamaged(long queueOffset) {
        Map.Entry<Long, Long> before = damaged.floorEntry(queueOffset);
        return before != null && queueOffset < before.getValue();
    }

    private void follow(long newEpoch, long newWriter, long sequence) {
        abandonSnapshot();
        epoch = newEpoch;
        writer = newWriter;
        lastSequence = sequence;
    }

    /** An epoch is less than the offsets of its records; otherwise the record is of a stream that was here before this one. */
    private boolean isOfUnseenOwner(long queueOffset, JournalRecord record) {
        return record.epoch() > epoch && record.epoch() < queueOffset && (!epochProven || isDamaged(record.epoch()));
    }

    private void abandonSnapshot() {
        openSnapshot = JournalRecord.NONE;
        snapshotNeed.snapshotAbandoned();
    }

    private void apply(long queueOffset, long storeTimestampMillis, int recordBytes, JournalRecord record) {
        switch (record.type()) {
            case CHANGES:
                state.apply(record.changes());
                snapshotNeed.changed(recordBytes);
                break;
            case SNAPSHOT_BEGIN:
                openSnapshot = queueOffset;
                snapshotNeed.snapshotBegun(storeTimestampMillis);
                break;
            case SNAPSHOT_PART:
                state.apply(record.changes());
                snapshotNeed.snapshotPart(recordBytes);
                break;
            case SNAPSHOT_END:
                if (openSnapshot != JournalRecord.NONE && record.snapshotBegin() == openSnapshot) {
                    completeSnapshots.add(openSnapshot);
                    lastCompleteSnapshot = openSnapshot;
                    openSnapshot = JournalRecord.NONE;
                    snapshotNeed.snapshotEnded();
                }
                break;
            default: // of a later release, and of no importance to this one
        }
    }

    /** Live. */
    QueueState state() {
        return state;
    }

    /** Live. */
    SnapshotNeed snapshotNeed() {
        return snapshotNeed;
    }

    /** Epoch of the last owner; {@link JournalRecord#NONE} if there was no record. */
    long epoch() {
        return epoch;
    }

    /** Writer of the last owner. */
    long writer() {
        return writer;
    }

    /** Whether a snapshot that begins at this offset is complete. */
    boolean hasSnapshot(long beginOffset) {
        return completeSnapshots.contains(beginOffset);
    }

    /** Offset where the last complete snapshot begins; {@link JournalRecord#NONE} if there is none. */
    long lastCompleteSnapshot() {
        return lastCompleteSnapshot;
    }

    /** Records that do not count. */
    int ignored() {
        return ignored;
    }

    /** How many times the records of an owner are not complete: the broker has lost some that it had confirmed. */
    int missing() {
        return missing;
    }
}
