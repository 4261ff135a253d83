package io.litetopic.proxy.engine;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * How far one queue is read and which of its messages are done. Owner: engine thread.
 *
 * <p>Everything below {@link #watermark()} is done, everything from {@link #nextOffset()} on is unread; in between, a bit per
 * message in chunks of 2^16. A chunk whose messages are all done keeps no bits, so a long run of acked messages above one that
 * waits costs a few bytes per 65,536 messages.
 */
final class QueueProgress {
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_SIZE = 1 << CHUNK_BITS;
    private static final int WORDS = CHUNK_SIZE / Long.SIZE;

    static final long NOT_READING = 0;

    /** From the one that holds the watermark on; missing ones are null or not there yet. */
    private final ArrayList<@Nullable Chunk> chunks = new ArrayList<>();

    private long firstChunk;
    private long watermark;
    private long nextOffset;

    /** Number of the read under way, or {@link #NOT_READING}. */
    long readId = NOT_READING;

    /** The last read reached the end of the queue. */
    boolean isCaughtUp;

    /** The watermark has not moved since it was last told. */
    boolean reported = true;

    QueueProgress(long startOffset) {
        this.watermark = startOffset;
        this.nextOffset = startOffset;
        this.firstChunk = startOffset >>> CHUNK_BITS;
    }

    long watermark() {
        return watermark;
    }

    long nextOffset() {
        return nextOffset;
    }

    /** Messages up to {@code offset}, exclusive, have been read. */
    void readUpTo(long offset) {
        if (offset < nextOffset) {
            throw new IllegalArgumentException("read backwards: from=" + nextOffset + " to=" + offset);
        }
        nextOffset = offset;
    }

    /** Read on to {@code offset}, exclusive; what lies between holds no messages. */
    void skipTo(long offset) {
        long from = nextOffset;
        readUpTo(offset);
        if (watermark == from && offset > from) {
            watermark = offset;
            reported = false;
            chunks.clear(); // no message at or behind the old watermark was done
            firstChunk = offset >>> CHUNK_BITS;
            return;
        }
        for (long empty = from; empty < offset; empty++) {
            markDone(empty);
        }
    }

    /** @return whether {@code offset} was not done before */
    boolean markDone(long offset) {
        if (offset < watermark) {
            return false;
        }
        if (offset >= nextOffset) {
            throw new IllegalArgumentException("not read yet: offset=" + offset + " nextOffset=" + nextOffset);
        }
        if (!chunkFor(offset).add((int) (offset & (CHUNK_SIZE - 1)))) {
            return false;
        }
        if (offset == watermark) {
            advance();
        }
        return true;
    }

    /** Whether the message at the offset is done, or there is none. */
    boolean isDone(long offset) {
        if (offset < watermark) {
            return true;
        }
        long index = (offset >>> CHUNK_BITS) - firstChunk;
        Chunk chunk = index < chunks.size() ? chunks.get((int) index) : null;
        return chunk != null && chunk.contains((int) (offset & (CHUNK_SIZE - 1)));
    }

    private Chunk chunkFor(long offset) {
        int index = (int) ((offset >>> CHUNK_BITS) - firstChunk);
        while (chunks.size() <= index) {
            chunks.add(null);
        }
        Chunk chunk = chunks.get(index);
        if (chunk == null) {
            chunk = new Chunk();
            chunks.set(index, chunk);
        }
        return chunk;
    }

    private void advance() {
        reported = false;
        int complete = 0;
        while (watermark < nextOffset && complete < chunks.size()) {
            Chunk chunk = chunks.get(complete);
            if (chunk == null) {
                break;
            }
            long chunkStart = (firstChunk + complete) << CHUNK_BITS;
            int next = chunk.nextAbsent((int) (watermark - chunkStart));
            watermark = chunkStart + next;
            if (next < CHUNK_SIZE) {
                break;
            }
            complete++;
        }
        if (complete > 0) {
            chunks.subList(0, complete).clear();
            firstChunk += complete;
        }
    }

    private static final class Chunk {
        private long @Nullable [] words = new long[WORDS]; // null when all are in
        private int count;

        boolean add(int index) {
            if (words == null || (words[index >>> 6] & (1L << index)) != 0) {
                return false;
            }
            words[index >>> 6] |= 1L << index;
            if (++count == CHUNK_SIZE) {
                words = null;
            }
            return true;
        }

        boolean contains(int index) {
            return words == null || (words[index >>> 6] & (1L << index)) != 0;
        }

        /** First index at or after {@code from} that is not in; {@code CHUNK_SIZE} if there is none. */
        int nextAbsent(int from) {
            if (words == null || from >= CHUNK_SIZE) {
                return CHUNK_SIZE;
            }
            int word = from >>> 6;
            long absent = ~words[word] & (-1L << from);
            while (absent == 0) {
                if (++word == WORDS) {
                    return CHUNK_SIZE;
                }
                absent = ~words[word];
            }
            return (word << 6) + Long.numberOfTrailingZeros(absent);
        }
    }
}
