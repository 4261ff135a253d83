package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Live consumers. First as fast as it goes with a bounded number of messages between send and listener, all lite topics in turn;
 * then at a fixed rate, where a latency counts from the time at which the message was to be sent, so that a server cannot
 * gain by slowing the producer.
 */
final class ThroughputScenario implements Scenario {
    private static final long UNMEASURED_NANOS = TimeUnit.SECONDS.toNanos(1);

    @Override
    public void run(LoadRun run) throws Exception {
        int liteTopics = run.number("liteTopics");
        int bodyBytes = run.number("bodyBytes");
        Semaphore room = new Semaphore(run.number("underWay"));
        AtomicBoolean fixedRate = new AtomicBoolean();
        AtomicLong measureFromNanos = new AtomicLong(Long.MAX_VALUE);
        Latencies.Recorder latencies = new Latencies.Recorder();
        Handler handler = run.checked((payload, offset) -> {
            if (!fixedRate.get()) {
                room.release();
            } else if (payload.dueNanos() >= measureFromNanos.get()) {
                latencies.record(System.nanoTime() - payload.dueNanos());
            }
            return null;
        });
        Sender sender = run.clients().sender();
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        run.subscribe(receiver, 0, liteTopics);
        asFastAsItGoes(run, sender, room, liteTopics, bodyBytes);
        fixedRate.set(true);
        run.drain();

        atFixedRate(run, sender, measureFromNanos, liteTopics, bodyBytes);
        run.drain();
        run.add(latencies.summary("latency at %d msg/s".formatted(run.number("latencyMessagesPerSecond"))));
    }

    private static void asFastAsItGoes(LoadRun run, Sender sender, Semaphore room, int liteTopics, int bodyBytes)
            throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        Thread producer = new Thread(
                () -> {
                    try {
                        for (int i = 0; !stop.get(); i = (i + 1) % liteTopics) {
                            room.acquireUninterruptibly();
                            run.send(sender, i, System.nanoTime(), bodyBytes);
                        }
                    } catch (RuntimeException e) {
                        run.complain("the producer ended with " + e);
                    }
                },
                "bench-producer");
        producer.start();
        try {
            run.awaitWhileHandling(() -> run.ledger().handledCount() > 0, "the first messages");
            run.pace().pause(Duration.ofSeconds(run.number("warmUpSeconds")), "warm-up");
            CpuMeter cpu = run.cpu();
            long before = run.ledger().handledCount();
            long startNanos = System.nanoTime();
            run.pace().pause(Duration.ofSeconds(run.number("seconds")), "measuring throughput");
            long handled = run.ledger().handledCount() - before;
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            if (handled == 0) {
                throw new LoadFailure("no message was handled in " + seconds + " s; "
                        + run.ledger().totals());
            }
            run.add(new Figure("throughput", Figure.Unit.MESSAGES_PER_SECOND, handled / seconds));
            run.addAll(cpu.perMessage("CPU", handled));
        } finally {
            stop.set(true);
            room.release();
            producer.join();
        }
    }

    private static void atFixedRate(
            LoadRun run, Sender sender, AtomicLong measureFromNanos, int liteTopics, int bodyBytes) {
        long startNanos = System.nanoTime();
        measureFromNanos.set(startNanos + UNMEASURED_NANOS);
        AtomicLong step = new AtomicLong();
        FixedRate.run(
                run.number("latencyMessagesPerSecond"),
                startNanos,
                UNMEASURED_NANOS + TimeUnit.SECONDS.toNanos(run.number("latencySeconds")),
                dueNanos -> run.send(sender, (int) (step.getAndIncrement() % liteTopics), dueNanos, bodyBytes));
    }
}
