package io.litetopic.proxy.registry;

import io.litetopic.proxy.table.NameTable;
import io.litetopic.proxy.table.Named;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
 * <p>About 32 bytes for each name beside the name itself, and 75 more while it waits to be read. Thread-safe;
 * short critical sections, no I/O.
 */
public final class LiteTopicRegistry {
    /** A group reads what is sent within moments; five minutes cover a broker's restart. */
    private static final long MAX_UNREAD_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final int quota;
    private final long maxUnreadNanos;
    private final LongSupplier clock;

    // guarded by this
    private final NameTable<Entry> entries = new NameTable<>();
    /** Sent and not yet read by any group, with the time of the last send, oldest first. */
    private final Map<String, Long> unreadSinceNanos = new LinkedHashMap<>();

    private static final class Entry implements Named {
        private final String name;
        int groups;
        int sends;

        Entry(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }
    }

    /** @param ttlNanos how long an unconsumed message of a lite topic lives; {@code Long.MAX_VALUE} for ever */
    public LiteTopicRegistry(int quota, long ttlNanos) {
        this(quota, ttlNanos, System::nanoTime);
    }

    /** @param clock monotonic, in ns */
    LiteTopicRegistry(int quota, long ttlNanos, LongSupplier clock) {
        this.quota = quota;
        this.maxUnreadNanos = Math.min(ttlNanos, MAX_UNREAD_NANOS);
        this.clock = clock;
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
            entry = add(liteTopic);
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
            unreadSinceNanos.remove(entry.name); // it is the youngest now
            unreadSinceNanos.put(entry.name, clock.getAsLong());
        }
        removeIfUnused(entry);
    }

    /**
     * A group has read its first message of the lite topic, or a client of the group subscribed to it.
     *
     * @return the name as the one instance that this registry keeps
     */
    public synchronized String groupKnows(String liteTopic) {
        Entry entry = entries.get(liteTopic);
        if (entry == null) {
            entry = add(liteTopic);
        }
        entry.groups++;
        unreadSinceNanos.remove(entry.name);
        return entry.name;
    }

    /** A group has dropped the lite topic. */
    public synchronized void groupForgets(String liteTopic) {
        Entry entry = entries.get(liteTopic);
        if (entry != null) {
            entry.groups--;
            removeIfUnused(entry);
        }
    }

    private Entry add(String liteTopic) {
        Entry entry = new Entry(liteTopic);
        entries.add(entry);
        return entry;
    }

    /** Cost: one look at each name that is dropped, and at those of them that are being sent once more. */
    private void dropLongUnread() {
        long now = clock.getAsLong();
        Iterator<Map.Entry<String, Long>> oldestFirst =
                unreadSinceNanos.entrySet().iterator();
        while (oldestFirst.hasNext()) {
            Map.Entry<String, Long> unread = oldestFirst.next();
            if (now - unread.getValue() < maxUnreadNanos) {
                return;
            }
            Entry entry = entries.get(unread.getKey());
            if (entry == null || entry.sends <= 0) {
                oldestFirst.remove();
                entries.remove(unread.getKey());
            }
        }
    }

    private void removeIfUnused(Entry entry) {
        if (entry.groups <= 0 && entry.sends <= 0 && !unreadSinceNanos.containsKey(entry.name)) {
            entries.remove(entry.name);
        }
    }
}
