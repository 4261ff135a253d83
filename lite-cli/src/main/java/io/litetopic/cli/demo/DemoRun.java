package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadClock;
import io.litetopic.cli.demo.load.LoadGenerator;
import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.load.Tenant;
import io.litetopic.cli.demo.measure.DeliveryChecker;
import io.litetopic.cli.demo.measure.LiveView;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunMeasurement;
import io.litetopic.cli.demo.measure.RunResult;
import io.litetopic.cli.demo.measure.ThreadGauge;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run: warm-up, measured window, then the drain, in which allowances are lifted so that every single request can be
 * checked. For one thread; {@link #execute} blocks until the run is over.
 */
final class DemoRun {
    private static final Logger log = LoggerFactory.getLogger(DemoRun.class);

    private static final Duration LEAD = Duration.ofMillis(200);
    private static final int PROBE_ROUNDS = 25;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 20;
    private static final long TICK_NANOS = Duration.ofSeconds(1).toNanos();
    /** After the window, requests of well-behaved tenants that are just in work may finish under the window's rules. */
    private static final long GRACE_NANOS = Duration.ofSeconds(2).toNanos();
    /** The drain gives up when nothing was served for that long: what is missing then is lost. */
    private static final long STALL_NANOS = Duration.ofSeconds(20).toNanos();
    /** Time for late duplicates to show up. */
    private static final long LINGER_NANOS = Duration.ofMillis(500).toNanos();

    private final RunKind kind;
    private final LoadProfile profile;
    private final Transport transport;
    private final Progress progress;
    private final Runnable healthCheck;
    private final LoadSchedule schedule;
    private final LoadClock clock = new LoadClock();
    private final ThreadGauge threads = new ThreadGauge();
    private final AtomicLong settled = new AtomicLong();
    private final AtomicLong sendFailures = new AtomicLong();
    private final DeliveryChecker checker;
    private final RunMeasurement measurement;
    private final LiveView liveView;
    private long lastTickNanos;

    /** @param healthCheck throws if the run cannot go on */
    DemoRun(RunKind kind, LoadProfile profile, Transport transport, Progress progress, Runnable healthCheck) {
        this.kind = kind;
        this.profile = profile;
        this.transport = transport;
        this.progress = progress;
        this.healthCheck = healthCheck;
        this.schedule = LoadSchedule.of(profile, kind.withFlooding());
        this.checker = new DeliveryChecker(schedule.tenants().size());
        this.measurement = new RunMeasurement(profile, schedule);
        this.liveView = new LiveView(schedule, checker);
    }

    /** Connects, runs the load and drains; the transport stays open. */
    RunResult execute() throws ClientException, InterruptedException {
        Gateway gateway = new Gateway(profile, checker, measurement, liveView, threads, clock);
        transport.start(gateway);
        probe(gateway);
        try (LoadGenerator generator = new LoadGenerator(schedule, clock, this::send, this::settled)) {
            clock.start(LEAD);
            generator.start();
            long windowEnd = profile.length().toNanos();
            while (clock.nowNanos() < windowEnd) {
                watch(clock.nowNanos() < profile.warmUp().toNanos() ? Phase.WARM_UP : Phase.MEASURE);
            }
            long waitingAtClose = liveView.wellBehavedWaiting(windowEnd);
            while (clock.nowNanos() < windowEnd + GRACE_NANOS && liveView.wellBehavedWaiting(windowEnd) > 0) {
                watch(Phase.FINISH);
            }
            gateway.openTheGates();
            drain();
            double drainSeconds = (clock.nowNanos() - windowEnd) / 1e9;
            for (long end = clock.nowNanos() + LINGER_NANOS; clock.nowNanos() < end; ) {
                watch(Phase.DRAIN);
            }
            return measurement.result(kind, waitingAtClose, sendFailures.get(), checker.totals(), drainSeconds);
        }
    }

    /**
     * Requests outside the load, until they come through: connections, routes and assignments exist, and the code on the way
     * is warm, when the load begins.
     */
    private void probe(Gateway gateway) throws InterruptedException {
        List<Tenant> senders = schedule.tenants().stream()
                .filter(tenant -> kind.withFlooding() || !tenant.flooding())
                .toList();
        long deadline = System.nanoTime() + PROBE_TIMEOUT.toNanos();
        for (int round = 1; round <= PROBE_ROUNDS; round++) {
            CompletableFuture<?>[] sends = senders.stream()
                    .map(tenant ->
                            transport.send(tenant, Request.probe(tenant.index()).encode()))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(sends).join();
            // a redelivered probe counts twice: good enough, since nothing is measured yet
            while (gateway.probes() < round * senders.size()) {
                if (System.nanoTime() > deadline) {
                    throw new DemoException(
                            "only %d of %d test requests came through in %d s; see the logs folder of the report"
                                    .formatted(gateway.probes(), round * senders.size(), PROBE_TIMEOUT.toSeconds()));
                }
                healthCheck.run();
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private void drain() throws InterruptedException {
        long lastServed = -1;
        long lastProgressNanos = clock.nowNanos();
        while (true) {
            DeliveryChecker.Totals totals = checker.totals();
            if (settled.get() == schedule.requests().size() && totals.lost() == 0) {
                return;
            }
            if (totals.consumed() != lastServed) {
                lastServed = totals.consumed();
                lastProgressNanos = clock.nowNanos();
            } else if (clock.nowNanos() - lastProgressNanos > STALL_NANOS) {
                return;
            }
            watch(Phase.DRAIN);
        }
    }

    private CompletableFuture<?> send(Request request) {
        return transport.send(schedule.tenants().get(request.tenant()), request.encode());
    }

    private void settled(Request request, @Nullable Throwable error) {
        settled.incrementAndGet();
        if (error == null) {
            checker.accepted(request.tenant(), request.sequence());
        } else if (sendFailures.incrementAndGet() == 1) {
            log.warn(
                    "send failed, further ones are only counted run={} tenant={} sequence={}",
                    kind.key(),
                    schedule.tenants().get(request.tenant()).name(),
                    request.sequence(),
                    error);
        }
    }

    /** One turn of the main loop: looks at the threads and the cluster, and once a second shows what it saw. */
    private void watch(Phase phase) throws InterruptedException {
        Thread.sleep(POLL_MILLIS);
        long now = clock.nowNanos();
        measurement.sampleThreads(threads.busy(), threads.sleeping(), now);
        if (now - lastTickNanos >= TICK_NANOS) {
            lastTickNanos += TICK_NANOS;
            healthCheck.run();
            LiveView.Snapshot view = liveView.look(now);
            switch (phase) {
                case WARM_UP, MEASURE -> progress.load(kind, phase, now, view, threads.busy(), threads.sleeping());
                case FINISH -> progress.finish(kind, view.waiting());
                case DRAIN ->
                    progress.drain(
                            kind, schedule.requests().size() - checker.totals().consumed());
            }
        }
    }
}
