package io.litetopic.it.fault;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kill, stop, restart, cut off and confuse the servers and consumers one after the other, under load: nothing is lost, no order broken, no
 * lite topic handled by two consumers, no suspend ended early, and what was settled comes again only for a crash in the same moment.
 *
 * <p>Every kind of fault once, in an order of its own, takes some minutes. {@code -Dlitetopic.fault.seed} repeats a run;
 * {@code -Dlitetopic.fault.minutes=90} goes on at random for that time, and writes its table to {@code
 * target/fault-report.md}. {@code litetopic.fault.proxies}, {@code .liteTopics} and {@code .perSecond} set the size.
 */
class FaultIT {
    private static final Logger log = LoggerFactory.getLogger(FaultIT.class);
    private static final String BIND_TOPIC = "inference";
    private static final String GROUP = "workers";
    private static final int PROXIES = Integer.getInteger("litetopic.fault.proxies", 2);
    private static final int CONSUMER_PROCESSES = 2;
    private static final int PROBES = 32;
    private static final int LITE_TOPICS = Integer.getInteger("litetopic.fault.liteTopics", 2_000);
    private static final int PER_SECOND = Integer.getInteger("litetopic.fault.perSecond", 60);
    private static final int MINUTES = Integer.getInteger("litetopic.fault.minutes", 0);
    private static final int LONG_SCHEDULE = 10_000; // more than any run gets through
    private static final Duration DRAIN =
            Duration.ofMillis(Mischief.LONGEST_SUSPEND_MILLIS).plusSeconds(60);

    private final long seed = Long.getLong("litetopic.fault.seed", System.nanoTime() % 1_000_000);
    private final List<String> probes = Traffic.names(Mischief.PROBE, PROBES);
    private final List<String> others = Traffic.names("topic-", LITE_TOPICS);

    @Test
    void nothingIsLostOrRepeatedOrOvertakenWhateverFails() throws Exception {
        List<PlannedFault> schedule = MINUTES == 0
                ? PlannedFault.shortSchedule(seed, PROXIES, CONSUMER_PROCESSES)
                : PlannedFault.longSchedule(seed, LONG_SCHEDULE, PROXIES, CONSUMER_PROCESSES);
        System.err.println("faults: seed=" + seed + " schedule=" + schedule.subList(0, Math.min(100, schedule.size())));
        Checker checker = new Checker();
        try (StockCluster cluster = cluster()) {
            run(cluster, checker, schedule);
        } finally {
            report(checker); // also what a run has shown that ended too soon
        }

        assertThat(checker.violations()).as("seed %d", seed).isEmpty();
        assertThat(checker.faults())
                .as("seed %d", seed)
                .allSatisfy(fault -> assertThat(fault.recoveryMillis())
                        .as("time to recover from %s", fault)
                        .isNotNegative());
        assertThat(checker.confirmations())
                .as("the run has tried what it is about")
                .isGreaterThan(1_000);
    }

    private void report(Checker checker) throws IOException {
        String table = FaultReport.table(checker);
        System.err.println("faults: seed=" + seed + "\n" + table);
        Path report = Path.of(System.getProperty("litetopic.fault.report", "target/fault-report.md"));
        Files.createDirectories(requireNonNull(report.toAbsolutePath().getParent()));
        Files.writeString(report, table);
    }

    private static StockCluster cluster() {
        return StockCluster.builder()
                .proxyMode(ProxyMode.CLUSTER)
                .proxies(PROXIES)
                .faultLinks()
                .shiftableProxyClock()
                .startTimeout(Duration.ofMinutes(3)) // a machine that does other things too starts a broker slowly
                .litePluginConfig("""
                        bindTopics:
                          %s: { groups: { %s: { mode: shared, subscriptionsPerClient: 20000 } } }
                        """.formatted(BIND_TOPIC, GROUP))
                .start();
    }

    private void run(StockCluster cluster, Checker checker, List<PlannedFault> schedule) throws Exception {
        String endpoints = cluster.grpcEndpoints();
        try (Fleet fleet =
                        Fleet.start(endpoints, BIND_TOPIC, GROUP, checker, probes, others, CONSUMER_PROCESSES, seed);
                Traffic traffic = Traffic.start(endpoints, BIND_TOPIC, probes, others, PER_SECOND, checker, seed)) {
            FaultRun faults = new FaultRun(cluster, fleet, traffic, checker, probes);
            faults.start();
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
            for (PlannedFault fault : schedule) {
                if (MINUTES > 0 && System.nanoTime() - end > 0) {
                    break;
                }
                faults.inject(fault);
            }
            faults.stop();
            traffic.stop();
            fleet.calmDown();
            drain(checker);
            log.info(
                    "traffic stored={} failed={} deliveries={} confirmed={}",
                    traffic.stored(),
                    traffic.failed(),
                    checker.deliveries(),
                    checker.confirmations());
        }
    }

    private static void drain(Checker checker) {
        try {
            await().atMost(DRAIN).until(() -> checker.incomplete().isEmpty());
        } catch (ConditionTimeoutException e) {
            log.error("not all messages were handled within {} s", DRAIN.toSeconds(), e);
            checker.countLost();
        }
    }
}
