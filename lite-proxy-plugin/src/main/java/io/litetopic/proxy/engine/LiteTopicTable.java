package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.table.NameTable;
import io.litetopic.proxy.table.Named;
import io.litetopic.proxy.timer.TimerWheel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lite topics that exist for the group, and when each of them ends. Owner: engine thread.
 *
 * <p>With a time to live, a lite topic ends when that has passed since its last message or its first subscription, or since it was
 * last held or suspended; without one, when it has neither messages nor subscribers. The time is looked at when it may be over, at
 * most a thousandth of it late, by a timer wheel; nothing is moved while a lite topic is used.
 */
final class LiteTopicTable {
    private static final int TICKS_PER_TTL = 1_024;
    /** A queue that is read from far behind may hold younger messages: look again after so many ticks. */
    private static final int CATCH_UP_TICKS = 8;
    /** Brokers answer a read with so many messages at most by default. */
    private static final int WARM_AT_ONCE = 32;
    /** Spent backlogs that are kept for reuse. */
    private static final int MAX_SPENT = 1_024;

    private final EngineEffects effects;
    private final QueueTable queues;
    private final EngineSettings settings;
    private final ChangeLog changeLog;
    private final long ttlNanos;
    private final long tickNanos;
    private final NameTable<Mailbox> mailboxes = new NameTable<>();
    private final TimerWheel<Mailbox> expiry;
    private final ArrayDeque<Mailbox> expired = new ArrayDeque<>();
    private final String[] warmNames = new String[WARM_AT_ONCE];
    private final @Nullable Named[] warmEntries = new Named[WARM_AT_ONCE];
    int warmed; // written only, so that the reads are not left out
    private final ArrayDeque<Backlog> spent = new ArrayDeque<>();
    private Consumer<Mailbox> removed = mailbox -> {};

    LiteTopicTable(EngineEffects effects, QueueTable queues, EngineSettings settings, ChangeLog changeLog) {
        this.effects = effects;
        this.queues = queues;
        this.settings = settings;
        this.changeLog = changeLog;
        this.ttlNanos = settings.ttlNanos();
        this.tickNanos = Math.max(1, ttlNanos / TICKS_PER_TTL);
        this.expiry = new TimerWheel<>(tickNanos);
    }

    /** Calls {@code listener} with each lite topic that ends. */
    void whenRemoved(Consumer<Mailbox> listener) {
        removed = listener;
    }

    @Nullable
    Mailbox get(String liteTopic) {
        return mailboxes.get(liteTopic);
    }

    /** Makes the lookups to come of these messages' lite topics faster, see {@link NameTable#warm}. */
    void warm(List<BrokerMessage> messages) {
        int count = 0;
        for (BrokerMessage message : messages) {
            String name = message.liteTopic();
            if (name != null && count < WARM_AT_ONCE) {
                warmNames[count++] = name;
            }
        }
        int read = mailboxes.warm(warmNames, count, warmEntries);
        for (int i = 0; i < count; i++) {
            Mailbox mailbox = (Mailbox) warmEntries[i];
            Subscription subscription = mailbox == null ? null : mailbox.subscriptions;
            read += subscription != null && subscription.inRing ? 1 : 0;
        }
        warmed = read;
    }

    @Nullable
    Backlog backlogOf(String liteTopic) {
        Mailbox mailbox = mailboxes.get(liteTopic);
        return mailbox == null ? null : mailbox.backlog;
    }

    Mailbox getOrCreate(String liteTopic, long activityNanos) {
        Mailbox mailbox = mailboxes.get(liteTopic);
        if (mailbox == null) {
            mailbox = create(liteTopic, activityNanos);
            changeLog.created(mailbox);
        }
        return mailbox;
    }

    private Mailbox create(String liteTopic, long activityNanos) {
        Mailbox mailbox = new Mailbox(effects.liteTopicCreated(liteTopic));
        mailbox.lastActivityNanos = activityNanos;
        mailboxes.add(mailbox);
        return mailbox;
    }

    /** The queue's journal knows the lite topic; {@link #restored} must follow. */
    Mailbox restore(String liteTopic, int slot, boolean everHadMessage, long activityNanos) {
        Mailbox mailbox = mailboxes.get(liteTopic);
        if (mailbox == null) {
            mailbox = create(liteTopic, activityNanos);
        }
        mailbox.lastActivityNanos = Math.max(mailbox.lastActivityNanos, activityNanos);
        changeLog.restored(mailbox, slot, everHadMessage);
        return mailbox;
    }

    /** A message of the lite topic came from this queue. */
    void cameFrom(Mailbox mailbox, int slot) {
        changeLog.cameFrom(mailbox, slot);
    }

    /** The lite topic is used at this time, or was. */
    void active(Mailbox mailbox, long nanos) {
        changeLog.active(mailbox, nanos);
    }

    Backlog backlog(Mailbox mailbox) {
        Backlog backlog = mailbox.backlog;
        if (backlog == null) {
            LiteTopicRule rule = settings.rules().of(mailbox.liteTopic);
            backlog = spent.pollLast();
            if (backlog == null) {
                backlog = new Backlog(mailbox, rule);
            } else {
                backlog.reuse(mailbox, rule);
            }
            mailbox.backlog = backlog;
        }
        return backlog;
    }

    /** Call it after the first activity of a new mailbox. */
    void scheduleExpiry(Mailbox mailbox, long nowNanos) {
        if (ttlNanos != EngineSettings.NO_TTL && !mailbox.isScheduled()) {
            expiry.schedule(mailbox, deadline(mailbox.lastActivityNanos), nowNanos);
        }
    }

