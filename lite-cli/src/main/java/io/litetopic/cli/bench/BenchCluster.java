package io.litetopic.cli.bench;

import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.Peer;
import io.litetopic.cli.bench.model.SystemKind;
import io.litetopic.cli.bench.model.WireLine;
import io.litetopic.testkit.AdminResult;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterBuilder;
import io.litetopic.testkit.TopicType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A system under test, started for one run, so that no run meets leftovers of another. All systems get the same heap: one process
 * has what two have together.
 */
final class BenchCluster implements AutoCloseable {
    static final int QUEUES = 8;
    /** After a crash the broker checks its files, and the plugin reads its journal. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(5);

    private static final int QUOTA = 4_000_000;
    private static final int SUBSCRIPTIONS = 500_000;
    /** Up to here native lite topics run with their default quotas. */
    private static final int NATIVE_SUBSCRIPTIONS = 2_000;

    private final StockCluster cluster;
    private final SystemKind system;

    private BenchCluster(StockCluster cluster, SystemKind system) {
        this.cluster = cluster;
        this.system = system;
    }

    /**
     * Blocks until it serves.
     *
     * @param jvmOptions of proxy and broker, besides their heap
     */
    static BenchCluster start(PlannedRun run, List<String> jvmOptions) {
        SystemKind system = run.contender().system();
        Load load = run.load();
        StockClusterBuilder builder =
                StockCluster.builder().proxyMode(system.mode()).startTimeout(START_TIMEOUT);
        if (system.mode() == ProxyMode.LOCAL) {
            heap(load.serverHeapGib()).forEach(builder::proxyJvmOption);
        } else {
            heap(load.serverHeapGib() / 2).forEach(builder::proxyJvmOption);
            heap(load.serverHeapGib() / 2).forEach(builder::brokerJvmOption);
        }
        jvmOptions.forEach(builder::proxyJvmOption);
        if (system.mode() == ProxyMode.CLUSTER) {
            jvmOptions.forEach(builder::brokerJvmOption);
        }
        switch (system.peer()) {
            case OURS -> builder.litePluginConfig(pluginConfiguration(run));
            case NATIVE ->
                builder.nativeLite()
                        .brokerProperty("maxLiteSubscriptionCount", Integer.toString(QUOTA))
                        .proxyProperty("maxSyncLiteSubscriptionRate", QUOTA);
            case FIFO -> {}
        }
        StockCluster started = builder.start();
        try {
            if (system.peer() != Peer.OURS) {
                create(started, system.peer(), run);
            }
            return new BenchCluster(started, system);
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    private static List<String> heap(int gib) {
        return List.of("-Xms" + gib + "g", "-Xmx" + gib + "g");
    }

    /** Both kinds of consumer groups deliver in order. */
    private static void create(StockCluster cluster, Peer peer, PlannedRun run) {
        cluster.createTopic(run.topic(), peer == Peer.NATIVE ? TopicType.LITE : TopicType.FIFO, QUEUES);
        if (peer == Peer.NATIVE) {
            cluster.createNativeLiteGroup(run.group(), run.topic());
            if (run.liteTopics() > NATIVE_SUBSCRIPTIONS) {
                raiseQuotas(cluster, run);
            }
        } else {
            cluster.createGroup(run.group(), true);
        }
    }

    /**
     * A client may have that many subscriptions then, and as many lite topics with news waiting for it: with the default of 400 those
     * beyond wait for a scan that comes after 10 to 25 s.
     */
    private static void raiseQuotas(StockCluster cluster, PlannedRun run) {
        AdminResult raised = cluster.mqadmin(
                "updateSubGroup",
                "-b",
                cluster.brokerAddress(),
                "-g",
                run.group(),
                "-o",
                "true",
                "--attributes",
                "+lite.bind.topic=" + run.topic() + ",+lite.sub.client.quota=" + SUBSCRIPTIONS
                        + ",+lite.sub.client.max.event.cnt=" + SUBSCRIPTIONS);
        if (raised.exitCode() != 0) {
            throw new IllegalStateException("cannot raise the quota of " + run.group() + ": " + raised.output());
        }
    }

    /** The order for the load process. */
    CaseSpec spec(PlannedRun run) {
        return new CaseSpec(
                run.load(),
                run.loadCase().name(),
                run.contender(),
                cluster.grpcEndpoints(),
                cluster.brokerAddress(),
                run.topic(),
                run.group(),
                QUEUES,
                run.repetition(),
                pids(),
                run.loadCase().parameters());
    }

    /** Kills the proxy, in local mode the broker with it, and starts it again. */
    WireLine.Restarted restartProxy() {
        cluster.proxy().kill();
        long startedNanos = System.nanoTime();
        cluster.proxy().restart();
        return new WireLine.Restarted(startedNanos, System.nanoTime(), pids());
    }

    /** The ends of the servers' logs. */
    String logTail(int lines) {
        return cluster.proxy().logTail(lines)
                + (system.mode() == ProxyMode.LOCAL ? "" : cluster.broker().logTail(lines));
    }

    @Override
    public void close() {
        cluster.close();
    }

    private Map<String, Long> pids() {
        Map<String, Long> pids = new LinkedHashMap<>();
        if (system.mode() == ProxyMode.LOCAL) {
            pids.put("server", cluster.proxy().pid());
        } else {
            pids.put("proxy", cluster.proxy().pid());
            pids.put("broker", cluster.broker().pid());
        }
        return pids;
    }

    /** The time to live keeps idle lite topics known, as in a real deployment; nothing expires within a run. */
    private static String pluginConfiguration(PlannedRun run) {
        return """
                bindTopics:
                  %s:
                    ttl: 12h
                    onExpiry: keep
                    liteTopicQuota: %d
                    queues: %d
                    groups:
                      %s: { mode: %s, subscriptionsPerClient: %d, subscriptionsPerGroup: %d }
                limits:
                  namesPerRequest: %d
                  requestBytes: 67108864
                """.formatted(
                        run.topic(),
                        QUOTA,
                        QUEUES,
                        run.group(),
                        run.wildcard() ? "wildcard" : "shared",
                        SUBSCRIPTIONS,
                        QUOTA,
                        SUBSCRIPTIONS);
    }
}
