package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.PendingMessages;
import io.litetopic.proxy.mailbox.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Fills the gaps in the index of waiting messages by reading queues once more. Owner: engine thread.
 *
 * <p>A lite topic has a {@link Gap} when its index was cut for want of memory or when it starts anew at an earlier offset. While it
 * has one, new messages of that queue are not taken into its index either: the scan finds them in their order, and when it comes
 * to where the queue is read up to, the gap is closed. A scan starts when a lite topic with a gap runs low; one pass over the queue
 * serves all lite topics that have gaps there. Those that are not low get messages only while there is room, so that the
 * memory goes to those that need it.
 */
final class IndexScans {
    private final EngineEffects effects;
    private final QueueTable queues;
    private final LiteTopicTable liteTopics;
    private final IndexBudget index;
    private final BodyCache bodies;
    private final int lowMessages;
    private final List<SlotScan> slots = new ArrayList<>();
    private @Nullable Deliveries deliveries;
    private long lastScanId;
    private long messagesInGaps;

    /** Gaps in the messages of one queue, and the scan that fills them. */
    private static final class SlotScan {
        final Set<Backlog> gapped = new LinkedHashSet<>();
        /** Those of {@link #gapped} that run low. */
        final Set<Backlog> low = new LinkedHashSet<>();

        boolean isScanning;
        /** Number of the read under way; 0 for none. */
        long readId;

        long cursor;
    }

    IndexScans(
            EngineEffects effects,
            QueueTable queues,
            LiteTopicTable liteTopics,
            IndexBudget index,
            BodyCache bodies,
            int lowMessages,
            long lastScanId) {
        this.effects = effects;
        this.queues = queues;
        this.liteTopics = liteTopics;
        this.index = index;
        this.bodies = bodies;
        this.lowMessages = lowMessages;
        this.lastScanId = lastScanId;
    }

    /** Before anything else. */
    void use(Deliveries users) {
        deliveries = users;
    }

    private Deliveries deliveries() {
        if (deliveries == null) {
            throw new IllegalStateException("not wired");
        }
        return deliveries;
    }

    long lastScanId() {
        return lastScanId;
    }

    /** Messages that are known to wait and are not in the index. */
    long messagesInGaps() {
        return messagesInGaps;
    }

    int openGaps() {
        int gaps = 0;
        for (SlotScan scan : slots) {
            gaps += scan.gapped.size();
        }
        return gaps;
    }

    private SlotScan slot(int slot) {
        while (slots.size() <= slot) {
            slots.add(new SlotScan());
        }
        return slots.get(slot);
    }

    // ---- gaps ----

    /** A message came in whose lite topic has a gap at its place. */
    void arrivedInGap(Gap gap) {
        gap.messages++;
        messagesInGaps++;
    }

    /** Forgets the ends of the largest mailboxes until the index is within its budget, as far as that is possible. */
    void cutToBudget() {
        while (index.isFull()) {
            IndexBudget.CutOff cutOff = index.cutLargest();
            if (cutOff == null) {
                return;
            }
            Backlog backlog = cutOff.backlog;
            PendingMessages.Cut cut = cutOff.cut;
            int slot = Position.slot(cut.firstPosition());
            Gap gap = backlog.gapOf(slot);
            if (gap == null) {
                long from = Position.queueOffset(cut.firstPosition());
                gap = openGap(backlog, new Gap(slot, from, 0, backlog.replayBelow(slot)));
                gap.messages = cut.count();
            } else {
                gap.fromOffset = Math.min(gap.fromOffset, Position.queueOffset(cut.firstPosition()));
                gap.missedByScan = true;
                gap.messages += cut.count();
            }
            messagesInGaps += cut.count();
            deliveries().indexCut(cut.count());
            effects.indexCut(backlog.mailbox.liteTopic, cut.count());
            // It has messages left. Only when these go it needs more: looking for more at once would fill the index
            // again.
            slot(slot).low.remove(backlog);
        }
    }

    /** The mailbox has fewer messages in its index than before. */
    void checkLow(Backlog backlog) {
        if (backlog.gaps != null && isLow(backlog)) {
            for (Gap gap = backlog.gaps; gap != null; gap = gap.next) {
                slot(gap.slot).low.add(backlog);
            }
        }
    }

    private boolean isLow(Backlog backlog) {
        return backlog.messages.size() < lowMessages || backlog.isWaitingForTail();
    }