    /**
     * All that a journal knows of the lite topic is here. With a time to live it waits for its subscribers, who come back later, until
     * that is over.
     */
    void restored(Mailbox mailbox, long nowNanos) {
        scheduleExpiry(mailbox, nowNanos);
        if (ttlNanos == EngineSettings.NO_TTL || mailbox.everHadMessage) {
            retireIfUnused(mailbox, nowNanos);
        }
    }

    /** Finds the mailboxes whose time is up; {@link #pollExpired} has them. */
    void fireExpiry(long nowNanos) {
        expiry.fire(nowNanos, mailbox -> {
            long expiresAt = expiresAt(mailbox, nowNanos);
            if (expiresAt > nowNanos) {
                expiry.schedule(mailbox, expiresAt, nowNanos);
            } else if (mayHoldMore(mailbox)) {
                expiry.schedule(mailbox, nowNanos + CATCH_UP_TICKS * tickNanos, nowNanos);
            } else if (!mailbox.everHadMessage && !effects.isResponsibleFor(mailbox.liteTopic)) {
                expiry.schedule(mailbox, deadline(nowNanos), nowNanos); // its messages are seen elsewhere
            } else {
                expired.addLast(mailbox);
            }
        });
    }

    @Nullable
    Mailbox pollExpired() {
        return expired.pollFirst();
    }

    /** A younger message of it may be among those that are not read yet. */
    private boolean mayHoldMore(Mailbox mailbox) {
        return mailbox.everHadMessage ? queues.isBehind(mailbox.lastSlot) : queues.isAnyBehind();
    }

    private long expiresAt(Mailbox mailbox, long nowNanos) {
        Backlog backlog = mailbox.backlog;
        switch (mailbox.state()) {
            case SUSPENDED:
                return backlog == null ? nowNanos : deadline(backlog.timer.deadlineNanos());
            case LEASED:
            case DEAD_LETTERING:
                return deadline(nowNanos);
            default:
                if (backlog != null
                        && backlog.gaps != null
                        && (backlog.isWaitingForTail() || backlog.messages.isEmpty())) {
                    return nowNanos + CATCH_UP_TICKS * tickNanos; // its messages are being looked for
                }
                if (backlog != null && !backlog.messages.isEmpty() && settings.onExpiry() == ExpiryPolicy.KEEP) {
                    return deadline(nowNanos);
                }
                if (backlog == null) {
                    return deadline(mailbox.lastActivityNanos);
                }
                long idleUntil = deadline(Math.max(mailbox.lastActivityNanos, backlog.resumeAtNanos));
                // One that came again would not know how much of its rate limit is used up.
                return backlog.messages.isEmpty() ? Math.max(idleUntil, backlog.rateTimeNanos) : idleUntil;
        }
    }

    /** The time plus the time to live: far in the future if that is too far for a number. */
    private long deadline(long nanos) {
        long deadline = nanos + ttlNanos;
        return ((nanos ^ deadline) & (ttlNanos ^ deadline)) < 0 ? Long.MAX_VALUE : deadline;
    }

    /** Its time may be over: looks at it with the next tick. */
    void lookSoon(Mailbox mailbox, long nowNanos) {
        expiry.schedule(mailbox, nowNanos, nowNanos);
    }

    /** The mailbox has become empty or has lost its last subscriber. */
    void retireIfUnused(Mailbox mailbox, long nowNanos) {
        Backlog backlog = mailbox.backlog;
        if (backlog != null && backlog.skipBelow != null && queues.areReadUpTo(backlog.skipBelow)) {
            backlog.skipBelow = null;
        }
        if (backlog != null
                && backlog.awaitedHead != Backlog.NONE
                && backlog.gaps == null
                && queues.isReadPast(backlog.awaitedHead)) {
            backlog.awaitedHead = Backlog.NONE; // the broker does not have it any more
            backlog.headAttempts = 0;
            changeLog.changed(mailbox);
        }
        if (backlog != null && backlog.isSpent(nowNanos)) {
            mailbox.backlog = null;
            if (backlog.wildcardEntry != null) {
                backlog.wildcardEntry.removed = true;
            }
            if (spent.size() < MAX_SPENT && backlog.isReusable()) {
                spent.addLast(backlog);
            }
        }
        boolean isUnused = mailbox.backlog == null && mailbox.subscriptions == null;
        boolean isKnown = mailboxes.get(mailbox.liteTopic) == mailbox;
        if (isUnused && isKnown && (ttlNanos == EngineSettings.NO_TTL || !mailbox.everHadMessage)) {
            remove(mailbox);
        }
    }

    /** The lite topic is no more. */
    void remove(Mailbox mailbox) {
        removed.accept(mailbox);
        expiry.cancel(mailbox);
        mailboxes.remove(mailbox.liteTopic);
        changeLog.removed(mailbox);
        effects.liteTopicRemoved(mailbox.liteTopic);
    }

    long nextDeadlineNanos() {
        return expiry.nextDeadlineNanos();
    }

    void forEach(Consumer<Mailbox> action) {
        mailboxes.forEach(action);
    }

    /** See {@link NameTable#slices()}. */
    int slices() {
        return mailboxes.slices();
    }

    void forEachOfSlice(int slice, Consumer<Mailbox> action) {
        mailboxes.forEachOfSlice(slice, action);
    }

    int size() {
        return mailboxes.size();
    }

    List<Mailbox> snapshot() {
        List<Mailbox> all = new ArrayList<>(mailboxes.size());
        mailboxes.forEach(all::add);
        return all;
    }
}
