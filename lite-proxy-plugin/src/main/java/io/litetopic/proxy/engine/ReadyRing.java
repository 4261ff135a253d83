package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxState;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Mailboxes that had something to deliver when they were listed, in the order of their turns. Owner: engine thread.
 *
 * <p>Entries may be out of date (another client was faster): they are dropped when they are taken, so that listing is O(1) and
 * taking O(1) amortized. An entry is listed once at a time.
 */
final class ReadyRing {
    private static final int SWEEP_SIZE = 1_024;

    private final ArrayDeque<RingEntry> entries = new ArrayDeque<>();
    private int sweepAt = SWEEP_SIZE;

    /** @param first whether its turn goes on, so that it comes before the others */
    void list(RingEntry entry, boolean first) {
        if (entry.inRing || entry.removed) {
            return;
        }
        entry.inRing = true;
        if (first) {
            entries.addFirst(entry);
        } else {
            entries.addLast(entry);
        }
        if (entries.size() >= sweepAt) {
            sweep();
        }
    }

    /** Takes the next mailbox that can be delivered from now, or null. */
    @Nullable
    Mailbox next() {
        RingEntry entry;
        while ((entry = entries.pollFirst()) != null) {
            entry.inRing = false;
            if (isDeliverable(entry)) {
                return entry.mailbox;
            }
        }
        return null;
    }

    private static boolean isDeliverable(RingEntry entry) {
        return !entry.removed && Dispatcher.isDeliverable(entry.mailbox);
    }

    /** A ring that nobody takes from must not collect what is over. */
    private void sweep() {
        entries.removeIf(entry -> {
            boolean isOver = entry.removed || entry.mailbox.state() == MailboxState.IDLE;
            if (isOver) {
                entry.inRing = false;
            }
            return isOver;
        });
        sweepAt = Math.max(SWEEP_SIZE, entries.size() * 2);
    }
}
