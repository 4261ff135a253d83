package io.litetopic.cli.bench.client;

import java.time.Duration;

/** Lite topics that have had a message each, some of them subscribed, and no traffic. */
final class IdleScenario implements Scenario {
    @Override
    public void run(LoadRun run) throws Exception {
        int liteTopics = run.number("liteTopics");
        int subscribed = run.number("subscribed");
        Handler handler = run.checked((payload, offset) -> null);
        Sender sender = run.clients().sender();
        run.fill(sender, liteTopics, i -> i, run.number("bodyBytes"));
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        run.subscribe(receiver, 0, subscribed);
        int expected = run.spec().contender().hasSubscriptions() ? subscribed : liteTopics;
        run.awaitWhileHandling(() -> run.ledger().handledCount() >= expected, "handling what is subscribed");
        run.expectWaiting(liteTopics - expected);
        run.pace().pause(Duration.ofSeconds(run.number("settleSeconds")), "settling");
        CpuMeter cpu = run.cpu();
        run.pace().pause(Duration.ofSeconds(run.number("seconds")), "idle");
        run.addAll(cpu.ofACore("CPU when idle"));
    }
}
