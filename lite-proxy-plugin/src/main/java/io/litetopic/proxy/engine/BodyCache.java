package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bodies of waiting messages within a budget of bytes, and has those read again that were dropped and are due. All
 * messages enter and leave mailboxes through it. Owner: engine thread.
 *
 * <p>Of each mailbox the first messages have bodies and the others have not. Over the budget, bodies go that are needed last: all of
 * mailboxes that deliver nothing now (no subscriber, suspended), and those behind the first of the others, longest-listed mailbox
 * first. What is next to be delivered is kept beyond the budget, up to twice its size.
 */
final class BodyCache {
    /** Reads of dropped bodies under way at a time; each brings a run of messages. */
    private static final int MAX_REREADS = 32;

    private final long budgetBytes;
    private final EngineEffects effects;
    private final IndexBudget index;
    private final SubscriptionTable.Wanted wanted;
    private final ArrayDeque<Backlog> waitingForReread = new ArrayDeque<>();
    private final Map<Long, Backlog> rereads = new HashMap<>();
    /** Waited for a read, and another's brought what they need. */
    private final ArrayDeque<Backlog> servedByOthers = new ArrayDeque<>();

    private long cachedBytes;
    private int evictables;

    // mailboxes whose bodies may go, longest-listed first
    private @Nullable Backlog firstEvictable;
    private @Nullable Backlog lastEvictable;

    BodyCache(long budgetBytes, EngineEffects effects, IndexBudget index, SubscriptionTable.Wanted wanted) {
        this.budgetBytes = budgetBytes;
        this.effects = effects;
        this.index = index;
        this.wanted = wanted;
    }

    long cachedBytes() {
        return cachedBytes;
    }

    boolean isOverBudget() {
        return cachedBytes >= budgetBytes;
    }

    /** Appends a message to its mailbox, with its body if that is due or fits. */
    void append(Backlog backlog, long position, BrokerMessage message) {
        boolean isDue = backlog.messages.loaded() == backlog.inHand && isForDelivery(backlog);
        boolean fits = (isDue && cachedBytes + message.sizeBytes() <= 2 * budgetBytes) || makeRoom(message.sizeBytes());
        if (fits && !backlog.messages.hasUnloaded()) {
            backlog.messages.addLast(position, message);
            cachedBytes += message.sizeBytes();
            if (!isDue) {
                setEvictable(backlog);
            }
        } else {
            int before = backlog.messages.indexBytes();
            backlog.messages.addLast(position);
            index.changed(backlog, before);
        }
    }

    /** Removes a message, the first or one with a body, from its mailbox. */
    void remove(Backlog backlog, int messageIndex) {
        if (messageIndex < backlog.messages.loaded()) {
            cachedBytes -= backlog.messages.message(messageIndex).sizeBytes();
            backlog.messages.remove(messageIndex);
        } else {
            int before = backlog.messages.indexBytes();
            backlog.messages.remove(messageIndex);
            index.changed(backlog, before);
        }
        if (backlog.messages.loaded() == 0) {
            clearEvictable(backlog);
        }
    }

    /** Removes all messages of one queue from a mailbox. */
    void removeQueue(Backlog backlog, int slot) {
        int before = backlog.messages.indexBytes();
        for (int i = 0; i < backlog.messages.loaded(); i++) {
            if (Position.slot(backlog.messages.position(i)) == slot) {
                cachedBytes -= backlog.messages.message(i).sizeBytes();
            }
        }
        backlog.messages.removeIf(position -> Position.slot(position) == slot);
        index.changed(backlog, before);
        if (backlog.messages.loaded() == 0) {
            clearEvictable(backlog);
        }
    }

    /** Removes all messages from a mailbox. */
    void removeAll(Backlog backlog) {
        int before = backlog.messages.indexBytes();
        for (int i = 0; i < backlog.messages.loaded(); i++) {
            cachedBytes -= backlog.messages.message(i).sizeBytes();
        }
        backlog.messages.clear();
        index.changed(backlog, before);
        clearEvictable(backlog);
    }

    /** The mailbox delivers nothing for a while: its bodies may go when room is needed. */
    void comesToRest(Backlog backlog) {
        if (backlog.messages.loaded() > 0) {
            setEvictable(backlog);
        }
    }

