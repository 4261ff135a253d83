package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Two consumers with slow handlers and a backlog in every lite topic: how many of their threads have something to do. */
final class SlowScenario implements Scenario {
    private static final int NODES = 2;
    private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    @Override
    public void run(LoadRun run) throws Exception {
        int liteTopics = run.number("liteTopics");
        int workers = run.number("workers");
        int bodyBytes = run.number("bodyBytes");
        long handlerMillis = run.number("handlerMillis");
        AtomicBoolean lifted = new AtomicBoolean();
        AtomicInteger busy = new AtomicInteger();
        Handler handler = run.checked((payload, offset) -> {
            busy.incrementAndGet();
            try {
                if (!lifted.get()) {
                    TimeUnit.MILLISECONDS.sleep(handlerMillis);
                }
                return null;
            } finally {
                busy.decrementAndGet();
            }
        });
        Sender sender = run.clients().sender();
        Receiver first = run.clients().receiver(workers, handler);
        Receiver second = run.clients().receiver(workers, handler);
        // not before its lite topics: what is stored first would all go to the first node
        run.subscribe(first, 0, liteTopics);
        run.subscribe(second, 0, liteTopics);
        run.fill(sender, liteTopics * run.number("backlogOfEach"), i -> i % liteTopics, bodyBytes);
        run.awaitWhileHandling(() -> run.ledger().handledCount() > 0, "the first messages");
        run.pace().pause(Duration.ofSeconds(run.number("warmUpSeconds")), "warm-up");
        long before = run.ledger().handledCount();
        long startNanos = System.nanoTime();
        long samples = 0;
        long sum = 0;
        while (System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(run.number("seconds"))) {
            sum += busy.get();
            samples++;
            LockSupport.parkNanos(SAMPLE_NANOS);
        }
        long handled = run.ledger().handledCount() - before;
        if (run.ledger().waiting() < (long) NODES * workers) {
            throw new LoadFailure("the backlog is used up before the end of the measurement; raise backlogOfEach");
        }
        run.add(new Figure("workers", Figure.Unit.PERCENT_BUSY, 100.0 * sum / samples / ((double) NODES * workers)));
        run.add(new Figure(
                "throughput", Figure.Unit.MESSAGES_PER_SECOND, handled * 1e9 / (System.nanoTime() - startNanos)));
        lifted.set(true);
        run.drain();
    }
}
