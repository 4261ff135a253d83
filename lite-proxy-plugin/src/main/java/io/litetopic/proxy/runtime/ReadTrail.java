package io.litetopic.proxy.runtime;

import java.util.Arrays;

/**
 * Which messages were read of one queue: offset and store time of each of the last ones, of fewer and fewer the further back. Who
 * reads an offset again and finds another store time knows that the broker has lost the message and given its offset to another.
 * Owner: engine thread.
 */
final class ReadTrail {
    static final int MAX_MARKS = 1_024;
    private static final int STEPS_PER_AGE = 16;

    private long[] offsets = new long[16];
    private long[] storeTimes = new long[16];
    private int size;
    /** Nothing is known of what is before. */
    private long fromOffset;
    /** Whether the broker may have lost messages since the last one was read. */
    private boolean isInDoubt;

    private long lastAnswerNanos;

    ReadTrail(long fromOffset, long nowNanos) {
        this.fromOffset = fromOffset;
        this.lastAnswerNanos = nowNanos;
    }

    /** A message was read. What was read at its offset or behind before does not count any more. */
    void add(long queueOffset, long storeTimestampMillis) {
        while (size > 0 && offsets[size - 1] >= queueOffset) {
            size--;
        }
        fromOffset = Math.min(fromOffset, queueOffset);
        if (size == MAX_MARKS) {
            thin();
        }
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, size * 2);
            storeTimes = Arrays.copyOf(storeTimes, size * 2);
        }
        offsets[size] = queueOffset;
        storeTimes[size++] = storeTimestampMillis;
    }

    /**
     * Keeps of the older half only marks that are a sixteenth of their age apart: some hundred, however far back they reach, since
     * that is a geometric series.
     */
    private void thin() {
        int kept = 1;
        for (int i = 1; i < size; i++) {
            long age = offsets[size - 1] - offsets[i];
            if (i >= size / 2 || offsets[i] - offsets[kept - 1] >= age / STEPS_PER_AGE) {
                offsets[kept] = offsets[i];
                storeTimes[kept++] = storeTimes[i];
            }
        }
        size = kept;
    }

    /** The broker has answered. */
    void answered(long nowNanos) {
        lastAnswerNanos = nowNanos;
        isInDoubt = false;
    }

    /** The broker was out of reach, or may have been. */
    void doubt() {
        isInDoubt = true;
    }

    /** Whether what was read last should be compared before reading on: after a failure, or a pause in which nobody looked. */
    boolean isInDoubt(long nowNanos, long pauseNanos) {
        return size > 0 && (isInDoubt || nowNanos - lastAnswerNanos > pauseNanos);
    }

    int size() {
        return size;
    }

    long fromOffset() {
        return fromOffset;
    }

    /** Offset of a mark; they ascend. */
    long queueOffset(int mark) {
        return offsets[mark];
    }

    long storeTimestampMillis(int mark) {
        return storeTimes[mark];
    }
}
