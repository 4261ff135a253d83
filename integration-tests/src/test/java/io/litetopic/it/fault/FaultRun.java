package io.litetopic.it.fault;

import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.ServerProcess;
import io.litetopic.testkit.StockCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Injects planned faults one after the other and measures how long each is noticed. Use it from one thread. */
final class FaultRun {
    private static final Logger log = LoggerFactory.getLogger(FaultRun.class);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final long NORMAL_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(3); // of normal flow, before the next fault
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(120);

    private final StockCluster cluster;
    private final Fleet fleet;
    private final Traffic traffic;
    private final Checker checker;
    private final List<String> probes;
    private final Thread watch = new Thread(this::watch, "test-watch");
    private volatile long lastAbnormalNanos = System.nanoTime();
    private volatile boolean watching = true;
    private volatile @Nullable FaultWindow current;

    FaultRun(StockCluster cluster, Fleet fleet, Traffic traffic, Checker checker, List<String> probes) {
        this.cluster = cluster;
        this.fleet = fleet;
        this.traffic = traffic;
        this.checker = checker;
        this.probes = probes;
    }

    /** Begins to watch the flow, and waits until it is normal. */
    void start() {
        watch.setDaemon(true);
        watch.start();
        awaitCalm();
    }

    void stop() throws InterruptedException {
        watching = false;
        watch.join();
    }

    /** Injects one fault, repairs what it broke, and waits until everything flows as before. */
    void inject(PlannedFault planned) throws IOException {
        FaultWindow fault = new FaultWindow(planned.kind(), targetName(planned));
        checker.faultBegins(fault);
        current = fault;
        log.info("fault {}", planned);
        long began = System.nanoTime();
        breakAndRepair(planned, fault);
        fault.ended();
        try {
            awaitCalm();
            fault.recovered(Math.max(began, lastAbnormalNanos));
        } catch (ConditionTimeoutException e) {
            log.error("no recovery within {} s of {}", RECOVERY_LIMIT.toSeconds(), planned, e);
        }
        current = null;
        checker.forgetOld();
        log.info(
                "fault over {} silenceMillis={} longestWaitMillis={} recoveryMillis={} stored={} failed={} deliveries={}",
                planned,
                fault.silenceMillis(),
                fault.longestWaitMillis(),
                fault.recoveryMillis(),
                traffic.stored(),
                traffic.failed(),
                checker.deliveries());
    }

    private void breakAndRepair(PlannedFault planned, FaultWindow fault) throws IOException {
        Duration time = Duration.ofSeconds(planned.seconds());
        int target = planned.target();
        switch (planned.kind()) {
            case KILL_PROXY -> killAndRestart(cluster.proxies().get(target));
            case KILL_BROKER -> killAndRestart(cluster.broker());
            case KILL_CONSUMER -> {
                String name = fleet.processes().get(target);
                fleet.kill(name);
                last(Duration.ofSeconds(1));
                fleet.restart(name);
                fleet.awaitSubscribed();
            }
            case STOP_PROXY -> suspend(cluster.proxies().get(target), time);
            case STOP_BROKER -> suspend(cluster.broker(), time);
            case STOP_CONSUMER -> {
                fleet.stopFor(fleet.processes().get(target), time);
                last(time);
            }
            case RESTART_PROXY -> cluster.proxies().get(target).restart();
            case RESTART_BROKER -> cluster.broker().restart();
            case CUT_LINK -> {
                cluster.brokerLink(target, 0).cut();
                last(time);
                cluster.brokerLink(target, 0).heal();
            }
            case FREEZE_LINK -> {
                cluster.brokerLink(target, 0).freeze();
                last(time);
                cluster.brokerLink(target, 0).heal();
            }
            case REFUSE_WRITES -> {
                cluster.refuseWrites(0, true);
                last(time);
                cluster.refuseWrites(0, false);
            }
            case CLOCK_AHEAD -> stepClock(target, Duration.ofHours(1), time);
            case CLOCK_BEHIND -> stepClock(target, Duration.ofHours(-1), time);
        }
        log.debug("repaired {}", fault);
    }

    private static void killAndRestart(ServerProcess process) {
        process.kill();
        process.restart();
    }

    private static void suspend(ServerProcess process, Duration time) {
        process.suspend();
        try {
            last(time);
        } finally {
            process.resume();
        }
    }

    private void stepClock(int proxy, Duration offset, Duration time) {
        cluster.shiftProxyClock(proxy, offset);
        last(time);
        cluster.shiftProxyClock(proxy, Duration.ZERO);
    }

    private String targetName(PlannedFault planned) {
        return switch (planned.kind()) {
            case KILL_CONSUMER, STOP_CONSUMER -> fleet.processes().get(planned.target());
            case KILL_BROKER, STOP_BROKER, RESTART_BROKER, REFUSE_WRITES ->
                cluster.broker().name();
            default -> cluster.proxies().get(planned.target()).name();
        };
    }

    /** Lets the traffic run against the fault for that time. */
    private static void last(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        await().pollInterval(STEP).atMost(time.plusSeconds(60)).until(() -> System.nanoTime() - end >= 0);
    }

    private void awaitCalm() {
        long began = System.nanoTime();
        await().pollInterval(STEP)
                .atMost(RECOVERY_LIMIT)
                .until(() -> System.nanoTime() - Math.max(began, lastAbnormalNanos) > CALM_NANOS);
    }

    /** Normal is: messages of all probes are handled within a second, and sends succeed. */
    private void watch() {
        long lastLoggedNanos = System.nanoTime() - LOG_NANOS;
        while (watching) {
            long now = System.nanoTime();
            long waitingNanos = checker.oldestWaitingNanos(probes);
            FaultWindow fault = current;
            if (fault != null) {
                fault.waited(waitingNanos);
            }
            long silentNanos = now - traffic.lastStoredNanos();
            if (waitingNanos > NORMAL_AGE_NANOS || silentNanos > NORMAL_AGE_NANOS) {
                lastAbnormalNanos = now;
                if (now - lastLoggedNanos > LOG_NANOS) {
                    lastLoggedNanos = now;
                    String where = checker.longestWaiting(probes);
                    log.info(
                            "not normal oldestWaitingMillis={} lastSendMillis={} stored={} failed={} deliveries={} in={} {}",
                            TimeUnit.NANOSECONDS.toMillis(waitingNanos),
                            TimeUnit.NANOSECONDS.toMillis(silentNanos),
                            traffic.stored(),
                            traffic.failed(),
                            checker.deliveries(),
                            where,
                            fleet.subscribersOf(where));
                }
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }
}
