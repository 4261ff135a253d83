package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.testkit.AdminResult;
import io.litetopic.testkit.StockCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What operators see of a cluster with the stock tool. */
final class Mqadmin {
    private static final Pattern QUEUE_LINE = Pattern.compile("(?m)^broker-a\\s+\\d+\\s+(\\d+)\\s+(\\d+)");
    private static final Pattern DIFF_TOTAL = Pattern.compile("Consume Diff Total: (\\d+)");

    private final StockCluster cluster;

    Mqadmin(StockCluster cluster) {
        this.cluster = cluster;
    }

    /** How many messages were ever stored in the topic. */
    long stored(String topic) {
        Matcher queues = QUEUE_LINE.matcher(run("topicStatus", "-t", topic));
        long total = 0;
        while (queues.find()) {
            total += Long.parseLong(queues.group(2));
        }
        return total;
    }

    /** How many stored messages of the topic the group has not consumed. */
    long unconsumed(String group, String topic) {
        String output = run("consumerProgress", "-g", group, "-t", topic);
        Matcher total = DIFF_TOTAL.matcher(output);
        assertThat(total.find()).as(output).isTrue();
        return Long.parseLong(total.group(1));
    }

    /** Topics and groups of the cluster as JSON. */
    String exportMetadata(Path folder) throws IOException {
        run("exportMetadata", "-c", "DefaultCluster", "-f", folder.toString());
        return Files.readString(folder.resolve("metadata.json"));
    }

    /** The entry of a topic or group in exported metadata. */
    static String entry(String metadata, String name) {
        Matcher entry = Pattern.compile("\"" + Pattern.quote(name) + "\":\\{(?:[^{}]++|\\{[^{}]*+})*+}")
                .matcher(metadata);
        assertThat(entry.find()).as("%s in %s", name, metadata).isTrue();
        return entry.group();
    }

    /** Runs a subcommand and returns its output. */
    String run(String... arguments) {
        AdminResult result = cluster.mqadmin(arguments);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }
}
