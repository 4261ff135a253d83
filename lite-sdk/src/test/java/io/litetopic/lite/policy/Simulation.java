package io.litetopic.lite.policy;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Server, consumer and handlers in virtual time: lite topics with messages waiting, of which one at a time is handled, in
 * turn with suspends that end as late as the test says.
 */
final class Simulation {

    /** One call of the handler. */
    record Run(String liteTopic, long startNanos, long endNanos, long firstAskNanos, int suspends) {
        double waitSeconds() {
            return (startNanos - firstAskNanos) / 1e9;
        }
    }

    private record Event(long atNanos, long number, Runnable action) {}

    private final ManualPolicyClock clock;
    private final AsyncMessageListener listener;
    private final LongSupplier latenessNanos;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
    private final Map<String, Queue<CompletableFuture<ConsumeResult>>> calls = new LinkedHashMap<>();
    private final List<Run> runs = new ArrayList<>();
    private final ToLongFunction<String> handlerNanos;
    private long nextNumber;
    private long untilNanos;

    /**
     * @param latenessNanos how much later than asked for a suspend ends
     * @param handlerNanos how long a call for a lite topic takes
     */
    Simulation(
            ManualPolicyClock clock,
            LitePolicy policy,
            LongSupplier latenessNanos,
            ToLongFunction<String> handlerNanos) {
        this.clock = clock;
        this.latenessNanos = latenessNanos;
        this.handlerNanos = handlerNanos;
        this.listener = policy.aroundAsync(message -> {
            CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
            calls(message.getLiteTopic().orElseThrow()).add(stage);
            return stage;
        });
    }

    /** A lite topic that always has a message waiting, from a time on. */
    void backlog(String liteTopic, Duration from) {
        at(from.toNanos(), () -> ask(liteTopic, clock.elapsedNanos(), 0, true));
    }

    /** A lite topic with one message, that comes at a time. */
    void single(String liteTopic, Duration at) {
        at(at.toNanos(), () -> ask(liteTopic, clock.elapsedNanos(), 0, false));
    }

    List<Run> run(Duration time) {
        untilNanos = time.toNanos();
        while (!events.isEmpty() && events.peek().atNanos() <= untilNanos) {
            Event event = events.remove();
            clock.advanceTo(event.atNanos());
            event.action().run();
        }
        return runs;
    }

    private void ask(String liteTopic, long firstAskNanos, int suspends, boolean isBacklog) {
        CompletableFuture<ConsumeResult> result =
                listener.consume(TestMessage.of(liteTopic)).toCompletableFuture();
        long now = clock.elapsedNanos();
        if (result.isDone() && result.join() instanceof ConsumeResultSuspend suspend) {
            long back = now + suspend.getSuspendTime().toNanos() + latenessNanos.getAsLong();
            at(back, () -> ask(liteTopic, firstAskNanos, suspends + 1, isBacklog));
            return;
        }
        long end = now + handlerNanos.applyAsLong(liteTopic);
        runs.add(new Run(liteTopic, now, end, firstAskNanos, suspends));
        at(end, () -> {
            calls(liteTopic).remove().complete(ConsumeResult.SUCCESS);
            if (isBacklog) {
                ask(liteTopic, clock.elapsedNanos(), 0, true);
            }
        });
    }

    private Queue<CompletableFuture<ConsumeResult>> calls(String liteTopic) {
        return calls.computeIfAbsent(liteTopic, name -> new ArrayDeque<>());
    }

    private void at(long atNanos, Runnable action) {
        events.add(new Event(atNanos, nextNumber++, action));
    }
}
