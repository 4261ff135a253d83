package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LocalModeIT {
    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(builder());

    private final OfficialClient client = new OfficialClient(cluster.grpcEndpoints());

    /** With an agent in the plugin's place, which leaves the proxy alone. */
    private static StockClusterBuilder builder() {
        try {
            return StockCluster.builder()
                    .litePluginJar(RecordingAgent.jar(Path.of("target")))
                    .litePluginConfig("exit: false\n")
                    .awaitLite(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void createTopics() {
        cluster.createTopic("greetings", TopicType.NORMAL, 2);
        cluster.createGroup("readers", false);
    }

    @Test
    void brokerAndProxyShareOneProcess() {
        assertThat(cluster.broker()).isSameAs(cluster.proxy());
        assertThat(cluster.proxy().pid()).isNotEqualTo(cluster.nameServer().pid());
        assertThat(cluster.proxy().isAlive()).isTrue();
    }

    @Test
    void officialClientSendsAndReceives() throws Exception {
        client.send("greetings", "hello");

        assertThat(client.receive("greetings", "readers")).isEqualTo("hello");
    }

    @Test
    void messageIsStillThereAfterKillAndRestart() throws Exception {
        client.send("greetings", "still here");
        long pidBefore = cluster.proxy().pid();

        cluster.proxy().kill();

        assertThat(cluster.proxy().isAlive()).isFalse();
        assertThat(ProcessHandle.of(pidBefore)).isEmpty();
        cluster.proxy().restart();
        assertThat(cluster.proxy().pid()).isNotEqualTo(pidBefore);
        assertThat(client.receive("greetings", "readers")).isEqualTo("still here");
    }

    @Test
    void suspendedProcessAnswersNothingUntilItIsResumed() {
        int grpcPort = Integer.parseInt(cluster.grpcEndpoints().split(":")[1]);

        cluster.proxy().suspend();
        try {
            assertThat(cluster.proxy().isAlive()).isTrue();
            assertThatThrownBy(() -> RouteProbe.ask(grpcPort, "greetings")).isInstanceOf(IOException.class);
        } finally {
            cluster.proxy().resume();
        }

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> RouteProbe.ask(grpcPort, "greetings").isOk());
    }

    @Test
    void agentIsStartedAsAnOperatorWouldStartThePlugin() {
        Path config = cluster.dataDirectory().resolve("proxy/lite-topic.yaml");

        assertThat(config).hasContent("exit: false");
        assertThat(cluster.proxy().logTail(50)).contains(RecordingAgent.GREETING + config);
    }

    @Test
    void mqadminTalksToThisCluster() {
        AdminResult result = cluster.mqadmin("topicList");

        assertThat(result.exitCode()).isZero();
        assertThat(result.output()).contains("greetings");
    }

    @Test
    void refusedTopicComesWithTheWordsOfStock() {
        assertThatThrownBy(() -> cluster.createTopic("not a topic!", TopicType.FIFO, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mqadmin updateTopic")
                .hasMessageContaining("not a topic!");
    }

    @Test
    void serversKeepLogsAndMessagesInTheDataFolder() {
        assertThat(cluster.dataDirectory().resolve("proxy/home/logs")).isNotEmptyDirectory();
        assertThat(cluster.dataDirectory().resolve("nameserver/home/logs")).isNotEmptyDirectory();
        assertThat(cluster.dataDirectory().resolve("store/commitlog")).isDirectory();
    }
}
