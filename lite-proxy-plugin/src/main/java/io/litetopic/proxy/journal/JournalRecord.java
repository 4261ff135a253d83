package io.litetopic.proxy.journal;

import io.litetopic.proxy.state.StateChanges;

/** One decoded record. Immutable. */
final class JournalRecord {
    /** In place of an epoch or a queue offset. */
    static final long NONE = -1;

    private final RecordType type;
    private final long epoch;
    private final long recoverFrom;
    private final long writer;
    private final long sequence;
    private final Body body;

    /** What the entries of a record say. */
    static final class Body {
        private final StateChanges changes;
        private final String ownerId;
        private final long snapshotBegin;

        Body(StateChanges changes, String ownerId, long snapshotBegin) {
            this.changes = changes;
            this.ownerId = ownerId;
            this.snapshotBegin = snapshotBegin;
        }
    }

    JournalRecord(RecordType type, long epoch, long recoverFrom, long writer, long sequence, Body body) {
        this.type = type;
        this.epoch = epoch;
        this.recoverFrom = recoverFrom;
        this.writer = writer;
        this.sequence = sequence;
        this.body = body;
    }

    RecordType type() {
        return type;
    }

    /** Queue offset of the {@link RecordType#ACQUIRED} record of its owner; {@link #NONE} in that record itself. */
    long epoch() {
        return epoch;
    }

    /** Queue offset where recovery may start to read, as far as its owner knew. */
    long recoverFrom() {
        return recoverFrom;
    }

    /** Random number that its owner drew when it took the stream over. */
    long writer() {
        return writer;
    }

    /** Number of the record in its epoch; 0 is the {@link RecordType#ACQUIRED} record. */
    long sequence() {
        return sequence;
    }

    /** Of {@link RecordType#CHANGES} and {@link RecordType#SNAPSHOT_PART}; without any change for other types. */
    StateChanges changes() {
        return body.changes;
    }

    /** Of {@link RecordType#ACQUIRED}: the owner as it calls itself; else empty. */
    String ownerId() {
        return body.ownerId;
    }

    /** Of {@link RecordType#SNAPSHOT_END}: queue offset of the {@link RecordType#SNAPSHOT_BEGIN}; else {@link #NONE}. */
    long snapshotBegin() {
        return body.snapshotBegin;
    }

    @Override
    public String toString() {
        return "JournalRecord[" + type + ", epoch=" + epoch + ", recoverFrom=" + recoverFrom + ", writer="
                + Long.toHexString(writer) + ", sequence=" + sequence + ", changes=" + body.changes + ", ownerId="
                + body.ownerId + ", snapshotBegin=" + body.snapshotBegin + ']';
    }
}
