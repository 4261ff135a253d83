package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadClock;
import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.load.TokenBucket;
import io.litetopic.cli.demo.measure.DeliveryChecker;
import io.litetopic.cli.demo.measure.LiveView;
import io.litetopic.cli.demo.measure.RunMeasurement;
import io.litetopic.cli.demo.measure.ThreadGauge;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The application of the demo, the same in every run: takes a request if the tenant's allowance permits, waits as long as its
 * inference lasts, and writes down what happened. Thread-safe.
 */
final class Gateway {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final DeliveryChecker checker;
    private final RunMeasurement measurement;
    private final LiveView liveView;
    private final ThreadGauge threads;
    private final LoadClock clock;
    private final List<TokenBucket> allowances; // by tenant index
    private final AtomicInteger probes = new AtomicInteger();
    private volatile boolean instantInference;

    Gateway(
            LoadProfile profile,
            DeliveryChecker checker,
            RunMeasurement measurement,
            LiveView liveView,
            ThreadGauge threads,
            LoadClock clock) {
        this.checker = checker;
        this.measurement = measurement;
        this.liveView = liveView;
        this.threads = threads;
        this.clock = clock;
        this.allowances = profile.tenants().stream()
                .map(tenant -> new TokenBucket(profile.allowance(), profile.burst(), 0))
                .toList();
    }

    /**
     * Serves the request, or says how long its tenant has to wait for the next one of its allowance.
     *
     * @return empty if served; else a wait in whole milliseconds, at least 1
     */
    Optional<Duration> serve(ByteBuffer body) {
        threads.enter();
        try {
            return tryServe(Request.decode(body));
        } finally {
            threads.exit();
        }
    }

    /** Serves the request, and holds the calling thread until the tenant's allowance permits. */
    void serveSleeping(ByteBuffer body) throws InterruptedException {
        threads.enter();
        try {
            Request request = Request.decode(body);
            for (Optional<Duration> wait = tryServe(request); wait.isPresent(); wait = tryServe(request)) {
                threads.fallAsleep();
                try {
                    Thread.sleep(wait.get().toMillis());
                } finally {
                    threads.wakeUp();
                }
            }
        } finally {
            threads.exit();
        }
    }

    /** How many probes came through so far. */
    int probes() {
        return probes.get();
    }

    /** For the drain: no allowances and no inference from now on. */
    void openTheGates() {
        instantInference = true;
        allowances.forEach(TokenBucket::lift);
    }

    private Optional<Duration> tryServe(Request request) {
        if (request.isProbe()) {
            probes.incrementAndGet();
            return Optional.empty();
        }
        long wait = allowances.get(request.tenant()).tryTake(clock.nowNanos());
        if (wait > 0) {
            // up to the next millisecond: a resume that comes too early would find no token
            return Optional.of(Duration.ofMillis((wait + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI));
        }
        checker.begin(request.tenant(), request.sequence());
        infer(request);
        checker.end(request.tenant(), request.sequence());
        long now = clock.nowNanos();
        measurement.served(request, now);
        liveView.served(request, now);
        return Optional.empty();
    }

    /** A model that answers after a while: it keeps this thread, but no processor. */
    private void infer(Request request) {
        long end = clock.nowNanos() + TimeUnit.MICROSECONDS.toNanos(request.inferenceMicros());
        for (long left = end - clock.nowNanos(); left > 0 && !instantInference; left = end - clock.nowNanos()) {
            LockSupport.parkNanos(this, left);
        }
    }
}
