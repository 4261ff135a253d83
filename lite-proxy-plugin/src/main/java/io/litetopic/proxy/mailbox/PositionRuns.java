package io.litetopic.proxy.mailbox;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Positions in order, compressed: a list of runs, each of which has its first position and, for the others, the distance from the
 * one before as a variable-length number of 7 bits a byte (as in Protocol Buffers). Neighbours of one lite topic are as far apart
 * as there are busy lite topics in the queue, so a position takes 1 to 3 bytes, and its share of the run's 48.
 *
 * <p>Within a run positions grow and are of one queue slot. Appending and taking the first are O(1); all else costs the runs that it
 * passes. Not thread-safe.
 */
final class PositionRuns {
    private static final int MAX_BYTES = 240;
    private static final int FIRST_BYTES = 8;
    private static final int MAX_VARINT = 7; // offsets have 48 bits
    private static final int RUN_BYTES = 64; // object, and the header of its array
    private static final byte[] NO_BYTES = {};

    private @Nullable Run first;
    private @Nullable Run last;
    private int size;
    private int bytes;

    private static final class Run {
        long firstPosition;
        long lastPosition;
        byte[] distances = NO_BYTES;
        int from;
        int to;
        int count = 1;

        @Nullable
        Run next;

        Run(long position) {
            firstPosition = position;
            lastPosition = position;
        }
    }

    int size() {
        return size;
    }

    /** Memory that the positions take, about. */
    int bytes() {
        return bytes;
    }

    long first() {
        return headRun().firstPosition;
    }

    long last() {
        if (last == null) {
            throw new IllegalStateException("no positions");
        }
        return last.lastPosition;
    }

    void addLast(long position) {
        Run run = last;
        if (run == null || !append(run, position)) {
            Run added = newRun(position);
            if (run == null) {
                first = added;
            } else {
                run.next = added;
            }
            last = added;
        }
        size++;
    }

    long removeFirst() {
        Run run = headRun();
        long position = run.firstPosition;
        size--;
        if (--run.count == 0) {
            bytes -= RUN_BYTES + run.distances.length;
            first = run.next;
            if (first == null) {
                last = null;
            }
        } else {
            run.firstPosition = position + readDistance(run);
        }
        return position;
    }

    /** Puts positions in front, in their order; they belong before all that are here. */
    void addFirst(long[] positions) {
        PositionRuns front = new PositionRuns();
        for (long position : positions) {
            front.addLast(position);
        }
        if (first != null && first.count + positions.length <= MAX_BYTES / 2) {
            // Many small pieces would cost more than they hold: join them with the first run.
            int toMove = first.count;
            for (int i = 0; i < toMove; i++) {
                front.addLast(removeFirst());
            }
        }
        if (front.last == null) {
            return;
        }
        front.last.next = first;
        first = front.first;
        if (last == null) {
            last = front.last;
        }
        size += front.size;
        bytes += front.bytes;
    }

    /** Removes the later half of the runs, or fewer so that all removed ones are of the slot of the last. Null: nothing to cut. */
    PendingMessages.@Nullable Cut cutLaterHalf() {
        int runs = 0;
        for (Run run = first; run != null; run = run.next) {
            runs++;
        }
        if (last == null || runs < 2) {
            return null;
        }
        int slot = Position.slot(last.lastPosition);
        Run keep = headRun(); // the last run that stays
        int index = 0;
        for (Run run = first; run != null; run = run.next, index++) {
            if (index < (runs + 1) / 2 || Position.slot(run.firstPosition) != slot) {
                keep = run;
            }
        }
        Run gone = keep.next;
        if (gone == null) {
            return null;
        }
        int count = 0;
        for (Run run = gone; run != null; run = run.next) {
            count += run.count;
            bytes -= RUN_BYTES + run.distances.length;
        }
        keep.next = null;
        last = keep;
        size -= count;
        return new PendingMessages.Cut(gone.firstPosition, count);
    }

    /** Keeps only what {@code test} does not accept. */
    void removeIf(LongPredicate test) {
        long[] all = toArray();
        clear();
        for (long position : all) {
            if (!test.test(position)) {
                addLast(position);
            }
        }
    }

    long[] toArray() {
        long[] positions = new long[size];
        int index = 0;
        for (Run run = first; run != null; run = run.next) {
            long position = run.firstPosition;
            positions[index++] = position;
            int at = run.from;
            for (int i = 1; i < run.count; i++) {
                long distance = 0;
                int shift = 0;
                byte b;
                do {
                    b = run.distances[at++];
                    distance |= (long) (b & 0x7f) << shift;
                    shift += 7;
                } while (b < 0);
                position += distance;
                positions[index++] = position;
            }
        }
        return positions;
    }

    void clear() {
        first = null;
        last = null;
        size = 0;
        bytes = 0;
    }

    private Run headRun() {
        if (first == null) {
            throw new IllegalStateException("no positions");
        }
        return first;
    }

    private Run newRun(long position) {
        bytes += RUN_BYTES;
        return new Run(position);
    }

    private boolean append(Run run, long position) {
        long distance = position - run.lastPosition;
        if (distance <= 0 || Position.slot(position) != Position.slot(run.lastPosition)) {
            return false;
        }
        if (run.to + MAX_VARINT > run.distances.length) {
            if (run.to + MAX_VARINT > MAX_BYTES) {
                return false;
            }
            int length = Math.min(MAX_BYTES, Math.max(FIRST_BYTES, run.distances.length * 2));
            bytes += length - run.distances.length;
            run.distances = Arrays.copyOf(run.distances, length);
        }
        while (distance > 0x7f) {
            run.distances[run.to++] = (byte) (distance | 0x80);
            distance >>>= 7;
        }
        run.distances[run.to++] = (byte) distance;
        run.lastPosition = position;
        run.count++;
        return true;
    }

    private static long readDistance(Run run) {
        long distance = 0;
        int shift = 0;
        byte b;
        do {
            b = run.distances[run.from++];
            distance |= (long) (b & 0x7f) << shift;
            shift += 7;
        } while (b < 0);
        return distance;
    }
}
