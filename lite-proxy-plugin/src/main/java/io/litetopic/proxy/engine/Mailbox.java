package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.table.Named;
import io.litetopic.proxy.timer.TimerWheel;
import org.jspecify.annotations.Nullable;

/**
 * A lite topic as one consumer group sees it. There may be millions that have nothing to do, so what is needed only by those that
 * have is in their {@link Backlog}. Owner: engine thread.
 *
 * <p>As a timer entry: the end of its time to live.
 */
final class Mailbox extends TimerWheel.Entry implements Named {
    static final short NOT_RECORDED = -1;

    final String liteTopic;
    /** Null: nothing waits and nothing is to be remembered. */
    @Nullable
    Backlog backlog;

    /** Linked by {@link Subscription#next}. */
    @Nullable
    Subscription subscriptions;

    long lastActivityNanos;
    /** Slot of the queue that its last message came from. */
    short lastSlot;

    boolean everHadMessage;

    /** It is in a list of the {@link ChangeLog}. */
    boolean isChanged;
    /** Slot of the queue whose journal has an entry of it, or {@link #NOT_RECORDED}. */
    short recordedIn = NOT_RECORDED;
    /** Slot of the queue whose journal has an older entry of it while that one is being stored, or {@link #NOT_RECORDED}. */
    short olderRecordIn = NOT_RECORDED;
    /** It is no more. */
    boolean isRemoved;

    Mailbox(String liteTopic) {
        this.liteTopic = liteTopic;
    }

    @Override
    public String name() {
        return liteTopic;
    }

    MailboxState state() {
        Backlog current = backlog;
        return current == null ? MailboxState.IDLE : current.state();
    }

    void addSubscription(Subscription subscription) {
        subscription.next = subscriptions;
        subscriptions = subscription;
    }

    void removeSubscription(Subscription subscription) {
        if (subscriptions == subscription) {
            subscriptions = subscription.next;
            return;
        }
        for (Subscription s = subscriptions; s != null; s = s.next) {
            if (s.next == subscription) {
                s.next = subscription.next;
                return;
            }
        }
        throw new IllegalStateException("not a subscription of " + liteTopic);
    }
}
