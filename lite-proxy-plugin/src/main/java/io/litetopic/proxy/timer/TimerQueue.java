package io.litetopic.proxy.timer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Timers in deadline order; equal deadlines fire in the order in which they were scheduled. A binary heap whose entries know
 * their place, so that cancel and re-schedule cost O(log n) and leave nothing behind.
 *
 * <p>Not thread-safe: one owner thread.
 */
public final class TimerQueue<T> {
    /** Answer of {@link #nextDeadlineNanos()} when nothing is scheduled. */
    public static final long NONE = Long.MAX_VALUE;

    private Timer<T>[] heap = newHeap(16);
    private int size;
    private long nextSequence;

    @SuppressWarnings({"unchecked", "rawtypes"}) // a generic array, never exposed
    private static <T> Timer<T>[] newHeap(int capacity) {
        return (Timer<T>[]) new Timer[capacity];
    }

    /** Schedules or re-schedules. */
    public void schedule(Timer<T> timer, long deadlineNanos) {
        cancel(timer);
        timer.deadlineNanos = deadlineNanos;
        timer.sequence = nextSequence++;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, timer);
    }

    /** No effect on a timer that is not scheduled. */
    public void cancel(Timer<T> timer) {
        if (!timer.isScheduled()) {
            return;
        }
        int hole = timer.heapIndex;
        timer.heapIndex = Timer.NOT_SCHEDULED;
        Timer<T> last = heap[--size];
        clear(size);
        if (last == timer) {
            return;
        }
        siftDown(hole, last);
        if (heap[hole] == last) {
            siftUp(hole, last);
        }
    }

    /** Removes and returns the earliest timer whose deadline is not after {@code nowNanos}, or null. */
    public @Nullable Timer<T> pollDue(long nowNanos) {
        if (size == 0 || heap[0].deadlineNanos > nowNanos) {
            return null;
        }
        Timer<T> due = heap[0];
        cancel(due);
        return due;
    }

    public long nextDeadlineNanos() {
        return size == 0 ? NONE : heap[0].deadlineNanos;
    }

    public int size() {
        return size;
    }

    @SuppressWarnings("NullAway") // slots beyond size are empty and never read
    private void clear(int index) {
        heap[index] = null;
    }

    private void siftUp(int from, Timer<T> timer) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (!isBefore(timer, heap[parent])) {
                break;
            }
            place(index, heap[parent]);
            index = parent;
        }
        place(index, timer);
    }

    private void siftDown(int from, Timer<T> timer) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], timer)) {
                break;
            }
            place(index, heap[child]);
            index = child;
        }
        place(index, timer);
    }

    private void place(int index, Timer<T> timer) {
        heap[index] = timer;
        timer.heapIndex = index;
    }

    private static boolean isBefore(Timer<?> a, Timer<?> b) {
        return a.deadlineNanos != b.deadlineNanos ? a.deadlineNanos < b.deadlineNanos : a.sequence < b.sequence;
    }
}
