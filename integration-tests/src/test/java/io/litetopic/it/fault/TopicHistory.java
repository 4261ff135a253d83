package io.litetopic.it.fault;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What has happened in one lite topic, and whether it was right. Messages are numbered from 0, each send once: one that failed may
 * have been stored nevertheless, so it may be delivered or not, in any place, and a new number follows. What was settled long ago
 * is forgotten. Thread-safe.
 */
final class TopicHistory {
    /** Takes findings; called with the lock of the lite topic held, so it must not call back. */
    @FunctionalInterface
    interface Findings {
        /** @param confirmedNanos when the server accepted what it then broke; 0 if that is not the point */
        void found(Finding finding, TopicHistory topic, String what, long confirmedNanos);
    }

    static final int REMEMBERED = 1_000; // settled messages
    private static final int REMEMBERED_EVENTS = 40;
    private static final long TOLERANCE_NANOS =
            TimeUnit.MILLISECONDS.toNanos(1); // suspends are rounded to milliseconds
    // shorter ones are give-backs of the client library, which a later one may replace
    private static final long SHORTEST_SUSPEND_MILLIS = 50;

    private enum Stored {
        UNKNOWN_YET,
        YES,
        UNCERTAIN
    }

    private static final class Sent {
        Stored stored = Stored.UNKNOWN_YET;
        long storedNanos;
        boolean succeeded;
        long confirmedNanos; // when the server had accepted SUCCESS; 0 before
        long lastAgainNanos; // when it was delivered last after SUCCESS
        boolean duplicateCounted;
    }

    final String name;
    private final Findings findings;

    // guarded by this
    private final Map<Integer, Sent> sent = new HashMap<>(); // from first to next
    private int first;
    private int head; // all before it are handled with success, or uncertain
    private int next;
    private final List<Delivery> running = new ArrayList<>();
    private final Deque<String> events = new ArrayDeque<>();
    private long resumeNanos; // not before this; 0 without
    private long suspendConfirmedNanos;
    private @Nullable String suspend;
    private long lastBeganNanos;

    TopicHistory(String name, Findings findings) {
        this.name = name;
        this.findings = findings;
    }

    /** The number of the message to send next. */
    synchronized int sending() {
        sent.put(next, new Sent());
        return next++;
    }

    synchronized void sent(int number, boolean stored, long atNanos) {
        Sent message = sent.get(number);
        if (message == null) {
            return; // was delivered, handled and forgotten meanwhile
        }
        message.stored = stored ? Stored.YES : Stored.UNCERTAIN;
        message.storedNanos = atNanos;
        note(atNanos, stored ? "stored #" + number : "send failed #" + number);
    }

    /** How many messages wait for their success. */
    synchronized int outstanding() {
        moveHead();
        return next - head;
    }

    /** When the oldest message was stored that waits for its success; 0 if none waits. */
    synchronized long oldestWaitingNanos() {
        moveHead();
        Sent oldest = sent.get(head);
        return oldest != null && oldest.stored == Stored.YES ? oldest.storedNanos : 0;
    }

