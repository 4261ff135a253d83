package io.litetopic.proxy.engine;

import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far one queue is read and which of its messages are done. Owner: engine thread.
 *
 * <p>Everything below {@link #watermark()} is done, everything from {@link #nextOffset()} on is unread or, since a journal says so,
 * done; in between, a bit per message in chunks of 2^16. A chunk whose messages are all done keeps no bits, so a long run of acked
 * messages above one that waits costs a few bytes per 65,536 messages. What has become done since it was last asked for is kept
 * apart, so that writing it down costs what has changed, not what there is.
 */
final class QueueProgress {
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_SIZE = 1 << CHUNK_BITS;
    private static final int WORDS = CHUNK_SIZE / Long.SIZE;

    private static final long[] NONE = {};
    static final long NOT_READING = 0;

    /** From the one that holds the watermark on; missing ones are null or not there yet. */
    private final ArrayList<@Nullable Chunk> chunks = new ArrayList<>();

    private long firstChunk;
    private long watermark;
    private long nextOffset;

    /** Done, above the watermark of then, since {@link #takeDone()}; in any order. */
    private long[] newlyDone = NONE;

    private int newlyDoneCount;
    /** Like {@link #newlyDone}, runs of offsets that hold no messages, or none any more. */
    private DoneRuns newlySkipped = new DoneRuns();

    private long takenWatermark;

    /** Number of the read under way, or {@link #NOT_READING}. */
    long readId = NOT_READING;

    /** Its state is complete, so that it can be read on. */
    boolean mayRead = true;

    /** The last read reached the end of the queue. */
    boolean isCaughtUp;

    /** What becomes done is not written down any more. */
    boolean refusesSettlements;

    /** The watermark has not moved since it was last told. */
    boolean reported = true;

    /** @param doneRuns like {@link StateChanges#doneRuns()}, above {@code startOffset} */
    QueueProgress(long startOffset, long[] doneRuns) {
        this.watermark = startOffset;
        this.nextOffset = startOffset;
        this.firstChunk = startOffset >>> CHUNK_BITS;
        for (int i = 0; i < doneRuns.length; i += 2) {
            addRun(Math.max(doneRuns[i], startOffset), doneRuns[i] + doneRuns[i + 1]);
        }
        advance();
        takenWatermark = watermark;
        reported = true; // who gives the start offset knows it
    }

    /** Marks what lies between, {@code to} exclusive, chunk by chunk. */
    private void addRun(long from, long to) {
        long offset = from;
        while (offset < to) {
            int index = (int) (offset & (CHUNK_SIZE - 1));
            int end = (int) Math.min(CHUNK_SIZE, index + (to - offset));
            if (end - index == CHUNK_SIZE) {
                chunks.set(placeOf(offset), new Chunk(true));
            } else {
                Chunk chunk = chunkFor(offset);
                for (int i = index; i < end; i++) {
                    chunk.add(i);
                }
            }
            offset += end - index;
        }
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
            long surplus = Math.min((offset >>> CHUNK_BITS) - firstChunk, chunks.size());
            chunks.subList(0, (int) surplus).clear();
            firstChunk = offset >>> CHUNK_BITS;
            advance();
            return;
        }
        if (offset > from) {
            addRun(from, offset);
            newlySkipped.add(from, offset - from);
        }
    }

    /** What comes next is done already: the next read starts behind. */
    void seekOverDone() {
        long next = nextOffset;
        int index = (int) ((next >>> CHUNK_BITS) - firstChunk);
        while (index < chunks.size()) {
            Chunk chunk = chunks.get(index);
            if (chunk == null) {
                break;
            }
            long chunkStart = (firstChunk + index) << CHUNK_BITS;
            int absent = chunk.nextAbsent((int) (next - chunkStart));
            next = chunkStart + absent;
            if (absent < CHUNK_SIZE) {
                break;
            }
            index++;
        }
        nextOffset = next;
    }

    /** Of the offsets from {@code from}, inclusive, to {@code to}, exclusive, those that are not done. */
    long countNotDone(long from, long to) {
        return notDone(from, to).offsets();
    }

    /** Those that are not done, as runs. Costs what the chunks between have in runs, however long they are. */
    private DoneRuns notDone(long from, long to) {
        DoneRuns runs = new DoneRuns();
        long offset = Math.max(from, watermark);
        while (offset < to) {
            long chunkStart = offset & -CHUNK_SIZE;
            long index = (offset >>> CHUNK_BITS) - firstChunk;
            Chunk chunk = index < chunks.size() ? chunks.get((int) index) : null;
            int at = (int) (offset - chunkStart);
            int first = chunk == null ? at : chunk.nextAbsent(at);
            int end = chunk == null ? CHUNK_SIZE : chunk.nextPresent(first);
            long runEnd = Math.min(to, chunkStart + end);
            if (chunkStart + first < runEnd) {
                runs.add(chunkStart + first, runEnd - chunkStart - first);
            }
            offset = chunkStart + end;
        }
        return runs;
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
        } else {
            if (newlyDoneCount == newlyDone.length) {
                newlyDone = Arrays.copyOf(newlyDone, Math.max(16, newlyDoneCount * 2));
            }
            newlyDone[newlyDoneCount++] = offset;
        }
        return true;
    }

    /**
     * Marks what lies between and was read, {@code to} exclusive.
     *
     * @return how many were not done before
     */
    long markDone(long from, long to) {
        if (to > nextOffset) {
            throw new IllegalArgumentException("not read yet: offset=" + (to - 1) + " nextOffset=" + nextOffset);
        }
        DoneRuns fresh = notDone(from, to);
        for (int run = 0; run < fresh.count(); run++) {
            long first = fresh.first(run);
            addRun(first, first + fresh.length(run));
            newlySkipped.add(first, fresh.length(run));
        }
        if (fresh.count() > 0 && fresh.first(0) == watermark) {
            advance();
        }
        return fresh.offsets();
    }

    // ---- what is to be written down ----

    /** Offsets that have become done since they were last taken, those that the watermark covers included; about. */
    int notTaken() {
        return newlyDoneCount + newlySkipped.count() + (watermark == takenWatermark ? 0 : 1);
    }

    /** What has become done since this was last called, beside the watermark: like {@link StateChanges#doneRuns()}. */
    long[] takeDone() {
        takenWatermark = watermark;
        if (newlyDoneCount == 0 && newlySkipped.count() == 0) {
            return NONE;
        }
        Arrays.sort(newlyDone, 0, newlyDoneCount);
        newlySkipped.sort();
        DoneRuns runs = new DoneRuns();
        int skipped = 0;
        for (int i = 0; i < newlyDoneCount; i++) {
            for (; skipped < newlySkipped.count() && newlySkipped.first(skipped) < newlyDone[i]; skipped++) {
                runs.addFrom(watermark, newlySkipped.first(skipped), newlySkipped.length(skipped));
            }
            runs.addFrom(watermark, newlyDone[i], 1);
        }
        for (; skipped < newlySkipped.count(); skipped++) {
            runs.addFrom(watermark, newlySkipped.first(skipped), newlySkipped.length(skipped));
        }
        if (newlyDone.length > 4_096) {
            newlyDone = NONE;
        }
        newlyDoneCount = 0;
        newlySkipped = new DoneRuns();
        return runs.toArray();
    }

    /** Chunks from that of the watermark on; each can be asked for by {@link #doneOfChunk}. */
    int chunks() {
        return chunks.size();
    }

    /** First chunk, by number: that of the watermark. */
    long firstChunk() {
        return firstChunk;
    }

    /** What is done of one chunk, above the watermark: like {@link StateChanges#doneRuns()}. */
    long[] doneOfChunk(long number) {
        long index = number - firstChunk;
        Chunk chunk = index < 0 || index >= chunks.size() ? null : chunks.get((int) index);
        if (chunk == null) {
            return NONE;
        }
        DoneRuns runs = new DoneRuns();
        long chunkStart = number << CHUNK_BITS;
        int from = (int) Math.max(0, watermark - chunkStart);
        while ((from = chunk.nextPresent(from)) < CHUNK_SIZE) {
            int to = chunk.nextAbsent(from);
            runs.add(chunkStart + from, to - from);
            from = to;
        }
        return runs.toArray();
    }

    private static final class DoneRuns {
        private long[] runs = NONE;
        private int size;

        int count() {
            return size / 2;
        }

        long offsets() {
            long offsets = 0;
            for (int i = 1; i < size; i += 2) {
                offsets += runs[i];
            }
            return offsets;
        }

        /** Runs that were added in another order, none of which overlap. */
        void sort() {
            boolean isSorted = true;
            for (int i = 2; i < size; i += 2) {
                isSorted &= runs[i - 2] < runs[i];
            }
            if (isSorted) {
                return;
            }
            TreeMap<Long, Long> byFirst = new TreeMap<>();
            for (int i = 0; i < size; i += 2) {
                byFirst.put(runs[i], runs[i + 1]);
            }
            size = 0;
            byFirst.forEach(this::add);
        }

        long first(int run) {
            return runs[run * 2];
        }

        long length(int run) {
            return runs[run * 2 + 1];
        }

        /** What of the run is not below {@code least}. */
        void addFrom(long least, long first, long length) {
            long from = Math.max(least, first);
            if (from < first + length) {
                add(from, first + length - from);
            }
        }

        /** Behind the last one, or touching it. */
        void add(long first, long count) {
            if (size > 0 && runs[size - 2] + runs[size - 1] == first) {
                runs[size - 1] += count;
                return;
            }
            if (size == runs.length) {
                runs = Arrays.copyOf(runs, Math.max(16, size * 2));
            }
            runs[size++] = first;
            runs[size++] = count;
        }

        long[] toArray() {
            return size == 0 ? NONE : Arrays.copyOf(runs, size);
        }
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
        int index = placeOf(offset);
        Chunk chunk = chunks.get(index);
        if (chunk == null) {
            chunk = new Chunk(false);
            chunks.set(index, chunk);
        }
        return chunk;
    }

    private int placeOf(long offset) {
        int index = (int) ((offset >>> CHUNK_BITS) - firstChunk);
        while (chunks.size() <= index) {
            chunks.add(null);
        }
        return index;
    }

    private void advance() {
        reported = false;
        int complete = 0;
        while (complete < chunks.size()) {
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
        nextOffset = Math.max(nextOffset, watermark); // what comes next may be done already
    }

    private static final class Chunk {
        private long @Nullable [] words; // null when all are in
        private int count;

        Chunk(boolean complete) {
            words = complete ? null : new long[WORDS];
            count = complete ? CHUNK_SIZE : 0;
        }

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

        /** First index at or after {@code from} that is in; {@code CHUNK_SIZE} if there is none. */
        int nextPresent(int from) {
            if (words == null || from >= CHUNK_SIZE) {
                return Math.min(from, CHUNK_SIZE);
            }
            int word = from >>> 6;
            long present = words[word] & (-1L << from);
            while (present == 0) {
                if (++word == WORDS) {
                    return CHUNK_SIZE;
                }
                present = words[word];
            }
            return (word << 6) + Long.numberOfTrailingZeros(present);
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
