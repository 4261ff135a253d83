package io.litetopic.proxy.mailbox;

/**
 * Where a message is, in one {@code long}: the slot of its queue in the group (upper 16 bits) and its queue offset (lower 48
 * bits). A long instead of an object, since millions of them wait in mailboxes.
 */
public final class Position {
    /** Queues per group. */
    public static final int MAX_SLOTS = 1 << 15;

    private static final int OFFSET_BITS = 48;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

    private Position() {}

    public static long of(int slot, long queueOffset) {
        if (slot < 0 || slot >= MAX_SLOTS || (queueOffset & ~OFFSET_MASK) != 0) {
            throw new IllegalArgumentException("no position: slot=" + slot + " queueOffset=" + queueOffset);
        }
        return ((long) slot << OFFSET_BITS) | queueOffset;
    }

    public static int slot(long position) {
        return (int) (position >>> OFFSET_BITS);
    }

    public static long queueOffset(long position) {
        return position & OFFSET_MASK;
    }

    public static String describe(long position) {
        return slot(position) + "/" + queueOffset(position);
    }
}
