package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Until when each queue is owned for sure. A lease that is over stays so, also if the answer to a renewal is on its way, and
 * {@link #firstEndNanos} stays in the past until who works with the queue has {@link #takeExpired taken} it: whoever finds it first,
 * nothing that waits to be done with the queue is done any more. Thread-safe.
 */
final class Leases {
    /** As good as for ever, in nanoseconds; half of the range, since nanosecond times are compared by their difference. */
    private static final long FAR = Long.MAX_VALUE / 2;

    private static final class Lease {
        final long id;
        long endNanos;

        Lease(long id, long endNanos) {
            this.id = id;
            this.endNanos = endNanos;
        }
    }

    // guarded by this
    private final Map<BrokerQueue, Lease> leases = new HashMap<>();
    /** Those that are over and not taken. */
    private final Set<BrokerQueue> expired = new TreeSet<>();

    private long lastId;
    private volatile long firstEndNanos = System.nanoTime() + FAR;

    /** No lease ends before this time of the monotonic clock. */
    long firstEndNanos() {
        return firstEndNanos;
    }

    /** @return the lease's number: another one each time */
    synchronized long grant(BrokerQueue queue, long endNanos) {
        leases.put(queue, new Lease(++lastId, endNanos));
        findFirst();
        return lastId;
    }

    /** @return false if there is no lease any more */
    synchronized boolean renew(BrokerQueue queue, long endNanos, long nowNanos) {
        Lease lease = leases.get(queue);
        if (lease == null || lease.endNanos - nowNanos < 0) {
            return false;
        }
        lease.endNanos = endNanos;
        findFirst();
        return true;
    }

    /** Who works with the queue has come to an end with it. */
    synchronized void end(BrokerQueue queue) {
        leases.remove(queue);
        findFirst();
    }

    /** The lease is over at once, whatever its time. */
    synchronized void revoke(BrokerQueue queue) {
        if (leases.remove(queue) != null) {
            expired.add(queue);
            findFirst();
        }
    }

    synchronized boolean has(BrokerQueue queue) {
        return leases.containsKey(queue);
    }

    /** Whether the lease of this number is the queue's. */
    synchronized boolean has(BrokerQueue queue, long id) {
        Lease lease = leases.get(queue);
        return lease != null && lease.id == id;
    }

    /** Ends those whose time is over. */
    synchronized void endExpired(long nowNanos) {
        leases.entrySet().removeIf(entry -> {
            boolean isOver = entry.getValue().endNanos - nowNanos < 0;
            if (isOver) {
                expired.add(entry.getKey());
            }
            return isOver;
        });
        findFirst();
    }

    /** Ends those whose time is over, and returns all that are over and were not returned before. */
    synchronized List<BrokerQueue> takeExpired(long nowNanos) {
        endExpired(nowNanos);
        List<BrokerQueue> taken = new ArrayList<>(expired);
        expired.clear();
        findFirst();
        return taken;
    }

    private void findFirst() {
        long now = System.nanoTime();
        long first = expired.isEmpty() ? now + FAR : now - FAR;
        for (Lease lease : leases.values()) {
            if (lease.endNanos - first < 0) {
                first = lease.endNanos;
            }
        }
        firstEndNanos = first;
    }
}