    /**
     * The lite topic starts anew: what waits before the start point is done with, what is behind it is found by scans.
     *
     * @param waiting positions of what waited so far; they have left the index
     */
    void restart(Backlog backlog, StartPoint start, long[] waiting) {
        long[] missingFrom = new long[queues.slots()];
        long[] counts = new long[queues.slots()];
        Arrays.fill(missingFrom, Long.MAX_VALUE);
        Gap old;
        while ((old = backlog.gaps) != null) {
            missingFrom[old.slot] = old.fromOffset;
            counts[old.slot] = old.messages;
            closeGap(backlog, old);
        }
        int skipped = 0;
        for (long position : waiting) {
            int slot = Position.slot(position);
            long offset = Position.queueOffset(position);
            QueueProgress queue = queues.get(slot);
            if (queue != null && offset < start.offset(slot)) {
                queue.markDone(offset);
                skipped++;
            } else {
                counts[slot]++;
            }
        }
        if (skipped > 0) {
            effects.messagesSkipped(backlog.mailbox.liteTopic, skipped);
        }
        backlog.skipBelow = null;
        backlog.replayBelow = new long[queues.slots()];
        for (int slot = 0; slot < queues.slots(); slot++) {
            QueueProgress queue = queues.get(slot);
            if (queue == null) {
                continue;
            }
            long from = start.offset(slot);
            boolean mayHoldTail = start.isTail() && !queue.isCaughtUp;
            if (Math.min(from, missingFrom[slot]) < queue.nextOffset() || mayHoldTail) {
                Gap gap = openGap(backlog, new Gap(slot, Math.min(from, missingFrom[slot]), from, queue.nextOffset()));
                gap.messages = counts[slot];
                messagesInGaps += counts[slot];
            }
            backlog.replayBelow[slot] = queue.nextOffset();
            if (from > queue.nextOffset()) {
                skipBelow(backlog, slot, from);
            }
        }
        backlog.wantAllMessages();
        if (start.isTail() && backlog.gaps != null) {
            backlog.keepLast = start.lastMessages();
        }
        checkLow(backlog);
    }

    private void skipBelow(Backlog backlog, int slot, long offset) {
        if (backlog.skipBelow == null) {
            backlog.skipBelow = new long[queues.slots()];
        }
        backlog.skipBelow[slot] = offset;
    }

    private Gap openGap(Backlog backlog, Gap gap) {
        backlog.addGap(gap);
        slot(gap.slot).gapped.add(backlog);
        return gap;
    }

    private void closeGap(Backlog backlog, Gap gap) {
        messagesInGaps -= gap.messages;
        backlog.removeGap(gap);
        slot(gap.slot).gapped.remove(backlog);
        slot(gap.slot).low.remove(backlog);
    }

    /** The queue is no longer owned. */
    void queueLost(int slot, long nowNanos) {
        SlotScan scan = slot(slot);
        for (Backlog backlog : new ArrayList<>(scan.gapped)) {
            Gap gap = backlog.gapOf(slot);
            if (gap != null) {
                closeGap(backlog, gap);
            }
            if (gap != null && backlog.gaps == null) {
                allFilled(backlog, nowNanos);
            }
        }
        scan.isScanning = false;
        scan.readId = 0;
    }

    // ---- scans ----

    /** Starts and continues what is needed. */
    void dispatch(long nowNanos) {
        for (int slot = 0; slot < slots.size(); slot++) {
            SlotScan scan = slots.get(slot);
            QueueProgress queue = queues.get(slot);
            if (scan.readId != 0 || (!scan.isScanning && scan.low.isEmpty()) || queue == null) {
                continue;
            }
            if (!scan.isScanning) {
                begin(slot, scan);
            }
            if (scan.cursor >= queue.nextOffset()) { // only a tail waits for what is not read yet
                completed(slot, scan, queue, nowNanos);
                continue;
            }
            scan.readId = ++lastScanId;
            effects.scan(slot, scan.cursor, scan.readId);
        }
    }

    private static void begin(int slot, SlotScan scan) {
        long start = Long.MAX_VALUE;
        for (Backlog backlog : scan.low) {
            Gap gap = backlog.gapOf(slot);
            start = gap == null ? start : Math.min(start, gap.fromOffset);
        }
        for (Backlog backlog : scan.gapped) {
            Gap gap = backlog.gapOf(slot);
            if (gap != null) {
                gap.missedByScan = gap.fromOffset < start;
            }
        }
        scan.cursor = start;
        scan.isScanning = true;
    }

    boolean isOver(int slot, long scanId) {
        return slot >= slots.size() || slots.get(slot).readId != scanId;
    }

    void failed(int slot, long scanId) {
        if (!isOver(slot, scanId)) {
            slots.get(slot).readId = 0;
        }
    }

    void scanned(int slot, long scanId, List<BrokerMessage> messages, long nextOffset, long minOffset, long nowNanos) {
        QueueProgress queue = queues.get(slot);
        if (isOver(slot, scanId) || queue == null) {
            return; // asked before the queue was lost
        }
        SlotScan scan = slots.get(slot);
        scan.readId = 0;
        if (minOffset > scan.cursor) {
            deletedBelow(slot, queue, scan.cursor, Math.min(minOffset, queue.nextOffset()));
        }
        long cursor = scan.cursor;
        for (BrokerMessage message : messages) {
            long offset = message.queueOffset();
            if (offset < cursor) {
                continue;
            }
            if (offset >= queue.nextOffset()) {
                break;
            }
            cursor = offset + 1;
            found(slot, queue, message, nowNanos);
        }
        scan.cursor = Math.min(Math.max(cursor, nextOffset), queue.nextOffset());
        if (scan.cursor >= queue.nextOffset()) {
            completed(slot, scan, queue, nowNanos);
        } else if (isSatisfied(slot, scan)) {
            scan.isScanning = false;
        }
    }

