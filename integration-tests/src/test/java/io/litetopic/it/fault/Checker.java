package io.litetopic.it.fault;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of every send, delivery and settlement and says at once what was wrong: see {@link Finding}. What is settled is forgotten, so a
 * run of any length needs the same memory. Thread-safe.
 */
final class Checker implements History {
    private static final Logger log = LoggerFactory.getLogger(Checker.class);
    private static final int MAX_REPORTS_PER_FINDING = 5; // the first ones, with their history
    private static final long UNSETTLED_NANOS = 200_000_000_000L; // after that no answer is to be expected

    private final Map<String, TopicHistory> topics = new ConcurrentHashMap<>();
    private final Map<Long, Delivery> unsettled = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong confirmations = new AtomicLong();
    private final Map<Finding, AtomicInteger> totals = new EnumMap<>(Finding.class);
    private final List<FaultWindow> faults = new CopyOnWriteArrayList<>();
    private final List<String> reports = new CopyOnWriteArrayList<>();

    Checker() {
        for (Finding finding : Finding.values()) {
            totals.put(finding, new AtomicInteger());
        }
    }

    /** The history of a lite topic, created if there is none. */
    TopicHistory topic(String liteTopic) {
        return topics.computeIfAbsent(liteTopic, name -> new TopicHistory(name, this::found));
    }

    /** From now on everything found is put down to {@code fault}. */
    void faultBegins(FaultWindow fault) {
        faults.add(fault);
    }

    List<FaultWindow> faults() {
        return List.copyOf(faults);
    }

    @Override
    public long began(String consumer, String liteTopic, int number, long atNanos) {
        deliveries.incrementAndGet();
        TopicHistory topic = topic(liteTopic);
        Delivery delivery = new Delivery(ids.incrementAndGet(), topic, consumer, number, atNanos);
        unsettled.put(delivery.id, delivery);
        topic.began(delivery);
        if (!faults.isEmpty()) {
            faults.get(faults.size() - 1).delivered(atNanos);
        }
        return delivery.id;
    }

    @Override
    public void ended(long id, Result result, long suspendMillis, long atNanos) {
        Delivery delivery = unsettled.get(id);
        if (delivery != null) { // else its process was declared dead meanwhile
            delivery.topic.ended(delivery, result, suspendMillis, atNanos);
        }
    }

    @Override
    public void settled(long id, Outcome outcome, long sentNanos, long answeredNanos) {
        Delivery delivery = unsettled.remove(id);
        if (delivery != null) {
            delivery.topic.settled(delivery, outcome, sentNanos, answeredNanos);
            confirmations.addAndGet(outcome == Outcome.CONFIRMED ? 1 : 0);
        }
    }

    /** A consumer's process has ended; what it held is void. */
    void consumerDied(String consumer) {
        long now = System.nanoTime();
        for (Delivery delivery : List.copyOf(unsettled.values())) {
            if (delivery.consumer.equals(consumer)) {
                unsettled.remove(delivery.id);
                delivery.topic.gone(delivery, now);
            }
        }
    }

    /** Forgets deliveries whose settlement nobody will report any more; call it now and then. */
    void forgetOld() {
        long limit = System.nanoTime() - UNSETTLED_NANOS;
        unsettled.values().removeIf(delivery -> delivery.ended && delivery.beganNanos - limit < 0);
    }

    /** How long the oldest waiting message of these lite topics has been stored; 0 if none waits. */
    long oldestWaitingNanos(List<String> liteTopics) {
        long now = System.nanoTime();
        long oldest = 0;
        for (String liteTopic : liteTopics) {
            long stored = topic(liteTopic).oldestWaitingNanos();
            oldest = stored == 0 ? oldest : Math.max(oldest, now - stored);
        }
        return oldest;
    }

    /** Which of these lite topics has the oldest waiting message; empty if none waits. */
    String longestWaiting(List<String> liteTopics) {
        return liteTopics.stream()
                .filter(liteTopic -> topic(liteTopic).oldestWaitingNanos() != 0)
                .min(Comparator.comparingLong(liteTopic -> topic(liteTopic).oldestWaitingNanos()))
                .orElse("");
    }

    /** Lite topics with messages that were stored and never handled with success. */
    List<TopicHistory> incomplete() {
        return topics.values().stream()
                .filter(topic -> !topic.missing().isEmpty())
                .toList();
    }

    /** Puts down all that is missing as lost; call it at the end, when everything has had its time. */
    void countLost() {
        for (TopicHistory topic : incomplete()) {
            for (int number : topic.missing()) {
                found(Finding.LOST, topic, "#" + number + " was stored and never handled", 0);
            }
        }
    }

    int total(Finding finding) {
        return requireNonNull(totals.get(finding)).get();
    }

    long deliveries() {
        return deliveries.get();
    }

    long confirmations() {
        return confirmations.get();
    }

    /** The first violations of each kind, each with the fault before it and the history of its lite topic. */
    List<String> violations() {
        return List.copyOf(reports);
    }

    private void found(Finding found, TopicHistory topic, String what, long confirmedNanos) {
        Finding finding =
                found == Finding.DUPLICATE && !isExplained(confirmedNanos) ? Finding.UNEXPLAINED_DUPLICATE : found;
        int number = requireNonNull(totals.get(finding)).incrementAndGet();
        if (!faults.isEmpty()) {
            faults.get(faults.size() - 1).count(finding);
        }
        if (finding.isViolation() && number <= MAX_REPORTS_PER_FINDING) {
            String report = finding.label() + ": lite topic " + topic.name + ": " + what + "\n  faults before: "
                    + lastFaults() + "\n  history:\n    " + topic.history().replace("\n", "\n    ");
            log.error("{}", report);
            reports.add(report);
        }
    }

    private boolean isExplained(long confirmedNanos) {
        return faults.stream().anyMatch(fault -> fault.mayForget(confirmedNanos));
    }

    private String lastFaults() {
        List<String> last = new ArrayList<>();
        for (FaultWindow fault : faults.subList(Math.max(0, faults.size() - 2), faults.size())) {
            last.add(fault + " at " + String.format("%.3f s", fault.beganNanos() / 1e9));
        }
        return last.isEmpty() ? "none" : String.join(", ", last);
    }
}
