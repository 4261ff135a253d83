package io.litetopic.proxy.registry;

import java.util.HashMap;
import java.util.Map;

/**
 * The lite topics of one bind topic and their quota.
 *
 * <p>A name counts while a group knows it, while a send of it is under way, and from the end of that send until the first
 * group has read the message. So the quota holds at every moment, also for sends that race for the last place.
 *
 * <p>Thread-safe; short critical sections, no I/O.
 */
public final class LiteTopicRegistry {
    private final int quota;
    private final Map<String, Entry> entries = new HashMap<>();

    public LiteTopicRegistry(int quota) {
        this.quota = quota;
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
        }
        removeIfUnused(liteTopic, entry);
    }

    /** A group has read its first message of the lite topic, or a client of the group subscribed to it. */
    public synchronized void groupKnows(String liteTopic) {
        Entry entry = entries.computeIfAbsent(liteTopic, name -> new Entry());
        entry.groups++;
        entry.unread = false;
    }

    /** A group has dropped the lite topic. */
    public synchronized void groupForgets(String liteTopic) {
        Entry entry = entries.get(liteTopic);
        if (entry != null) {
            entry.groups--;
            removeIfUnused(liteTopic, entry);
        }
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
    }
}
