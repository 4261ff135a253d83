package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lite topics that exist for the group, and when each of them ends. Owner: engine thread.
 *
 * <p>With a time to live, a lite topic ends when that has passed since its last message, or since it was last held or
 * suspended; without one, when it has neither messages nor subscribers.
 */
final class LiteTopicTable {
    private static final long CATCH_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EngineEffects effects;
    private final QueueTable queues;
    private final long ttlNanos;
    private final Map<String, Mailbox> mailboxes = new HashMap<>();
    private final TimerQueue<Mailbox> expiryTimers = new TimerQueue<>();

    LiteTopicTable(EngineEffects effects, QueueTable queues, long ttlNanos) {
        this.effects = effects;
        this.queues = queues;
        this.ttlNanos = ttlNanos;
    }

    @Nullable
    Mailbox get(String liteTopic) {
        return mailboxes.get(liteTopic);
    }

    Mailbox getOrCreate(String liteTopic, long activityNanos) {
        Mailbox mailbox = mailboxes.get(liteTopic);
        if (mailbox == null) {
            mailbox = new Mailbox(liteTopic);
            mailbox.lastActivityNanos = activityNanos;
            mailboxes.put(liteTopic, mailbox);
            effects.liteTopicCreated(liteTopic);
        }
        return mailbox;
    }

    /** Call it after the first activity of a new mailbox. */
    void scheduleExpiry(Mailbox mailbox) {
        if (ttlNanos != EngineSettings.NO_TTL && !mailbox.expiryTimer.isScheduled()) {
            expiryTimers.schedule(mailbox.expiryTimer, mailbox.lastActivityNanos + ttlNanos);
        }
    }

    /** A mailbox whose time is up, out of those whose timer is due; null when there is none left. */
    @Nullable
    Mailbox pollExpired(long nowNanos) {
        Timer<Mailbox> timer;
        while ((timer = expiryTimers.pollDue(nowNanos)) != null) {
            Mailbox mailbox = timer.target();
            long expiresAt = expiresAt(mailbox, nowNanos);
            if (expiresAt > nowNanos) {
                expiryTimers.schedule(mailbox.expiryTimer, expiresAt);
            } else if (queues.isBehind(mailbox.lastSlot)) {
                // A younger message of it may be among those that are not read yet.
                expiryTimers.schedule(mailbox.expiryTimer, nowNanos + CATCH_UP_NANOS);
            } else {
                return mailbox;
            }
        }
        return null;
    }

    private long expiresAt(Mailbox mailbox, long nowNanos) {
        switch (mailbox.state()) {
            case SUSPENDED:
                return mailbox.resumeAtNanos + ttlNanos;
            case LEASED:
            case DEAD_LETTERING:
                return nowNanos + ttlNanos;
            default:
                return mailbox.lastActivityNanos + ttlNanos;
        }
    }

    /** Its time is up and its messages are dropped: it goes, or, with subscribers, starts anew. */
    void expired(Mailbox mailbox, long nowNanos) {
        mailbox.resumeAtNanos = Mailbox.NOT_SUSPENDED;
        if (mailbox.subscriptions.isEmpty()) {
            remove(mailbox);
        } else {
            mailbox.lastActivityNanos = nowNanos;
            scheduleExpiry(mailbox);
        }
    }

    /** The mailbox has become empty or has lost its last subscriber. */
    void retireIfUnused(Mailbox mailbox) {
        boolean isUnused = mailbox.state() == MailboxState.IDLE && mailbox.subscriptions.isEmpty();
        if (isUnused && (ttlNanos == EngineSettings.NO_TTL || !mailbox.everHadMessage)) {
            remove(mailbox);
        }
    }

    private void remove(Mailbox mailbox) {
        expiryTimers.cancel(mailbox.expiryTimer);
        mailboxes.remove(mailbox.liteTopic);
        effects.liteTopicRemoved(mailbox.liteTopic);
    }

    long nextDeadlineNanos() {
        return expiryTimers.nextDeadlineNanos();
    }

    Set<String> names() {
        return Collections.unmodifiableSet(mailboxes.keySet());
    }

    List<Mailbox> snapshot() {
        return new ArrayList<>(mailboxes.values());
    }
}
