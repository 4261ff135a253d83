package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxMoves;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.PendingMessages;
import io.litetopic.proxy.timer.Timer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits in one lite topic for one consumer group. The first {@link #inHand} messages are with the holder of the lease, the
 * others wait. Owner: engine thread.
 */
final class Mailbox {
    static final long NOT_SUSPENDED = Long.MIN_VALUE;

    final String liteTopic;
    final PendingMessages messages = new PendingMessages();
    final List<Subscription> subscriptions = new ArrayList<>(1);
    /** Resume time while SUSPENDED, deadline of the lease while LEASED. */
    final Timer<Mailbox> timer = new Timer<>(this);

    final Timer<Mailbox> expiryTimer = new Timer<>(this);

    private MailboxState state = MailboxState.IDLE;
    int inHand;
    /** Failed deliveries of the first message. */
    int headAttempts;

    @Nullable
    Lease lease; // non-null exactly while LEASED

    /**
     * Nothing is delivered before. It outlives the lease under which it was asked for: a suspend may overtake the acks of earlier
     * messages of the same delivery, and the message in front may be on its way to the dead letter queue.
     */
    long resumeAtNanos = NOT_SUSPENDED;

    /** The lease under which the last suspend was asked for. */
    long suspendedLeaseId;

    long lastActivityNanos;
    boolean everHadMessage;
    /** The first message is being read again; the mailbox is in no ring meanwhile. */
    boolean rereading;

    /** Slot of the queue that its last message came from. */
    int lastSlot;

    Mailbox(String liteTopic) {
        this.liteTopic = liteTopic;
    }

    MailboxState state() {
        return state;
    }

    void move(MailboxEvent event) {
        state = MailboxMoves.next(state, event);
    }

    boolean hasWaiting() {
        return messages.size() > inHand;
    }
}
