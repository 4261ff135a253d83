package io.litetopic.it.fault;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reports to another process, a line each. The end of a listener call is acknowledged from there before the consumer may go on: so whatever
 * the server does because of it happens after the other process knew. Thread-safe.
 *
 * <pre>
 * BEGAN id nanos liteTopic number
 * ENDED id nanos result suspendMillis       answered by OK id
 * SETTLED id outcome sentNanos answeredNanos
 * </pre>
 */
final class PipeHistory implements History {
    static final String BEGAN = "BEGAN";
    static final String ENDED = "ENDED";
    static final String SETTLED = "SETTLED";
    static final String OK = "OK";

    private final PrintStream out;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, CountDownLatch> unacknowledged = new ConcurrentHashMap<>();

    PipeHistory(PrintStream out) {
        this.out = out;
    }

    /** The other process has taken note of the end of that delivery. */
    void acknowledged(long delivery) {
        @Nullable CountDownLatch latch = unacknowledged.remove(delivery);
        if (latch != null) {
            latch.countDown();
        }
    }

    @Override
    public long began(String consumer, String liteTopic, int number, long atNanos) {
        long id = ids.incrementAndGet();
        out.println(BEGAN + " " + id + " " + atNanos + " " + liteTopic + " " + number);
        return id;
    }

    @Override
    public void ended(long delivery, Result result, long suspendMillis, long atNanos) {
        CountDownLatch latch = new CountDownLatch(1);
        unacknowledged.put(delivery, latch);
        out.println(ENDED + " " + delivery + " " + atNanos + " " + result + " " + suspendMillis);
        try {
            latch.await(); // for ever: without the other process this one ends anyway
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reporting the end of a delivery", e);
        }
    }

    @Override
    public void settled(long delivery, Outcome outcome, long sentNanos, long answeredNanos) {
        out.println(SETTLED + " " + delivery + " " + outcome + " " + sentNanos + " " + answeredNanos);
    }
}
