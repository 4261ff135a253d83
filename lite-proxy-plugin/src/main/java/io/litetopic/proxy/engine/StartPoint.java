package io.litetopic.proxy.engine;

import java.util.Arrays;

/**
 * From where on a group wants the messages of a lite topic: by queue slot, the first offset that counts, and optionally only the
 * last so many of those. What lies before is done with; what lies behind is delivered, also if the group has consumed it before.
 * Immutable.
 */
public final class StartPoint {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final long[] offsets;
    private final int lastMessages;

    private StartPoint(long[] offsets, int lastMessages) {
        this.offsets = offsets;
        this.lastMessages = lastMessages;
    }

    /** @param offsetsBySlot first offset of each queue, by slot */
    public static StartPoint at(long[] offsetsBySlot) {
        return new StartPoint(offsetsBySlot.clone(), NO_LIMIT);
    }

    /**
     * @param messages 0 or more
     * @param offsetsBySlot first offset of each queue that may be looked at, by slot
     */
    public static StartPoint tail(int messages, long[] offsetsBySlot) {
        if (messages < 0) {
            throw new IllegalArgumentException("negative number of messages: " + messages);
        }
        return new StartPoint(offsetsBySlot.clone(), messages);
    }

    int slots() {
        return offsets.length;
    }

    /** First offset of the queue that counts. */
    long offset(int slot) {
        return slot < offsets.length ? offsets[slot] : 0;
    }

    boolean isTail() {
        return lastMessages != NO_LIMIT;
    }

    int lastMessages() {
        return lastMessages;
    }

    @Override
    public String toString() {
        return "StartPoint[offsets=" + Arrays.toString(offsets) + (isTail() ? ", lastMessages=" + lastMessages : "")
                + ']';
    }
}