    /** The mailbox is due and the body of its first message is not here: it is in no ring until that is read. */
    void reread(Backlog backlog) {
        if (backlog.rereading) {
            return;
        }
        backlog.rereading = true;
        backlog.wasReread = true;
        waitingForReread.addLast(backlog);
        startRereads();
    }

    /** A read of dropped bodies is over, whatever it brought. Answers the mailbox that asked for it. */
    @Nullable
    Backlog rereadEnded(long position) {
        Backlog backlog = rereads.remove(position);
        if (backlog != null) {
            backlog.rereading = false;
        }
        startRereads();
        return backlog;
    }

    /** A mailbox that need not wait for a read of its own any more; null if there is none. */
    @Nullable
    Backlog pollServedByOthers() {
        return servedByOthers.pollFirst();
    }

    /** Nothing that is read of the queue counts any more, and no read of it is answered. */
    void queueLost(int slot) {
        rereads.entrySet().removeIf(read -> {
            boolean isOver = Position.slot(read.getKey()) == slot;
            if (isOver) {
                read.getValue().rereading = false;
                servedByOthers.addLast(read.getValue());
            }
            return isOver;
        });
        startRereads();
    }

    /** Puts back a body that was read again, if its message is the next one without and it is due or fits. */
    void restore(Backlog backlog, long position, BrokerMessage message) {
        if (!backlog.messages.hasUnloaded() || backlog.messages.firstUnloaded() != position) {
            return;
        }
        boolean isDue = backlog.messages.loaded() == backlog.inHand && isForDelivery(backlog);
        if (!isDue && (!makeRoom(message.sizeBytes()) || backlog.messages.firstUnloaded() != position)) {
            return; // no room, or only at the cost of the ones before it
        }
        int before = backlog.messages.indexBytes();
        backlog.messages.load(message);
        index.changed(backlog, before);
        cachedBytes += message.sizeBytes();
        if (!isDue) {
            setEvictable(backlog);
        }
    }

    private void startRereads() {
        while (rereads.size() < MAX_REREADS) {
            Backlog backlog = waitingForReread.pollFirst();
            if (backlog == null) {
                return;
            }
            if (backlog.state() != MailboxState.READY || backlog.messages.loaded() > 0) {
                backlog.rereading = false;
                servedByOthers.addLast(backlog);
                continue;
            }
            long position = backlog.messages.firstPosition();
            rereads.put(position, backlog);
            effects.reread(Position.slot(position), Position.queueOffset(position));
        }
    }

    private boolean makeRoom(int bytes) {
        while (cachedBytes + bytes > budgetBytes) {
            Backlog victim = firstEvictable;
            if (victim == null) {
                return false;
            }
            clearEvictable(victim);
            int keep = isForDelivery(victim) ? victim.inHand + 1 : victim.inHand;
            for (int i = keep; i < victim.messages.loaded(); i++) {
                cachedBytes -= victim.messages.message(i).sizeBytes();
            }
            int before = victim.messages.indexBytes();
            victim.messages.unload(keep);
            index.changed(victim, before);
        }
        return true;
    }

    private boolean isForDelivery(Backlog backlog) {
        return backlog.state() != MailboxState.SUSPENDED && wanted.isWanted(backlog.mailbox);
    }

    /** Mailboxes that are listed as ones whose bodies may go. */
    int evictableMailboxes() {
        return evictables;
    }

    private void setEvictable(Backlog backlog) {
        if (backlog.evictable) {
            return;
        }
        backlog.evictable = true;
        evictables++;
        backlog.previousEvictable = lastEvictable;
        if (lastEvictable == null) {
            firstEvictable = backlog;
        } else {
            lastEvictable.nextEvictable = backlog;
        }
        lastEvictable = backlog;
    }

    private void clearEvictable(Backlog backlog) {
        if (!backlog.evictable) {
            return;
        }
        backlog.evictable = false;
        evictables--;
        if (backlog.previousEvictable == null) {
            firstEvictable = backlog.nextEvictable;
        } else {
            backlog.previousEvictable.nextEvictable = backlog.nextEvictable;
        }
        if (backlog.nextEvictable == null) {
            lastEvictable = backlog.previousEvictable;
        } else {
            backlog.nextEvictable.previousEvictable = backlog.previousEvictable;
        }
        backlog.nextEvictable = null;
        backlog.previousEvictable = null;
    }
}
