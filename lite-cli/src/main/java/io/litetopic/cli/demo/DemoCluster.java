package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterBuilder;
import io.litetopic.testkit.TopicType;
import java.util.Set;
import org.apache.rocketmq.client.apis.ClientConfiguration;

/** The embedded stock cluster with a topic and a consumer group per run, so that no run meets leftovers of another. */
final class DemoCluster implements AutoCloseable {
    private static final int QUEUES = 8;
    private static final int LOG_TAIL_LINES = 30;

    private final StockCluster cluster;

    private DemoCluster(StockCluster cluster) {
        this.cluster = cluster;
    }

    /** Starts it, with the plugin if one of the runs needs it; blocks until it serves. */
    static DemoCluster start(Set<RunKind> runs) {
        StockClusterBuilder builder = StockCluster.builder();
        if (runs.stream().anyMatch(RunKind::lite)) {
            builder.litePluginConfig(pluginConfiguration(runs));
        }
        StockCluster started = builder.start();
        try {
            for (RunKind run : runs) {
                if (!run.lite()) {
                    started.createTopic(topic(run), TopicType.FIFO, QUEUES);
                    started.createGroup(group(run), true);
                }
            }
            return new DemoCluster(started);
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** A transport for the run; not started. */
    Transport transport(RunKind run, LoadProfile profile) {
        ClientConfiguration configuration = ClientConfiguration.newBuilder()
                .setEndpoints(cluster.grpcEndpoints())
                .enableSsl(false)
                .build();
        return run.lite()
                ? new LiteTransport(configuration, topic(run), group(run), profile.tenants(), profile.workers())
                : new FifoTransport(configuration, topic(run), group(run), profile.workers());
    }

    /** @throws DemoException if a server process is gone, with the tail of its log */
    void checkAlive() {
        if (!cluster.proxy().isAlive()) {
            throw new DemoException("the proxy process " + cluster.proxy().pid() + " died; its log ends with:\n"
                    + cluster.proxy().logTail(LOG_TAIL_LINES));
        }
        if (!cluster.nameServer().isAlive()) {
            throw new DemoException(
                    "the name server process " + cluster.nameServer().pid() + " died; its log ends with:\n"
                            + cluster.nameServer().logTail(LOG_TAIL_LINES));
        }
    }

    @Override
    public void close() {
        cluster.close();
    }

    private static String pluginConfiguration(Set<RunKind> runs) {
        StringBuilder yaml = new StringBuilder("bindTopics:\n");
        for (RunKind run : runs) {
            if (run.lite()) {
                yaml.append("""
                          %s:
                            ttl: 30m
                            liteTopicQuota: 1000
                            queues: %d
                            groups:
                              %s: { mode: shared }
                        """.formatted(topic(run), QUEUES, group(run)).indent(2));
            }
        }
        return yaml.toString();
    }

    private static String topic(RunKind run) {
        return "gateway-" + run.key();
    }

    private static String group(RunKind run) {
        return "gateway-" + run.key() + "-workers";
    }
}
