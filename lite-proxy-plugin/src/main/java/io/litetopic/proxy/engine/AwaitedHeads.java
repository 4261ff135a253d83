package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Lite topics of which a journal says how often their first message was delivered, until that is read. Without this, one whose message
 * the broker does not have any more would be remembered for ever. Owner: engine thread.
 */
final class AwaitedHeads {
    private final LiteTopicTable liteTopics;
    /** By slot, the first one first. */
    private final List<PriorityQueue<Awaited>> awaited = new ArrayList<>();

    private static final class Awaited {
        final long position;
        final Mailbox mailbox;

        Awaited(long position, Mailbox mailbox) {
            this.position = position;
            this.mailbox = mailbox;
        }
    }

    AwaitedHeads(LiteTopicTable liteTopics) {
        this.liteTopics = liteTopics;
    }

    void add(long position, Mailbox mailbox) {
        int slot = Position.slot(position);
        while (awaited.size() <= slot) {
            awaited.add(new PriorityQueue<>(1, Comparator.comparingLong((Awaited one) -> one.position)));
        }
        awaited.get(slot).add(new Awaited(position, mailbox));
    }

    /** The queue has been read up to the offset, exclusive. */
    void readUpTo(int slot, long offset, long nowNanos) {
        if (slot >= awaited.size()) {
            return;
        }
        PriorityQueue<Awaited> ofSlot = awaited.get(slot);
        Awaited first;
        while ((first = ofSlot.peek()) != null && Position.queueOffset(first.position) < offset) {
            ofSlot.remove();
            liteTopics.retireIfUnused(first.mailbox, nowNanos);
        }
    }

    void queueLost(int slot) {
        if (slot < awaited.size()) {
            awaited.get(slot).clear();
        }
    }
}
