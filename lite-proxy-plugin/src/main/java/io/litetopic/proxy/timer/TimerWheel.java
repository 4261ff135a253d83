package io.litetopic.proxy.timer;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Coarse timers for very many targets: a hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6 with one turn). An entry is a
 * member of a list of its slot; adding, moving and removing one is O(1) and allocates nothing. Entries fire up to one tick late and
 * never early, except that deadlines beyond the wheel's turn of {@value #SLOTS} ticks fire at its end: whoever owns the entry then
 * looks at its real deadline and adds it again.
 *
 * <p>Not thread-safe: one owner thread.
 */
public final class TimerWheel<T extends TimerWheel.Entry> {
    private static final int SLOTS = 2_048;
    private static final int WORDS = SLOTS / Long.SIZE;

    /** What can be scheduled; in one wheel at a time. */
    public abstract static class Entry {
        private static final short NOT_SCHEDULED = -1;

        @Nullable
        Entry next;

        @Nullable
        Entry previous;

        short slot = NOT_SCHEDULED;

        public final boolean isScheduled() {
            return slot != NOT_SCHEDULED;
        }
    }

    private final long tickNanos;
    private final @Nullable Entry[] slots = new Entry[SLOTS];
    private final long[] occupied = new long[WORDS];
    /** Slots of ticks before this one are empty. */
    private long currentTick;

    private boolean started;
    private int size;

    /** @param tickNanos 1 or more */
    public TimerWheel(long tickNanos) {
        this.tickNanos = Math.max(1, tickNanos);
    }

    /** Schedules or re-schedules. */
    public void schedule(T entry, long deadlineNanos, long nowNanos) {
        cancel(entry);
        if (!started || size == 0) {
            currentTick = Math.floorDiv(nowNanos, tickNanos);
            started = true;
        }
        // Fires at the end of the tick that holds the deadline.
        long tick = Math.floorDiv(deadlineNanos - 1, tickNanos) + 1;
        tick = Math.max(currentTick + 1, Math.min(tick, currentTick + SLOTS - 1));
        int slot = (int) Math.floorMod(tick, (long) SLOTS);
        link(entry, slot);
        size++;
    }

    /** No effect on an entry that is not scheduled. */
    public void cancel(T entry) {
        if (entry.isScheduled()) {
            unlink(entry);
            size--;
        }
    }

    /** Removes every entry that is due and gives it to {@code action}, which may schedule entries, not earlier than now. */
    @SuppressWarnings("unchecked") // only entries of type T come in
    public void fire(long nowNanos, Consumer<? super T> action) {
        if (size == 0) {
            return;
        }
        long nowTick = Math.floorDiv(nowNanos, tickNanos);
        while (currentTick < nowTick && size > 0) {
            long next = nextOccupiedTick();
            if (next > nowTick) {
                currentTick = nowTick;
                return;
            }
            currentTick = next;
            int slot = (int) Math.floorMod(currentTick, (long) SLOTS);
            Entry due;
            while ((due = slots[slot]) != null) {
                unlink(due);
                size--;
                action.accept((T) due);
            }
        }
        currentTick = Math.max(currentTick, nowTick);
    }

    /** When {@link #fire} has something to do next; {@link TimerQueue#NONE} if nothing is scheduled. */
    public long nextDeadlineNanos() {
        if (size == 0) {
            return TimerQueue.NONE;
        }
        long tick = nextOccupiedTick();
        return tick > Long.MAX_VALUE / tickNanos ? TimerQueue.NONE : tick * tickNanos; // none before the clock ends
    }

    public int size() {
        return size;
    }

    /** The first tick after the current one with entries. Meaningful if there are entries. */
    private long nextOccupiedTick() {
        int from = (int) Math.floorMod(currentTick + 1, (long) SLOTS);
        int word = from >>> 6;
        long bits = occupied[word] & (-1L << from);
        for (int i = 0; i <= WORDS; i++) {
            if (bits != 0) {
                int slot = (word << 6) + Long.numberOfTrailingZeros(bits);
                return currentTick + 1 + Math.floorMod(slot - from, SLOTS);
            }
            word = (word + 1) % WORDS;
            bits = occupied[word];
        }
        throw new IllegalStateException("no slot is occupied: size=" + size + " " + Arrays.toString(occupied));
    }

    private void link(Entry entry, int slot) {
        entry.slot = (short) slot;
        entry.next = slots[slot];
        if (entry.next != null) {
            entry.next.previous = entry;
        }
        slots[slot] = entry;
        occupied[slot >>> 6] |= 1L << slot;
    }

    private void unlink(Entry entry) {
        int slot = entry.slot;
        if (entry.previous == null) {
            slots[slot] = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        if (slots[slot] == null) {
            occupied[slot >>> 6] &= ~(1L << slot);
        }
        entry.next = null;
        entry.previous = null;
        entry.slot = Entry.NOT_SCHEDULED;
    }
}
