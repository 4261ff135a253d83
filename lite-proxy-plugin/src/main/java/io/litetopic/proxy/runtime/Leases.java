package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Until when each queue is owned for sure. Once the engine has found a lease expired it stays so, also if the answer to a renewal is
 * on its way. Thread-safe.
 */
final class Leases {
    /** As good as for ever, in nanoseconds; half of the range, since nanosecond times are compared by their difference. */
    private static final long FAR = Long.MAX_VALUE / 2;

    private final Map<BrokerQueue, Long> ends = new HashMap<>(); // guarded by this
    private volatile long firstEndNanos = System.nanoTime() + FAR;

    /** No lease ends before this time of the monotonic clock. */
    long firstEndNanos() {
        return firstEndNanos;
    }

    synchronized void grant(BrokerQueue queue, long endNanos) {
        ends.put(queue, endNanos);
        findFirst();
    }

    /** @return false if there is no lease any more */
    synchronized boolean renew(BrokerQueue queue, long endNanos, long nowNanos) {
        Long end = ends.get(queue);
        if (end == null || end - nowNanos < 0) {
            return false;
        }
        ends.put(queue, endNanos);
        findFirst();
        return true;
    }

    synchronized void end(BrokerQueue queue) {
        ends.remove(queue);
        findFirst();
    }

    synchronized boolean has(BrokerQueue queue) {
        return ends.containsKey(queue);
    }

    /** Ends those whose time is over, and returns them. */
    synchronized List<BrokerQueue> takeExpired(long nowNanos) {
        if (firstEndNanos - nowNanos >= 0) {
            return new ArrayList<>();
        }
        List<BrokerQueue> expired = new ArrayList<>();
        ends.forEach((queue, end) -> {
            if (end - nowNanos < 0) {
                expired.add(queue);
            }
        });
        expired.forEach(ends::remove);
        findFirst();
        return expired;
    }

    private void findFirst() {
        long first = System.nanoTime() + FAR;
        for (long end : ends.values()) {
            if (end - first < 0) {
                first = end;
            }
        }
        firstEndNanos = first;
    }
}
