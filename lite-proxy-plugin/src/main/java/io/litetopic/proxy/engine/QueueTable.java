package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queues that are owned, by slot: what is read of them, and what is asked for next. Owner: engine thread. */
final class QueueTable {
    private final EngineEffects effects;
    private final List<@Nullable QueueProgress> queues = new ArrayList<>();
    private long lastReadId;
    private boolean indexFull;

    QueueTable(EngineEffects effects, long lastReadId) {
        this.effects = effects;
        this.lastReadId = lastReadId;
    }

    /** @param doneRuns what is done above {@code startOffset}: like {@link StateChanges#doneRuns()} */
    void acquire(int slot, long startOffset, long[] doneRuns) {
        while (queues.size() <= slot) {
            queues.add(null);
        }
        if (queues.get(slot) != null) {
            throw new IllegalStateException("queue is owned already: slot=" + slot);
        }
        queues.set(slot, new QueueProgress(startOffset, doneRuns));
    }

    /** Whether the queue is read; if not, it is owned all the same. */
    void mayRead(int slot, boolean mayRead) {
        QueueProgress queue = queues.get(slot);
        if (queue == null) {
            throw new IllegalStateException("not owned: slot=" + slot);
        }
        queue.mayRead = mayRead;
    }

    void lose(int slot) {
        queues.set(slot, null);
    }

    boolean owns(int slot) {
        return get(slot) != null;
    }

    @Nullable
    QueueProgress get(int slot) {
        return slot < queues.size() ? queues.get(slot) : null;
    }

    /** The queue, if the read was asked for since it is owned; that read is then over. */
    @Nullable
    QueueProgress endRead(int slot, long readId) {
        QueueProgress queue = get(slot);
        if (queue == null || queue.readId != readId) {
            return null;
        }
        queue.readId = QueueProgress.NOT_READING;
        return queue;
    }

    /** One past the highest slot of a queue that was ever owned. */
    int slots() {
        return queues.size();
    }

    /** The message at the position has been read, or cannot be. */
    boolean isReadPast(long position) {
        QueueProgress queue = get(Position.slot(position));
        return queue == null || queue.nextOffset() > Position.queueOffset(position);
    }

    /** Every queue has been read up to its offset, by slot. One that is not owned has not, except up to 0. */
    boolean areReadUpTo(long[] offsets) {
        for (int slot = 0; slot < offsets.length; slot++) {
            QueueProgress queue = get(slot);
            long readUpTo = queue == null ? 0 : queue.nextOffset();
            if (readUpTo < offsets[slot]) {
                return false;
            }
        }
        return true;
    }

    /** Some queue is not read to its end. */
    boolean isAnyBehind() {
        for (QueueProgress queue : queues) {
            if (queue != null && !queue.isCaughtUp) {
                return true;
            }
        }
        return false;
    }

    /** Messages of the queue may wait at the broker that are younger than all that were read. */
    boolean isBehind(int slot) {
        QueueProgress queue = get(slot);
        return queue != null && !queue.isCaughtUp;
    }

    /** Reads on while there is room, or whatever the room for bodies, while a consumer has nothing to do. */
    void readAhead(boolean isFull, long pendingMessages, boolean roomForBodies, boolean someoneWaits) {
        if (isFull != indexFull) {
            indexFull = isFull;
            effects.indexFull(isFull, pendingMessages);
        }
        if (isFull || (!roomForBodies && !someoneWaits)) {
            return;
        }
        for (int slot = 0; slot < queues.size(); slot++) {
            QueueProgress queue = queues.get(slot);
            if (queue != null && queue.mayRead && queue.readId == QueueProgress.NOT_READING) {
                queue.seekOverDone();
                queue.readId = ++lastReadId;
                effects.read(slot, queue.nextOffset(), queue.readId);
            }
        }
    }

    void reportWatermarks() {
        for (int slot = 0; slot < queues.size(); slot++) {
            QueueProgress queue = queues.get(slot);
            if (queue != null && !queue.reported) {
                queue.reported = true;
                effects.watermarkAdvanced(slot, queue.watermark());
            }
        }
    }

    /** Offsets that have become done and are not written down yet, about. */
    long notTaken() {
        long count = 0;
        for (QueueProgress queue : queues) {
            count += queue == null ? 0 : queue.notTaken();
        }
        return count;
    }

    long lastReadId() {
        return lastReadId;
    }
}