    private void found(int slot, QueueProgress queue, BrokerMessage message, long nowNanos) {
        String name = message.liteTopic();
        Backlog backlog = name == null ? null : liteTopics.backlogOf(name);
        Gap gap = backlog == null ? null : backlog.gapOf(slot);
        long offset = message.queueOffset();
        if (backlog == null || gap == null || gap.missedByScan || offset < gap.fromOffset) {
            return;
        }
        boolean isDone = queue.isDone(offset);
        boolean isUnwanted = offset < gap.unwantedBelow;
        if (isUnwanted && !isDone) {
            queue.markDone(offset);
            foundInGap(gap);
            effects.messagesSkipped(backlog.mailbox.liteTopic, 1);
        }
        if (isUnwanted || (isDone && offset >= gap.replayBelow)) {
            gap.fromOffset = offset + 1;
            return;
        }
        boolean needsMore = isLow(backlog) && slot(slot).low.contains(backlog);
        if (!needsMore && !index.hasRoom()) {
            gap.fromOffset = offset;
            gap.missedByScan = true;
            slot(slot).low.remove(backlog);
            return;
        }
        gap.fromOffset = offset + 1;
        foundInGap(gap);
        liteTopics.cameFrom(backlog.mailbox, slot);
        bodies.append(backlog, Position.of(slot, offset), message);
        deliveries().arrived(backlog, nowNanos);
        if (backlog.isWaitingForTail() && backlog.messages.size() >= 2L * backlog.keepLast + lowMessages) {
            keepTail(backlog, nowNanos);
        }
    }

    /** Of what has been found only the last messages are wanted. */
    private void keepTail(Backlog backlog, long nowNanos) {
        int surplus = backlog.messages.size() - backlog.keepLast;
        if (surplus > 0) {
            effects.messagesSkipped(backlog.mailbox.liteTopic, surplus);
            deliveries().dropWaiting(backlog, surplus, nowNanos);
        }
    }

    private void foundInGap(Gap gap) {
        if (gap.messages > 0) {
            gap.messages--;
            messagesInGaps--;
        }
    }

    /** Nobody waits for this pass any more. */
    private boolean isSatisfied(int slot, SlotScan scan) {
        for (Backlog backlog : scan.low) {
            Gap gap = backlog.gapOf(slot);
            if (gap != null && !gap.missedByScan) {
                return false;
            }
        }
        return true;
    }

    private void completed(int slot, SlotScan scan, QueueProgress queue, long nowNanos) {
        scan.isScanning = false;
        for (Backlog backlog : new ArrayList<>(scan.gapped)) {
            Gap gap = backlog.gapOf(slot);
            if (gap == null || gap.missedByScan) {
                continue;
            }
            gap.fromOffset = queue.nextOffset();
            if (backlog.keepLast >= 0 && !queue.isCaughtUp) {
                continue; // which messages are the last is known at the end of the queue
            }
            closeGap(backlog, gap);
            if (backlog.gaps == null) {
                allFilled(backlog, nowNanos);
            }
        }
    }

    private void allFilled(Backlog backlog, long nowNanos) {
        if (backlog.keepLast >= 0) {
            keepTail(backlog, nowNanos);
            backlog.wantAllMessages();
            if (backlog.messages.isEmpty()) {
                liteTopics.retireIfUnused(backlog.mailbox, nowNanos);
                return;
            }
        }
        deliveries().indexComplete(backlog, nowNanos);
    }

    /** The broker has deleted messages before they were consumed: those that only a gap knows of are done with. */
    private void deletedBelow(int slot, QueueProgress queue, long fromOffset, long toOffset) {
        long[] indexed = indexed(slot, fromOffset, toOffset);
        long lost = 0;
        long from = fromOffset;
        for (long offset : indexed) {
            lost += queue.markDone(from, offset);
            from = offset + 1;
        }
        lost += queue.markDone(from, toOffset);
        if (lost > 0) {
            effects.messagesLost(slot, fromOffset, toOffset, lost, null);
        }
    }

    /** Offsets of the messages between that are in the index, ascending. */
    private long[] indexed(int slot, long fromOffset, long toOffset) {
        LongStream.Builder offsets = LongStream.builder();
        liteTopics.forEach(mailbox -> {
            Backlog backlog = mailbox.backlog;
            if (backlog != null) {
                for (long position : backlog.messages.positions()) {
                    long offset = Position.queueOffset(position);
                    if (Position.slot(position) == slot && offset >= fromOffset && offset < toOffset) {
                        offsets.add(offset);
                    }
                }
            }
        });
        return offsets.build().sorted().toArray();
    }
}
