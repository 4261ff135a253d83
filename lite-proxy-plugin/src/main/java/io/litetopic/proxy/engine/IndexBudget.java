package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.PendingMessages;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the index of waiting messages, and who has most of it. Owner: engine thread.
 *
 * <p>Mailboxes are in classes of size, each twice the one before, so that one of the largest is found at once and a mailbox moves
 * seldom.
 */
final class IndexBudget {
    private static final int CLASSES = 32;
    /** Smaller ones hold no more than a run, and cannot be cut. */
    private static final int SMALLEST_BYTES = 512;

    private final long budgetBytes;
    private final List<Set<Backlog>> classes = new ArrayList<>(CLASSES);
    private long bytes;

    IndexBudget(long budgetBytes) {
        this.budgetBytes = budgetBytes;
        for (int i = 0; i < CLASSES; i++) {
            classes.add(new LinkedHashSet<>());
        }
    }

    long bytes() {
        return bytes;
    }

    boolean isFull() {
        return bytes >= budgetBytes;
    }

    /** Whether there is room for more than the least. */
    boolean hasRoom() {
        return bytes < budgetBytes - budgetBytes / 8;
    }

    /** The index of one mailbox has changed. */
    void changed(Backlog backlog, int bytesBefore) {
        int now = backlog.messages.indexBytes();
        if (now == bytesBefore) {
            return;
        }
        bytes += now - bytesBefore;
        int newClass = now < SMALLEST_BYTES ? 0 : 31 - Integer.numberOfLeadingZeros(now);
        if (newClass != backlog.indexClass) {
            if (backlog.indexClass > 0) {
                classes.get(backlog.indexClass).remove(backlog);
            }
            if (newClass > 0) {
                classes.get(newClass).add(backlog);
            }
            backlog.indexClass = newClass;
        }
    }

    /** What was forgotten of one of the largest mailboxes. */
    static final class CutOff {
        final Backlog backlog;
        final PendingMessages.Cut cut;

        CutOff(Backlog backlog, PendingMessages.Cut cut) {
            this.backlog = backlog;
            this.cut = cut;
        }
    }

    /** Forgets the later half of one of the largest; null if none is large enough. */
    @Nullable
    CutOff cutLargest() {
        for (int i = CLASSES - 1; i > 0; i--) {
            Iterator<Backlog> largest = classes.get(i).iterator();
            while (largest.hasNext()) {
                Backlog backlog = largest.next();
                if (backlog.isWaitingForTail()) {
                    continue; // it looks for its end, which is what would be cut
                }
                int before = backlog.messages.indexBytes();
                PendingMessages.Cut cut = backlog.messages.cutLaterHalf();
                if (cut != null) {
                    changed(backlog, before);
                    return new CutOff(backlog, cut);
                }
            }
        }
        return null;
    }
}
