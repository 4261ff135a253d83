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
    private static final double RESERVE = 1.5;

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
        AtomicLong sleptOver = new AtomicLong();
        Duration window = Duration.ofSeconds(run.number("warmUpSeconds") + run.number("seconds"));
        int backlog = throttled == 0 ? 0 : backlogOfEach(run, throttled, throttle, SETTLE.plus(window));
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
                sleptOver.incrementAndGet();
            } else if (payload.dueNanos() >= measureFromNanos.get()) {
                latencies.record(System.nanoTime() - payload.dueNanos());
            }
            return null;
        });
        Sender sender = run.clients().sender();
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        run.subscribe(receiver, 0, tenants);
        if (throttled > 0) {
            run.fill(sender, throttled * backlog, i -> i % throttled, bodyBytes);
        }
        run.pace().pause(SETTLE, "settling");
        long startNanos = System.nanoTime();
        long warmUpNanos = TimeUnit.SECONDS.toNanos(run.number("warmUpSeconds"));
        measureFromNanos.set(startNanos + warmUpNanos);
        AtomicLong step = new AtomicLong();
        long deliveriesBefore = throttledDeliveries.get();
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
            // two things: a suspended message waits, one that is slept over is done
            run.add(new Figure(
                    suspends ? "suspends of throttled tenants" : "messages of throttled tenants, slept over",
                    Figure.Unit.MESSAGES_PER_SECOND,
                    (throttledDeliveries.get() - deliveriesBefore) / seconds));
            if ((long) throttled * backlog - sleptOver.get() < run.number("workers")) {
                throw new LoadFailure("the backlog of the throttled tenants was used up: " + backlog + " each");
            }
        }
        lifted.set(true);
        run.drain();
        run.add(latencies.summary("latency of innocent tenants"));
    }

    /** So many that all workers can sleep over them until the end: who cannot suspend uses them up. */
    private static int backlogOfEach(LoadRun run, int throttled, Duration throttle, Duration until) {
        double sleptOver = (double) run.number("workers") * until.toMillis() / throttle.toMillis();
        return Math.max(run.number("leastBacklogOfEach"), (int) Math.ceil(RESERVE * sleptOver / throttled));
    }
}
