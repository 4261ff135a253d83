package io.litetopic.it.fault;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** One fault that was injected, and what was seen from then until the next one. Thread-safe. */
final class FaultWindow {
    // longer than the journal's flush interval of 100 ms, since the acceptance is seen late on a busy machine
    private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final FaultKind kind;
    private final String target;
    private final long beganNanos = System.nanoTime();
    private final AtomicLong endedNanos = new AtomicLong(Long.MAX_VALUE);
    private long lastDeliveryNanos = beganNanos; // guarded by this, as the next one
    private long silenceNanos;
    private long longestWaitNanos;
    private final Map<Finding, AtomicInteger> findings = new EnumMap<>(Finding.class);
    private volatile long recoveredNanos; // 0 before, beganNanos if nobody noticed

    FaultWindow(FaultKind kind, String target) {
        this.kind = kind;
        this.target = target;
        for (Finding finding : Finding.values()) {
            findings.put(finding, new AtomicInteger());
        }
    }

    FaultKind kind() {
        return kind;
    }

    long beganNanos() {
        return beganNanos;
    }

    /** The servers and links are whole again. */
    void ended() {
        endedNanos.set(System.nanoTime());
    }

    void recovered(long atNanos) {
        recoveredNanos = atNanos;
    }

    /** A message reached a listener. */
    synchronized void delivered(long atNanos) {
        if (recoveredNanos != 0) {
            return; // what is silent later, such as a drained group, is not its doing
        }
        silenceNanos = Math.max(silenceNanos, atNanos - lastDeliveryNanos);
        lastDeliveryNanos = Math.max(lastDeliveryNanos, atNanos);
    }

    /** A stored message of a probe has been waiting for that time. */
    synchronized void waited(long nanos) {
        longestWaitNanos = Math.max(longestWaitNanos, nanos);
    }

    void count(Finding finding) {
        counter(finding).incrementAndGet();
    }

    int number(Finding finding) {
        return counter(finding).get();
    }

    /** The longest time in which no consumer got any message. */
    synchronized long silenceMillis() {
        return TimeUnit.NANOSECONDS.toMillis(silenceNanos);
    }

    /** The longest time that a message of a probe waited from when it was stored until it was handled. */
    synchronized long longestWaitMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestWaitNanos);
    }

    /** Until everything flowed as before; -1 if it never did. */
    long recoveryMillis() {
        long at = recoveredNanos;
        return at == 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(at - beganNanos);
    }

    /** Whether an ack that the server accepted at that time may have been forgotten because of this fault. */
    boolean mayForget(long acceptedNanos) {
        return switch (kind.forgets()) {
            case NOTHING -> false;
            case LAST_FLUSH -> acceptedNanos >= beganNanos - FLUSH_NANOS && acceptedNanos <= beganNanos + FLUSH_NANOS;
            case WHILE_IT_LASTS ->
                acceptedNanos >= beganNanos - FLUSH_NANOS && acceptedNanos - FLUSH_NANOS <= endedNanos.get();
        };
    }

    private AtomicInteger counter(Finding finding) {
        return requireNonNull(findings.get(finding));
    }

    @Override
    public String toString() {
        return kind + " of " + target;
    }
}
