package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bodies of waiting messages within a budget of bytes, and has those read again that were dropped and are due. Owner:
 * engine thread.
 *
 * <p>Over the budget, bodies go that are needed last: those behind the first of the mailboxes that have cached a backlog for
 * the longest time. A body that is next to be delivered is kept even over the budget: there is at most one per lite topic, and
 * reading ahead stops (see {@link GroupEngine}) unless a consumer has nothing to do.
 */
final class BodyCache {
    /** Reads of dropped bodies under way at a time; each brings a run of messages. */
    private static final int MAX_REREADS = 32;

    private final long budgetBytes;
    private final EngineEffects effects;
    private final ArrayDeque<Mailbox> backlogs = new ArrayDeque<>();
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

    /** Appends a message to its mailbox, with its body if that fits. */
    void append(Mailbox mailbox, long position, BrokerMessage message) {
        boolean isNext = mailbox.messages.size() == mailbox.inHand;
        if (isNext || makeRoom(message.sizeBytes())) {
            mailbox.messages.addLast(position, message);
            cachedBytes += message.sizeBytes();
            if (!isNext) {
                listForEviction(mailbox);
            }
        } else {
            mailbox.messages.addLast(position, null);
        }
    }

    /** Removes a message from its mailbox. */
    void remove(Mailbox mailbox, int index) {
        drop(mailbox, index);
        mailbox.messages.remove(index);
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
        boolean isNext = index == mailbox.inHand;
        if (!isNext && !makeRoom(message.sizeBytes())) {
            return;
        }
        mailbox.messages.setMessage(index, message);
        cachedBytes += message.sizeBytes();
        if (!isNext) {
            listForEviction(mailbox);
        }
    }

    /** Forgets all that is cached of a mailbox that goes away. */
    void dropAll(Mailbox mailbox) {
        for (int index = 0; index < mailbox.messages.size(); index++) {
            drop(mailbox, index);
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
            Mailbox victim = backlogs.pollFirst();
            if (victim == null) {
                return false;
            }
            victim.listedForEviction = false;
            for (int index = victim.messages.size() - 1; index > victim.inHand; index--) {
                drop(victim, index);
            }
        }
        return true;
    }

    private void listForEviction(Mailbox mailbox) {
        if (!mailbox.listedForEviction) {
            mailbox.listedForEviction = true;
            backlogs.addLast(mailbox);
        }
    }

    private void drop(Mailbox mailbox, int index) {
        BrokerMessage message = mailbox.messages.message(index);
        if (message != null) {
            cachedBytes -= message.sizeBytes();
            mailbox.messages.setMessage(index, null);
        }
    }
}
