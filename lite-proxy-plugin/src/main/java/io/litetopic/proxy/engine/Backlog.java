package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxMoves;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.PendingMessages;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.timer.Timer;
import org.jspecify.annotations.Nullable;

/**
 * What a lite topic has to deliver, and how far that is. The first {@link #inHand} messages are with the holder of the lease, the
 * others wait. Owner: engine thread.
 */
final class Backlog {
    static final long NOT_SUSPENDED = Long.MIN_VALUE;
    static final long NONE = -1;
    private static final int ALL = -1;

    Mailbox mailbox;
    final PendingMessages messages = new PendingMessages();
    LiteTopicRule rule;
    /** Resume time while SUSPENDED, deadline of the lease while LEASED. */
    final Timer<Backlog> timer = new Timer<>(this);

    private MailboxState state = MailboxState.IDLE;
    int inHand;
    /** Failed deliveries of the first message. */
    int headAttempts;
    /** Of a journal: the message that {@link #headAttempts} belongs to, which is still to be read; otherwise {@link #NONE}. */
    long awaitedHead = NONE;

    @Nullable
    Lease lease; // non-null exactly while LEASED

    /**
     * Nothing is delivered before. It outlives the lease under which it was asked for: a suspend may overtake the acks of earlier
     * messages of the same delivery, and the message in front may be on its way to the dead letter queue.
     */
    long resumeAtNanos = NOT_SUSPENDED;

    /** The lease under which the last suspend was asked for. */
    long suspendedLeaseId;

    /** Messages that it may still deliver in this turn of the ring. */
    int deficit;
    /** When the next message would be due at exactly the rate limit. */
    long rateTimeNanos = Long.MIN_VALUE;
    /** The first message is being read again; the mailbox is in no ring meanwhile. */
    boolean rereading;
    /** It has been in lists of reads, and may be in one still. */
    boolean wasReread;
    /** Messages, from the first on, that go to the dead letter queue because their time to live is over. */
    int expiring;

    // place among the mailboxes whose bodies may go
    boolean evictable;

    @Nullable
    Backlog nextEvictable;

    @Nullable
    Backlog previousEvictable;

    /** Class of size in {@link IndexBudget}. */
    int indexClass;

    /** Linked by {@link Gap#next}. */
    @Nullable
    Gap gaps;

    /** By queue slot: messages before are not wanted. Null: all are. */
    long @Nullable [] skipBelow;

    /** By queue slot: before these offsets also what is done already is delivered, since the lite topic started anew. */
    long @Nullable [] replayBelow;

    /** Once the gaps are filled only so many of the last messages are kept; negative: all. */
    int keepLast = ALL;

    /** Where the lite topic is to start anew as soon as nobody holds deliveries of it. */
    @Nullable
    StartPoint requestedStart;

    /** Place in the ring of a wildcard group. */
    @Nullable
    RingEntry wildcardEntry;

    Backlog(Mailbox mailbox, LiteTopicRule rule) {
        this.mailbox = mailbox;
        this.rule = rule;
    }

    /** A spent backlog becomes that of another mailbox: it is as new, and still in the processor's cache. */
    void reuse(Mailbox next, LiteTopicRule nextRule) {
        if (state != MailboxState.IDLE || !messages.isEmpty() || timer.isScheduled() || evictable || gaps != null) {
            throw new IllegalStateException("in use: liteTopic=" + mailbox.liteTopic + " state=" + state);
        }
        mailbox = next;
        rule = nextRule;
        headAttempts = 0;
        awaitedHead = NONE;
        resumeAtNanos = NOT_SUSPENDED;
        suspendedLeaseId = 0;
        deficit = 0;
        rateTimeNanos = Long.MIN_VALUE;
        expiring = 0;
        replayBelow = null;
        keepLast = ALL;
        wildcardEntry = null;
    }

    boolean isReusable() {
        return !wasReread && !timer.isScheduled();
    }

    MailboxState state() {
        return state;
    }

    void move(MailboxEvent event) {
        state = MailboxMoves.next(state, event);
    }

    /** Only the last messages are wanted, and which these are is not known yet. */
    boolean isWaitingForTail() {
        return keepLast >= 0 && gaps != null;
    }

    void wantAllMessages() {
        keepLast = ALL;
    }

    @Nullable
    Gap gapOf(int slot) {
        for (Gap gap = gaps; gap != null; gap = gap.next) {
            if (gap.slot == slot) {
                return gap;
            }
        }
        return null;
    }

    void addGap(Gap gap) {
        gap.next = gaps;
        gaps = gap;
    }

    void removeGap(Gap gone) {
        if (gaps == gone) {
            gaps = gone.next;
            return;
        }
        for (Gap gap = gaps; gap != null; gap = gap.next) {
            if (gap.next == gone) {
                gap.next = gone.next;
                return;
            }
        }
        throw new IllegalStateException("not a gap of " + mailbox.liteTopic);
    }

    /**
     * Another queue than {@code slot} of which messages wait here: that of the last one, or of a gap; {@link GroupEngine#NO_SLOT} for
     * none.
     */
    int slotOfOthers(int slot) {
        if (!messages.isEmpty() && Position.slot(messages.lastPosition()) != slot) {
            return Position.slot(messages.lastPosition());
        }
        for (Gap gap = gaps; gap != null; gap = gap.next) {
            if (gap.slot != slot && gap.messages > 0) {
                return gap.slot;
            }
        }
        return GroupEngine.NO_SLOT;
    }

    boolean isUnwanted(int slot, long queueOffset) {
        return skipBelow != null && slot < skipBelow.length && queueOffset < skipBelow[slot];
    }

    long replayBelow(int slot) {
        return replayBelow == null || slot >= replayBelow.length ? 0 : replayBelow[slot];
    }

    /** The queue is lost, and was read up to the offset: what was not wanted before that has been skipped. */
    void queueLost(int slot, long readUpTo) {
        if (skipBelow != null && slot < skipBelow.length && skipBelow[slot] <= readUpTo) {
            skipBelow[slot] = 0;
        }
        if (replayBelow != null && slot < replayBelow.length) {
            replayBelow[slot] = 0;
        }
        if (awaitedHead != NONE && Position.slot(awaitedHead) == slot) {
            awaitedHead = NONE;
            headAttempts = 0;
        }
    }

    /** The first message has come, and the failed deliveries that were recorded are those of one that is gone. */
    boolean hasOtherHeadThanAwaited() {
        return awaitedHead != NONE && awaitedHead != messages.firstPosition();
    }

    /** Until when this must be remembered though nothing waits; in the past if it need not. */
    long rememberUntilNanos() {
        return Math.max(resumeAtNanos, rateTimeNanos);
    }

    /** Whether this can be forgotten: a new one would do the same. */
    boolean isSpent(long nowNanos) {
        return state == MailboxState.IDLE
                && rememberUntilNanos() <= nowNanos
                && gaps == null
                && skipBelow == null
                && awaitedHead == NONE
                && requestedStart == null;
    }
}
