package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Some tenants have a backlog and are throttled whenever one of their messages arrives: the listener suspends, or sleeps where the
 * client cannot suspend. The others get a message now and then; their latency counts. At the end the throttle is lifted and
 * everything is consumed.
 */
final class TenantsScenario implements Scenario {
    private static final Duration SETTLE = Duration.ofSeconds(2);

    @Override
    public void run(LoadRun run) throws Exception {
        int tenants = run.number("liteTopics");
        int bodyBytes = run.number("bodyBytes");
        int throttled = tenants * run.number("throttledPercent") / 100;
        int innocent = tenants - throttled;
        Duration throttle = Duration.ofMillis(run.number("throttleMillis"));
        boolean suspends = run.spec().contender().canSuspend();
        AtomicBoolean lifted = new AtomicBoolean();
        AtomicLong throttledDeliveries = new AtomicLong();
        AtomicLong measureFromNanos = new AtomicLong(Long.MAX_VALUE);
        Latencies.Recorder latencies = new Latencies.Recorder();
        Handler handler = run.checked((payload, offset) -> {
            if (payload.liteTopic() < throttled) {
                if (lifted.get()) {
                    return null;
                }
                throttledDeliveries.incrementAndGet();
                if (suspends) {
                    return throttle;
                }
                TimeUnit.MILLISECONDS.sleep(throttle.toMillis());
            } else if (payload.dueNanos() >= measureFromNanos.get()) {
                latencies.record(System.nanoTime() - payload.dueNanos());
            }
            return null;
        });
        Sender sender = run.clients().sender();
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        run.subscribe(receiver, 0, tenants);
        if (throttled > 0) {
            run.fill(sender, throttled * run.number("backlogOfEach"), i -> i % throttled, bodyBytes);
        }
        run.pace().pause(SETTLE, "settling");
        long startNanos = System.nanoTime();
        long warmUpNanos = TimeUnit.SECONDS.toNanos(run.number("warmUpSeconds"));
        measureFromNanos.set(startNanos + warmUpNanos);
        AtomicLong step = new AtomicLong();
        CpuMeter cpu = run.cpu();
        FixedRate.run(
                run.number("messagesPerSecond"),
                startNanos,
                warmUpNanos + TimeUnit.SECONDS.toNanos(run.number("seconds")),
                dueNanos -> {
                    int tenant = throttled + (int) (step.getAndIncrement() % innocent);
                    run.send(sender, tenant, dueNanos, bodyBytes);
                });
        run.addAll(cpu.ofACore("CPU"));
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        if (throttled > 0) {
            run.add(new Figure(
                    "deliveries to throttled tenants",
                    Figure.Unit.MESSAGES_PER_SECOND,
                    throttledDeliveries.get() / seconds));
        }
        lifted.set(true);
        run.drain();
        run.add(latencies.summary("latency of innocent tenants"));
    }
}
