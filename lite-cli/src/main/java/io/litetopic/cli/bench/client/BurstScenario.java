package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import io.litetopic.cli.bench.measure.Spread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Quiet, then a message to every lite topic at once, as fast as the producer can; several times. */
final class BurstScenario implements Scenario {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final int SENDS_UNDER_WAY = 500;

    @Override
    public void run(LoadRun run) throws Exception {
        int liteTopics = run.number("liteTopics");
        AtomicBoolean measuring = new AtomicBoolean();
        Latencies.Recorder latencies = new Latencies.Recorder();
        AtomicLong lastNanos = new AtomicLong(Long.MIN_VALUE);
        Handler handler = run.checked((payload, offset) -> {
            long now = System.nanoTime();
            lastNanos.accumulateAndGet(now, Math::max);
            if (measuring.get()) {
                latencies.record(now - payload.dueNanos());
            }
            return null;
        });
        List<Double> wholeMillis = new ArrayList<>();
        List<Double> afterLastSendMillis = new ArrayList<>();
        Sender sender = run.clients().sender();
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        run.subscribe(receiver, 0, liteTopics);
        for (int round = -run.number("warmUpRounds"); round < run.number("rounds"); round++) {
            run.pace().pause(QUIET, "quiet");
            measuring.set(round >= 0);
            long startNanos = System.nanoTime();
            run.sendAll(sender, liteTopics, SENDS_UNDER_WAY, i -> i, () -> startNanos, run.number("bodyBytes"));
            long sentNanos = System.nanoTime();
            run.awaitWhileHandling(() -> run.ledger().waiting() == 0, "handling the burst");
            if (round >= 0) {
                wholeMillis.add((lastNanos.get() - startNanos) / 1e6);
                afterLastSendMillis.add(Math.max(0, lastNanos.get() - sentNanos) / 1e6);
            }
        }
        run.drain();
        run.add(new Figure(
                "first send until all are handled",
                Figure.Unit.MILLISECONDS,
                Spread.of(wholeMillis).median()));
        run.add(new Figure(
                "last send stored until all are handled",
                Figure.Unit.MILLISECONDS,
                Spread.of(afterLastSendMillis).median()));
        run.add(new Figure(
                "last send stored until all are handled, worst",
                Figure.Unit.MILLISECONDS,
                Spread.of(afterLastSendMillis).max()));
        run.add(latencies.summary("latency in the burst"));
    }
}
