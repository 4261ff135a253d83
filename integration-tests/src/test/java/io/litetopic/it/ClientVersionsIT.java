package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.testkit.MavenArtifacts;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The SDK beside other versions and variants of the official client than the one it is built with: the table in the README. */
class ClientVersionsIT {
    private static final int END_TIMEOUT_SECONDS = 180;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }"));

    @TempDir
    Path folder;

    @BeforeAll
    static void createTopic() {
        cluster.createTopic("plain", TopicType.NORMAL, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rocketmq-client-java:5.1.0", "rocketmq-client-java:5.2.0"})
    void liteAndOrdinaryClientsWork(String client) throws Exception {
        String liteTopic = client.replace(':', '-');

        assertThat(run(client, liteTopic))
                .containsExactly(
                        "PUSH suspended",
                        "PUSH " + liteTopic + "-pushed 1",
                        "PUSH " + liteTopic + "-pushed 2",
                        "SIMPLE " + liteTopic + "-pulled 1",
                        "ORDINARY hello",
                        "END");
    }

    /** The second one is the last that was published without shaded classes. */
    @ParameterizedTest
    @ValueSource(strings = {"rocketmq-client-java:5.0.8", "rocketmq-client-java-noshade:5.0.5"})
    void clientThatKnowsNoLiteTopicsIsNamedAndStillServesOrdinaryOnes(String client) throws Exception {
        List<String> lines = run(client, "unused");

        assertThat(lines)
                .hasSize(4)
                .element(0)
                .asString()
                .startsWith("PUSH REFUSED rocketmq-client-java on the class path is not supported")
                .contains(
                        "it does not know lite topics",
                        "found=" + client.split(":", -1)[1],
                        "supported=5.1.0 or 5.2.0");
        assertThat(lines.get(1)).startsWith("SIMPLE REFUSED rocketmq-client-java on the class path is not supported");
        assertThat(lines.subList(2, 4)).containsExactly("ORDINARY hello", "END");
    }

    /** Runs {@link CoexistenceApp} beside the client until it ends by itself, and returns what it wrote. */
    private List<String> run(String client, String liteTopic) throws Exception {
        List<String> classPath = new ArrayList<>();
        for (Class<?> needed : List.of(CoexistenceApp.class, LiteClientServiceProvider.class, org.slf4j.Logger.class)) {
            classPath.add(Path.of(needed.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        MavenArtifacts.withDependencies(List.of("org.apache.rocketmq:" + client))
                .forEach(jar -> classPath.add(jar.toString()));
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx256m",
                        "-Drocketmq.log.root=" + folder.resolve("client-logs"),
                        CoexistenceApp.class.getName(),
                        cluster.grpcEndpoints(),
                        liteTopic)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(output.toFile());
        builder.environment().put("CLASSPATH", String.join(File.pathSeparator, classPath));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("ends by itself; has written %s", Files.readString(output))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output, StandardCharsets.UTF_8);
    }
}
