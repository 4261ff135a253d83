package io.litetopic.proxy.registry;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The lite topics of one bind topic and their quota.
 *
 * <p>A name counts while a group knows it, while a send of it is under way, and from the end of that send until the first
 * group has read the message. So the quota holds at every moment, also for sends that race for the last place.
 *
 * <p>A send that ended in an error may have stored nothing, and then no group ever reads it; nor does this proxy if another one
 * serves the bind topic. So a name that only waits to be read is dropped after a while, once the quota is full.
 *
 * <p>Thread-safe; short critical sections, no I/O.
 */
public final class LiteTopicRegistry {
    /** A group reads what is sent within moments; five minutes cover a broker's restart. */
    private static final long MAX_UNREAD_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final long SWEEP_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int quota;
    private final long maxUnreadNanos;
    private final LongSupplier clock;
    private final Map<String, Entry> entries = new HashMap<>();

    private long sweptAtNanos;

    /** @param ttlNanos how long an unconsumed message of a lite topic lives; {@code Long.MAX_VALUE} for ever */
    public LiteTopicRegistry(int quota, long ttlNanos) {
        this(quota, ttlNanos, System::nanoTime);
    }

    /** @param clock monotonic, in ns */
    LiteTopicRegistry(int quota, long ttlNanos, LongSupplier clock) {
        this.quota = quota;
        this.maxUnreadNanos = Math.min(ttlNanos, MAX_UNREAD_NANOS);
        this.clock = clock;
        this.sweptAtNanos = clock.getAsLong() - SWEEP_PERIOD_NANOS;
    }

    public int quota() {
        return quota;
    }

    public synchronized int count() {
        return entries.size();
    }

    /**
     * A message for the lite topic is about to be sent. On {@code true} the caller must call {@link #sendEnded} once.
     *
     * @return false if the lite topic does not exist and would be one too many
     */
    public synchronized boolean sendStarts(String liteTopic) {
        Entry entry = entries.get(liteTopic);
        if (entry == null) {
            if (entries.size() >= quota) {
                dropLongUnread();
            }
            if (entries.size() >= quota) {
                return false;
            }
            entry = new Entry();
            entries.put(liteTopic, entry);
        }
        entry.sends++;
        return true;
    }

    /** @param accepted whether the broker may have the message */
    public synchronized void sendEnded(String liteTopic, boolean accepted) {
        Entry entry = entries.get(liteTopic);
        if (entry == null) {
            return;
        }
        entry.sends--;
        if (accepted && entry.groups == 0) {
            entry.unread = true;
            entry.unreadSinceNanos = clock.getAsLong();
        }
        removeIfUnused(liteTopic, entry);
    }

    /**
     * A group has read its first message of the lite topic, or a client of the group subscribed to it.
     *
     * @return the name as the one instance that this registry keeps
     */
    public synchronized String groupKnows(String liteTopic) {
        Entry entry = entries.computeIfAbsent(liteTopic, name -> new Entry());
        entry.groups++;
        entry.unread = false;
        return liteTopic;
    }

    /** A group has dropped the lite topic. */
    public synchronized void groupForgets(String liteTopic) {
        Entry entry = entries.get(liteTopic);
        if (entry != null) {
            entry.groups--;
            removeIfUnused(liteTopic, entry);
        }
    }

    private void dropLongUnread() {
        long now = clock.getAsLong();
        if (now - sweptAtNanos < SWEEP_PERIOD_NANOS) {
            return; // a full quota refuses many sends, and each would look at every entry
        }
        sweptAtNanos = now;
        entries.values()
                .removeIf(entry ->
                        entry.groups <= 0 && entry.sends <= 0 && now - entry.unreadSinceNanos >= maxUnreadNanos);
    }

    private void removeIfUnused(String liteTopic, Entry entry) {
        if (entry.groups <= 0 && entry.sends <= 0 && !entry.unread) {
            entries.remove(liteTopic);
        }
    }

    private static final class Entry {
        int groups;
        int sends;
        boolean unread;
        long unreadSinceNanos;
    }
}
