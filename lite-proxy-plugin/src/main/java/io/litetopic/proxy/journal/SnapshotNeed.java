package io.litetopic.proxy.journal;

import java.util.concurrent.TimeUnit;

/** Counts what recovery would have to read, and decides when a snapshot is due. Not thread-safe. */
final class SnapshotNeed {
    /** Records of changes since the last snapshot, above which one is due, however large it was. */
    static final int MAX_RECORDS = 2_000;
    /** Records of changes since the last snapshot, above which one is due if it is not larger than they are. */
    static final int MANY_RECORDS = 300;
    /** Bytes of changes since the last snapshot, below which their number of bytes does not make one due. */
    static final long MIN_BYTES = 1 << 20;
    /** How often a snapshot's bytes of changes make the next one due. */
    static final int MAX_TIMES_SNAPSHOT = 2;
    /** Age at which the next snapshot is due: far below the time for which brokers keep messages (72 h by default). */
    static final long MAX_AGE_MILLIS = TimeUnit.HOURS.toMillis(6);

    /**
     * However many records there are, no snapshot is due sooner after the last one: each visits every lite topic, which takes tens of
     * milliseconds of the engine for a million of them.
     */
    static final long MIN_AGE_MILLIS = 3_000;

    private static final long NEVER = Long.MIN_VALUE;

    /** Since the beginning of the last complete snapshot, or since ever. */
    private long records;

    private long bytes;
    private long snapshotBytes;
    private long startMillis = NEVER;

    /** Since the beginning of the snapshot that is under way. */
    private boolean underWay;

    private long recordsOfNext;
    private long bytesOfNext;
    private long snapshotBytesOfNext;
    private long startMillisOfNext;

    /** There is a stream from {@code millis} on, unless there has been one before. */
    void started(long millis) {
        if (startMillis == NEVER) {
            startMillis = millis;
        }
    }

    void changed(long recordBytes) {
        records++;
        bytes += recordBytes;
        recordsOfNext++;
        bytesOfNext += recordBytes;
    }

    void snapshotBegun(long millis) {
        underWay = true;
        recordsOfNext = 0;
        bytesOfNext = 0;
        snapshotBytesOfNext = 0;
        startMillisOfNext = millis;
    }

    void snapshotPart(long recordBytes) {
        snapshotBytesOfNext += recordBytes;
    }

    void snapshotEnded() {
        records = recordsOfNext;
        bytes = bytesOfNext;
        snapshotBytes = snapshotBytesOfNext;
        startMillis = startMillisOfNext;
        underWay = false;
    }

    /** The snapshot that is under way will not end. */
    void snapshotAbandoned() {
        underWay = false;
    }

    /** While a snapshot is under way, whether it takes so long that a new one should begin instead. */
    boolean isDue(long nowMillis) {
        return underWay
                ? isDue(recordsOfNext, bytesOfNext, startMillisOfNext, nowMillis)
                : isDue(records, bytes, startMillis, nowMillis);
    }

    private boolean isDue(long recordsSince, long bytesSince, long sinceMillis, long nowMillis) {
        boolean isManyRecords =
                recordsSince > MAX_RECORDS || (recordsSince > MANY_RECORDS && bytesSince > snapshotBytes);
        boolean isRecent = sinceMillis != NEVER && nowMillis - sinceMillis < MIN_AGE_MILLIS;
        return (isManyRecords && !isRecent)
                || bytesSince > Math.max(MIN_BYTES, MAX_TIMES_SNAPSHOT * snapshotBytes)
                || (sinceMillis != NEVER && nowMillis - sinceMillis > MAX_AGE_MILLIS);
    }
}
