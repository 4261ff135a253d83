package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import java.util.concurrent.CountDownLatch;

/**
 * Sends a part of the backlog and measures that; stores the rest directly; then lets a consumer subscribe while its listener
 * stands still, and measures from the moment the listener may go on until all is handled.
 */
final class DrainScenario implements Scenario {
    private static final int WARM_UP_PART = 5; // one fifth of the sends is not measured

    @Override
    public void run(LoadRun run) throws Exception {
        send(run);
        consume(run);
    }

    private static void send(LoadRun run) throws Exception {
        int liteTopics = run.number("liteTopics");
        int bodyBytes = run.number("bodyBytes");
        int sent = run.number("sentByClient");
        int underWay = run.number("sendsUnderWay");
        int warmUp = sent / WARM_UP_PART;
        try (Sender sender = run.clients().sender()) {
            run.sendAll(sender, warmUp, underWay, i -> i % liteTopics, bodyBytes);
            CpuMeter cpu = run.cpu();
            long startNanos = System.nanoTime();
            run.sendAll(sender, sent - warmUp, underWay, i -> (warmUp + i) % liteTopics, bodyBytes);
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            run.add(new Figure("sending", Figure.Unit.MESSAGES_PER_SECOND, (sent - warmUp) / seconds));
            run.addAll(cpu.perMessage("CPU of sending", sent - warmUp));
            run.fill(sender, run.number("messages") - sent, i -> (sent + i) % liteTopics, bodyBytes);
        }
    }

    private static void consume(LoadRun run) throws Exception {
        int messages = run.number("messages");
        CountDownLatch gate = new CountDownLatch(1);
        Receiver receiver = run.clients().receiver(run.number("workers"), run.checked((payload, offset) -> {
            gate.await();
            return null;
        }));
        long subscribeNanos = System.nanoTime();
        run.subscribe(receiver, 0, run.number("liteTopics"));
        if (run.spec().contender().hasSubscriptions()) {
            run.add(new Figure("subscribing to all", Figure.Unit.SECONDS, (System.nanoTime() - subscribeNanos) / 1e9));
        }
        CpuMeter cpu = run.cpu();
        long startNanos = System.nanoTime();
        gate.countDown();
        run.awaitWhileHandling(() -> run.ledger().handledCount() >= messages, "draining");
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        run.add(new Figure("consumption", Figure.Unit.MESSAGES_PER_SECOND, messages / seconds));
        run.addAll(cpu.perMessage("CPU of consumption", messages));
        run.drain();
    }
}
