package io.litetopic.lite.policy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;

/**
 * Lite topics that wait for permits of one limiter, in the order in which they came first. Each has a ticket with the time
 * that it was told to come back, and finds a permit then: those who come without a ticket do not take what others were
 * promised.
 *
 * <p>Who was told to come may be late, since a suspend ends a few milliseconds late, or may never come, since another
 * consumer got the lite topic. A permit is kept for it during its <em>grace</em>, which doubles each time that it came and
 * found nothing; after that others may have the permit, and the ticket only keeps its place in the order for 10 s more. So
 * permits do not lie idle for somebody absent, and nobody who comes back starves: those before it get fewer, and those
 * behind it have to leave it a permit once its grace is longer than it is late.
 *
 * <p>Costs O(log tickets), apart from a look at those who are due, which ends after {@link #MAX_LOOKUPS}. Not thread-safe.
 */
final class WaitingLine {

    private static final long MAX_GRACE_NANOS = 1_000_000_000L;
    private static final long ABSENT_NANOS = 10_000_000_000L;
    private static final int MAX_DOUBLINGS = 10;

    // Of all lines, since one that is empty is dropped while a ticket that it gave out may still return.
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** Where counting stops; an estimate is then too early, and the next one better. */
    private static final int MAX_LOOKUPS = 10_000;

    /** A place in the order, and what it was promised. */
    static final class Ticket {
        private final String owner;
        private final long number;
        private int misses;
        private long waitNanos;

        // The line is sorted by these: they change only while the ticket is in no set.
        private long promiseNanos;
        private long graceEndNanos;
        private long dropNanos;
        private boolean isAbsent;

        private Ticket(String owner, long number) {
            this.owner = owner;
            this.number = number;
        }

        /** 0 if its owner was let through, else when it should come back, in whole milliseconds. */
        long waitNanos() {
            return waitNanos;
        }
    }

    private final Map<String, Ticket> byOwner = new HashMap<>();
    private final TreeMap<Long, Ticket> byNumber = new TreeMap<>();
    // Differences, as nanosecond times may overflow.
    private final TreeSet<Ticket> byPromise =
            new TreeSet<>(inOrderOf((one, other) -> Long.signum(one.promiseNanos - other.promiseNanos)));
    private final TreeSet<Ticket> absentByDrop =
            new TreeSet<>(inOrderOf((one, other) -> Long.signum(one.dropNanos - other.dropNanos)));

    private static Comparator<Ticket> inOrderOf(Comparator<Ticket> time) {
        return time.thenComparingLong(ticket -> ticket.number);
    }

    /**
     * Lets a lite topic through, or says when to come back.
     *
     * @param free permits that are there now
     * @param horizonNanos a permit that is taken now is missing for those who were promised one within this time
     * @param estimate time until that many permits and one more are there, if nobody takes any
     * @param graceNanos for how long a permit is kept for this lite topic, at first
     */
    Ticket ask(String owner, long nowNanos, long free, long horizonNanos, LongUnaryOperator estimate, long graceNanos) {
        retire(nowNanos);
        Ticket found = byOwner.get(owner);
        Ticket ticket = found == null ? new Ticket(owner, NUMBERS.incrementAndGet()) : found;
        boolean isNew = found == null;
        boolean isDue = !isNew && nowNanos - ticket.promiseNanos >= 0;
        long promised = isNew && horizonNanos == Long.MAX_VALUE
                ? byNumber.size()
                : promisedBefore(ticket, nowNanos, isDue ? 0 : horizonNanos, free);
        boolean isLetThrough = free > promised;
        if (!isLetThrough && !isNew && !isDue) {
            ticket.waitNanos = SuspendTimes.ceilToMillis(ticket.promiseNanos - nowNanos);
            return ticket;
        }
        if (!isNew) {
            remove(ticket);
        }
        if (isLetThrough) {
            ticket.waitNanos = 0;
            return ticket;
        }
        if (isDue) {
            ticket.misses = Math.min(ticket.misses + 1, MAX_DOUBLINGS);
        }
        ticket.waitNanos =
                SuspendTimes.ceilToMillis(estimate.applyAsLong(isNew ? byNumber.size() : countBefore(ticket)));
        long longest = Math.max(graceNanos, MAX_GRACE_NANOS);
        promise(ticket, nowNanos, Math.min(graceNanos << ticket.misses, longest));
        return ticket;
    }

    /**
     * Somebody who was let through did not take the permit, and comes again: it keeps its place in the order. No permit is
     * kept for it, since it may stay away for long.
     */
    void returnsLater(Ticket ticket, long nowNanos, long returnsInNanos) {
        if (byOwner.putIfAbsent(ticket.owner, ticket) == null) {
            ticket.promiseNanos = nowNanos;
            ticket.dropNanos = nowNanos + returnsInNanos + ABSENT_NANOS;
            ticket.isAbsent = true;
            absentByDrop.add(ticket);
        }
    }

    boolean isEmpty(long nowNanos) {
        retire(nowNanos);
        return byOwner.isEmpty();
    }

    /** Counts, up to a limit, those before a ticket for whom a permit is kept that is due within a time. */
    private long promisedBefore(Ticket ticket, long nowNanos, long horizonNanos, long limit) {
        long count = 0;
        int lookups = 0;
        for (Ticket other : byPromise) {
            lookups++;
            if (count >= limit || lookups > MAX_LOOKUPS || other.promiseNanos - nowNanos > horizonNanos) {
                break;
            }
            if (other.number < ticket.number) {
                count++;
            }
        }
        return count;
    }

    private long countBefore(Ticket ticket) {
        long count = 0;
        for (Long number : byNumber.keySet()) {
            if (number >= ticket.number || count >= MAX_LOOKUPS) {
                break;
            }
            count++;
        }
        return count;
    }

    private void promise(Ticket ticket, long nowNanos, long graceNanos) {
        ticket.promiseNanos = nowNanos + ticket.waitNanos;
        ticket.graceEndNanos = ticket.promiseNanos + graceNanos;
        ticket.dropNanos = ticket.graceEndNanos + ABSENT_NANOS;
        ticket.isAbsent = false;
        byOwner.put(ticket.owner, ticket);
        byNumber.put(ticket.number, ticket);
        byPromise.add(ticket);
    }

    private void remove(Ticket ticket) {
        byOwner.remove(ticket.owner);
        if (ticket.isAbsent) {
            absentByDrop.remove(ticket);
        } else {
            byNumber.remove(ticket.number);
            byPromise.remove(ticket);
        }
    }

    private void retire(long nowNanos) {
        while (!byPromise.isEmpty() && nowNanos - byPromise.first().graceEndNanos >= 0) {
            Ticket late = byPromise.first();
            byPromise.remove(late);
            byNumber.remove(late.number);
            late.isAbsent = true;
            absentByDrop.add(late);
        }
        while (!absentByDrop.isEmpty() && nowNanos - absentByDrop.first().dropNanos >= 0) {
            byOwner.remove(absentByDrop.pollFirst().owner);
        }
    }
}
