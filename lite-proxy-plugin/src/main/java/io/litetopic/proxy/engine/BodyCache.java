package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bodies of waiting messages within a budget of bytes, and has those read again that were dropped and are due. Owner:
 * engine thread.
 *
 * <p>Over the budget, bodies go that are needed last: all of mailboxes that deliver nothing now (no subscriber, suspended), and
 * those behind the first of the others, longest-listed mailbox first. What is next to be delivered is kept even over the budget:
 * at most one body per lite topic that is ready for a consumer.
 */
final class BodyCache {
    /** Reads of dropped bodies under way at a time; each brings a run of messages. */
    private static final int MAX_REREADS = 32;

    private final long budgetBytes;
    private final EngineEffects effects;
    private final Set<Mailbox> evictable = new LinkedHashSet<>();
    private final ArrayDeque<Mailbox> waitingForReread = new ArrayDeque<>();
    private final Map<Long, Mailbox> rereads = new HashMap<>();
    private long cachedBytes;

    BodyCache(long budgetBytes, EngineEffects effects) {
        this.budgetBytes = budgetBytes;
        this.effects = effects;
    }

    long cachedBytes() {
        return cachedBytes;
    }

    boolean isOverBudget() {
        return cachedBytes >= budgetBytes;
    }

    /** Appends a message to its mailbox, with its body if that is due or fits. */
    void append(Mailbox mailbox, long position, BrokerMessage message) {
        boolean isDue = mailbox.messages.size() == mailbox.inHand && isForDelivery(mailbox);
        if (isDue || makeRoom(message.sizeBytes())) {
            mailbox.messages.addLast(position, message);
            cachedBytes += message.sizeBytes();
            if (!isDue) {
                evictable.add(mailbox);
            }
        } else {
            mailbox.messages.addLast(position, null);
        }
    }

    /** Removes a message from its mailbox. */
    void remove(Mailbox mailbox, int index) {
        drop(mailbox, index);
        mailbox.messages.remove(index);
        if (mailbox.messages.size() == 0) {
            evictable.remove(mailbox);
        }
    }

    /** Removes all messages of one queue from a mailbox. */
    void removeQueue(Mailbox mailbox, int slot) {
        for (int index = 0; index < mailbox.messages.size(); index++) {
            if (Position.slot(mailbox.messages.position(index)) == slot) {
                drop(mailbox, index);
            }
        }
        mailbox.messages.removeIf(position -> Position.slot(position) == slot);
        if (mailbox.messages.size() == 0) {
            evictable.remove(mailbox);
        }
    }

    /** The mailbox delivers nothing for a while: its bodies may go when room is needed. */
    void comesToRest(Mailbox mailbox) {
        if (mailbox.messages.size() > 0 && mailbox.messages.message(0) != null) {
            evictable.add(mailbox);
        }
    }

    /** The mailbox is due and the body of its first waiting message is not here: it is in no ring until that is read. */
    void reread(Mailbox mailbox) {
        if (mailbox.rereading) {
            return;
        }
        mailbox.rereading = true;
        waitingForReread.addLast(mailbox);
        startRereads();
    }

    /** A read of dropped bodies is over, whatever it brought. Answers the mailbox that asked for it. */
    @Nullable
    Mailbox rereadEnded(long position) {
        Mailbox mailbox = rereads.remove(position);
        if (mailbox != null) {
            mailbox.rereading = false;
        }
        startRereads();
        return mailbox;
    }

    /** Puts back a body that was read again, if its message still waits without one and it is due or fits. */
    void restore(Mailbox mailbox, long position, BrokerMessage message) {
        // Runs start at the first waiting message, so what comes with it is close behind.
        int index = mailbox.messages.indexOf(position, mailbox.inHand + 64);
        if (index < 0 || mailbox.messages.message(index) != null) {
            return;
        }
        boolean isDue = index == mailbox.inHand && isForDelivery(mailbox);
        if (!isDue && !makeRoom(message.sizeBytes())) {
            return;
        }
        mailbox.messages.setMessage(index, message);
        cachedBytes += message.sizeBytes();
        if (!isDue) {
            evictable.add(mailbox);
        }
    }

    private void startRereads() {
        while (rereads.size() < MAX_REREADS) {
            Mailbox mailbox = waitingForReread.pollFirst();
            if (mailbox == null) {
                return;
            }
            if (mailbox.state() != MailboxState.READY) {
                mailbox.rereading = false; // emptied meanwhile; whoever fills it again lists it again
                continue;
            }
            long position = mailbox.messages.position(0);
            rereads.put(position, mailbox);
            effects.reread(Position.slot(position), Position.queueOffset(position));
        }
    }

    private boolean makeRoom(int bytes) {
        while (cachedBytes + bytes > budgetBytes) {
            Iterator<Mailbox> longestListed = evictable.iterator();
            if (!longestListed.hasNext()) {
                return false;
            }
            Mailbox victim = longestListed.next();
            longestListed.remove();
            int keep = isForDelivery(victim) ? victim.inHand + 1 : victim.inHand;
            for (int index = victim.messages.size() - 1; index >= keep; index--) {
                drop(victim, index);
            }
        }
        return true;
    }

    private static boolean isForDelivery(Mailbox mailbox) {
        return mailbox.state() != MailboxState.SUSPENDED && !mailbox.subscriptions.isEmpty();
    }

    /** Mailboxes that are listed as ones whose bodies may go. */
    int evictableMailboxes() {
        return evictable.size();
    }

    private void drop(Mailbox mailbox, int index) {
        BrokerMessage message = mailbox.messages.message(index);
        if (message != null) {
            cachedBytes -= message.sizeBytes();
            mailbox.messages.setMessage(index, null);
        }
    }
}
