package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderIT {
    @TempDir
    Path folder = Path.of("");

    @Test
    void givenFolderSurvivesCloseAndASecondClusterContinuesWithIt() throws Exception {
        Set<Long> strangers = descendants();
        int grpcPort = FreePorts.take();
        FreePorts.release(Set.of(grpcPort));
        StockClusterBuilder builder =
                StockCluster.builder().dataDirectory(folder).grpcPort(grpcPort);
        List<ServerProcess> processes;
        try (StockCluster first = builder.start()) {
            first.createTopic("kept", TopicType.NORMAL, 1);
            new OfficialClient(first.grpcEndpoints()).send("kept", "from the first");
            processes = List.of(first.proxy(), first.nameServer());

            assertThat(first.grpcEndpoints()).isEqualTo("127.0.0.1:" + grpcPort);
            assertThat(first.dataDirectory()).isEqualTo(folder);
        }

        assertThat(processes).noneMatch(ServerProcess::isAlive);
        // the watchers end with their processes, a moment later
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(descendants()).isSubsetOf(strangers));
        try (StockCluster second = builder.start()) {
            assertThat(new OfficialClient(second.grpcEndpoints()).receive("kept", "readers"))
                    .isEqualTo("from the first");
        }
    }

    private static Set<Long> descendants() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