    /** Numbers that were stored and never handled with success. */
    synchronized List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        for (int number = head; number < next; number++) {
            Sent message = sent.get(number);
            if (message != null && message.stored == Stored.YES && !message.succeeded) {
                missing.add(number);
            }
        }
        return missing;
    }

    synchronized void began(Delivery delivery) {
        note(delivery.beganNanos, "began " + delivery);
        checkOrder(delivery);
        checkAgain(delivery);
        if (resumeNanos != 0 && delivery.beganNanos > suspendConfirmedNanos) {
            checkEarly(delivery.beganNanos, delivery.toString());
        }
        for (Delivery other : running) {
            other.rivals.add(delivery);
            delivery.rivals.add(other);
            found(Finding.OVERLAP, delivery + " while " + other + " runs", 0);
        }
        running.add(delivery);
        lastBeganNanos = Math.max(lastBeganNanos, delivery.beganNanos);
    }

    synchronized void ended(Delivery delivery, History.Result result, long suspendMillis, long atNanos) {
        note(atNanos, "ended " + delivery + " " + result + (suspendMillis > 0 ? " " + suspendMillis + " ms" : ""));
        running.remove(delivery);
        delivery.ended = true;
        delivery.result = result;
        delivery.suspendMillis = suspendMillis;
        Sent message = sent.get(delivery.number);
        if (message != null && result == History.Result.SUCCESS) {
            message.succeeded = true;
        }
    }

    synchronized void settled(Delivery delivery, History.Outcome outcome, long sentNanos, long answeredNanos) {
        note(answeredNanos, outcome + " " + delivery + " " + delivery.result);
        if (outcome == History.Outcome.REFUSED) {
            return;
        }
        delivery.confirmed = true;
        for (Delivery rival : delivery.rivals) {
            if (rival.confirmed) {
                found(
                        Finding.TWO_OWNERS,
                        delivery + " and " + rival + " ran at the same time and both were accepted",
                        0);
            }
        }
        Sent message = sent.get(delivery.number);
        if (message != null && delivery.result == History.Result.SUCCESS && message.confirmedNanos == 0) {
            message.confirmedNanos = answeredNanos;
            if (message.lastAgainNanos > answeredNanos) {
                duplicate(message, delivery.number);
            }
        }
        if (delivery.result == History.Result.SUSPEND && delivery.suspendMillis >= SHORTEST_SUSPEND_MILLIS) {
            resumeNanos = sentNanos + TimeUnit.MILLISECONDS.toNanos(delivery.suspendMillis);
            suspendConfirmedNanos = answeredNanos;
            suspend = delivery + " for " + delivery.suspendMillis + " ms";
            if (lastBeganNanos > answeredNanos) {
                checkEarly(lastBeganNanos, "the last delivery");
            }
        }
    }

    /** Its process has ended: what it held is void. */
    synchronized void gone(Delivery delivery, long atNanos) {
        if (running.remove(delivery)) {
            note(atNanos, "process ended, with it " + delivery);
        }
    }

    /** The last events, oldest first, a line each. */
    synchronized String history() {
        return String.join("\n", events);
    }

    private void checkOrder(Delivery delivery) {
        moveHead();
        if (delivery.number > head) {
            found(Finding.OUT_OF_ORDER, delivery + " before the success of #" + head, 0);
        }
        if (delivery.number >= next) {
            found(Finding.OUT_OF_ORDER, delivery + ", which nobody sent", 0);
        }
    }

    private void checkAgain(Delivery delivery) {
        Sent message = sent.get(delivery.number);
        if (message == null) {
            found(
                    Finding.UNEXPLAINED_DUPLICATE,
                    delivery + ", which was settled more than " + REMEMBERED + " messages ago",
                    0);
        } else if (message.succeeded) {
            message.lastAgainNanos = delivery.beganNanos;
            if (message.confirmedNanos != 0 && delivery.beganNanos > message.confirmedNanos) {
                duplicate(message, delivery.number);
            } else {
                found(Finding.REDELIVERED, delivery + " again, its success was not accepted", 0);
            }
        }
    }

    private void duplicate(Sent message, int number) {
        if (!message.duplicateCounted) {
            message.duplicateCounted = true; // the second time it is the first delivery's fault no more
            found(Finding.DUPLICATE, "#" + number + " again after its success was accepted", message.confirmedNanos);
        }
    }

    private void checkEarly(long beganNanos, String what) {
        long earlyNanos = resumeNanos - TOLERANCE_NANOS - beganNanos;
        if (earlyNanos > 0) {
            found(
                    Finding.EARLY,
                    what + " " + TimeUnit.NANOSECONDS.toMillis(earlyNanos) + " ms before the end of the suspend by "
                            + suspend,
                    suspendConfirmedNanos);
        }
        resumeNanos = 0; // told once
    }

    private void found(Finding finding, String what, long confirmedNanos) {
        findings.found(finding, this, what, confirmedNanos);
    }

    private void moveHead() {
        while (head < next && isDone(head)) {
            head++;
        }
        for (; first < head - REMEMBERED; first++) {
            sent.remove(first);
        }
    }

    private boolean isDone(int number) {
        Sent message = sent.get(number);
        return message == null || message.succeeded || message.stored == Stored.UNCERTAIN;
    }

    private void note(long atNanos, String event) {
        if (events.size() == REMEMBERED_EVENTS) {
            events.removeFirst();
        }
        events.add(String.format("%.3f s %s", atNanos / 1e9, event));
    }
}
