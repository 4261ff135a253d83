package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadClock;
import io.litetopic.cli.demo.load.LoadGenerator;
import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.measure.DeliveryChecker;
import io.litetopic.cli.demo.measure.LiveView;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunMeasurement;
import io.litetopic.cli.demo.measure.RunResult;
import io.litetopic.cli.demo.measure.ThreadGauge;
import java.time.Duration;
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
        try (LoadGenerator generator = new LoadGenerator(schedule, clock, this::send, this::settled)) {
            clock.start(LEAD);
            generator.start();
            long windowEnd = profile.length().toNanos();
            while (clock.nowNanos() < windowEnd) {
                watch(clock.nowNanos() < profile.warmUp().toNanos() ? "warm-up" : "measure");
            }
            long waitingAtClose = liveView.wellBehavedWaiting(windowEnd);
            while (clock.nowNanos() < windowEnd + GRACE_NANOS && liveView.wellBehavedWaiting(windowEnd) > 0) {
                watch("measure");
            }
            gateway.openTheGates();
            drain();
            double drainSeconds = (clock.nowNanos() - windowEnd) / 1e9;
            for (long end = clock.nowNanos() + LINGER_NANOS; clock.nowNanos() < end; ) {
                watch("check");
            }
            return measurement.result(kind, waitingAtClose, sendFailures.get(), checker.totals(), drainSeconds);
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
            watch("drain");
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
    private void watch(String phase) throws InterruptedException {
        Thread.sleep(POLL_MILLIS);
        long now = clock.nowNanos();
        measurement.sampleThreads(threads.busy(), threads.sleeping(), now);
        if (now - lastTickNanos >= TICK_NANOS) {
            lastTickNanos += TICK_NANOS;
            healthCheck.run();
            progress.tick(kind, phase, now / 1e9, liveView.look(now), threads.busy(), threads.sleeping());
        }
    }
}
