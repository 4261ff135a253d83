package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.measure.Latencies;
import io.litetopic.cli.bench.model.HandOver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Two consumers and lite topics with a backlog each. One of the two goes away, in one of several ways; a lite topic stands still
 * from the last that it did there until its first message is handled at the other. Counted are those that it served in the
 * second before.
 */
final class HandOverScenario implements Scenario {
    private static final long SERVED_BEFORE_NANOS = TimeUnit.SECONDS.toNanos(1);

    @Override
    public void run(LoadRun run) throws Exception {
        HandOver kind = HandOver.of(run.number("handOver"));
        int liteTopics = run.number("liteTopics");
        int messages = liteTopics * run.number("backlogOfEach");
        Queue<HandOverEvent> events = new ConcurrentLinkedQueue<>();
        Set<Integer> handled = ConcurrentHashMap.newKeySet();
        Consumer<HandOverEvent> collect = event -> {
            events.add(event);
            if (!event.begin()) {
                handled.add(event.message());
            }
        };
        Sender sender = run.clients().sender();
        run.fill(sender, messages, i -> i % liteTopics, run.number("bodyBytes"));
        long eventNanos;
        try (ConsumerNode leaving = ConsumerNode.start(run.spec(), collect)) {
            Receiver staying = run.clients()
                    .receiver(run.number("workers"), HandOverEvent.reporting(1, run.number("handlerMillis"), collect));
            if (kind != HandOver.UNSUBSCRIBE) {
                run.subscribe(staying, 0, liteTopics);
            }
            run.pace().awaitWhileMoving(() -> handled.size() > liteTopics, handled::size, "the first messages");
            run.pace().pause(Duration.ofSeconds(run.number("warmUpSeconds")), "both consumers work");
            if (handled.size() > messages - liteTopics) {
                throw new LoadFailure("the backlog is used up before the hand-over; raise backlogOfEach");
            }
            eventNanos = handOver(kind, leaving, staying, liteTopics);
            run.pace()
                    .awaitAtMost(
                            Duration.ofSeconds(run.number("longestGapSeconds")),
                            () -> handled.size() >= messages,
                            () -> "handled %,d of %,d".formatted(handled.size(), messages));
        }
        List<HandOverEvent> history = new ArrayList<>(events);
        history.sort(Comparator.comparingLong(HandOverEvent::nanos));
        account(run.ledger(), history, kind == HandOver.KILL);
        Latencies.Recorder gaps = gaps(history, liteTopics, eventNanos, kind == HandOver.UNSUBSCRIBE);
        if (gaps.count() == 0) {
            throw new LoadFailure(
                    "the consumer that went had no lite topic in its last second; " + history.size() + " events");
        }
        run.add(gaps.summary("stand-still"));
    }

    /** Returns the time at which it happened; of several changes, that of the last one. */
    private static long handOver(HandOver kind, ConsumerNode leaving, Receiver staying, int liteTopics)
            throws Exception {
        long eventNanos = System.nanoTime();
        switch (kind) {
            case UNSUBSCRIBE -> {
                for (int i = 0; i < liteTopics; i++) {
                    leaving.unsubscribe(i);
                    staying.subscribe(LiteTopics.name(i));
                }
                return System.nanoTime();
            }
            case CLOSE -> leaving.closeConsumer();
            case KILL -> leaving.kill();
        }
        return eventNanos;
    }

    /**
     * Replays what happened into the account: both processes share a clock, but not the account.
     *
     * @param killed whether the consumer that went was killed, with what it had in work
     */
    static void account(DeliveryLedger ledger, List<HandOverEvent> history, boolean killed) {
        long lastOfLeaving = history.stream()
                .filter(event -> event.node() == 0)
                .mapToLong(HandOverEvent::nanos)
                .max()
                .orElse(0);
        Set<Integer> inWorkOfLeaving = new HashSet<>();
        for (HandOverEvent event : history) {
            if (killed && event.nanos() > lastOfLeaving) {
                inWorkOfLeaving.forEach(ledger::givenBack);
                inWorkOfLeaving.clear();
            }
            if (event.begin()) {
                ledger.begin(event.message(), event.liteTopic(), event.offset());
            } else {
                ledger.handled(event.message(), event.liteTopic(), event.offset());
            }
            if (event.node() == 0 && event.begin()) {
                inWorkOfLeaving.add(event.liteTopic());
            } else if (event.node() == 0) {
                inWorkOfLeaving.remove(event.liteTopic());
            }
        }
    }

    static Latencies.Recorder gaps(List<HandOverEvent> history, int liteTopics, long eventNanos, boolean oneByOne) {
        long[] lastLeaving = new long[liteTopics];
        for (HandOverEvent event : history) {
            if (event.node() == 0) {
                lastLeaving[event.liteTopic()] = event.nanos();
            }
        }
        Latencies.Recorder gaps = new Latencies.Recorder();
        boolean[] counted = new boolean[liteTopics];
        for (HandOverEvent event : history) {
            int liteTopic = event.liteTopic();
            long last = lastLeaving[liteTopic];
            boolean served = last != 0 && (oneByOne || last > eventNanos - SERVED_BEFORE_NANOS);
            if (served && !counted[liteTopic] && event.node() == 1 && event.begin() && event.nanos() > last) {
                counted[liteTopic] = true;
                gaps.record(event.nanos() - last);
            }
        }
        return gaps;
    }
}
