package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedStartIT {
    @TempDir
    Path folder = Path.of("");

    @AfterEach
    void leavesNoProcessBehind() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
    }

    @Test
    void brokenBrokerPropertyShowsTheWordsOfTheBroker() {
        StockClusterBuilder builder = StockCluster.builder().brokerProperty("brokerRole", "SLAVE");

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterStartException.class)
                .hasMessageContaining("proxy+broker did not start: it ended with exit code")
                .hasMessageContaining("stdout.log <==")
                .hasMessageContaining("Slave's brokerId must be > 0");
    }

    @Test
    void agentThatEndsTheProxyShowsItsLastWords() throws Exception {
        StockClusterBuilder builder = StockCluster.builder()
                .litePluginJar(RecordingAgent.jar(folder))
                .litePluginConfig("exit: true\n")
                .awaitLite(false);

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterStartException.class)
                .hasMessageContaining("exit code 7")
                .hasMessageContaining(RecordingAgent.LAST_WORDS);
    }

    @Test
    void deadlineSaysWhatWasStillMissing() {
        StockClusterBuilder builder = StockCluster.builder().startTimeout(Duration.ofMillis(100));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterStartException.class)
                .hasMessageContaining("not ready after 100 ms: name server does not answer")
                .hasMessageContaining("startTimeout");
    }

    @Test
    void versionThatDoesNotExistIsNamedWithTheRemedy() {
        StockClusterBuilder builder = StockCluster.builder().version("0.0.0-none");

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.apache.rocketmq:rocketmq-namesrv:0.0.0-none")
                .hasMessageContaining("mvn dependency:get");
    }
}
