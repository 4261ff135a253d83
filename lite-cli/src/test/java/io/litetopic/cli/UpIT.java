package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lite up} in real processes. */
class UpIT {
    private static final int DIED = 1;
    private static final int TERMINATED = 143;
    private static final String CONFIG = """
            bindTopics:
              inference:
                ttl: 30m
                queues: 4
                groups:
                  workers: { mode: shared }
            """;

    private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();

    @TempDir
    private Path folder;

    @Test
    void servesUntilItIsTerminatedAndFindsItsDataAgain() throws Exception {
        Path config = Files.writeString(folder.resolve("lite.yaml"), CONFIG);
        String[] command = {
            "up",
            "--config",
            config.toString(),
            "--data",
            folder.resolve("data").toString()
        };

        try (LiteProcess first = LiteProcess.start(folder, command)) {
            send(first.ready("endpoints"), "kept over the restart");
            List<ProcessHandle> servers = first.children();

            first.terminate();

            assertThat(first.awaitExit()).isEqualTo(TERMINATED);
            assertThat(first.out())
                    .matches("READY endpoints=127\\.0\\.0\\.1:\\d+ namesrv=127\\.0\\.0\\.1:\\d+"
                            + " proxyPid=\\d+ brokerPid=\\d+\\R");
            assertThat(servers).isNotEmpty();
            awaitEnd(servers);
        }

        try (LiteProcess second = LiteProcess.start(folder, command)) {
            assertThat(receiveOne(second.ready("endpoints"))).isEqualTo("kept over the restart");
        }
    }

    @Test
    void saysSoAndStopsWhenAServerDies() throws Exception {
        Path config = Files.writeString(folder.resolve("lite.yaml"), CONFIG);

        try (LiteProcess up = LiteProcess.start(folder, "up", "--config", config.toString())) {
            long proxyPid = Long.parseLong(up.ready("proxyPid"));
            List<ProcessHandle> servers = up.children();

            ProcessHandle.of(proxyPid).orElseThrow().destroyForcibly();

            assertThat(up.awaitExit()).isEqualTo(DIED);
            assertThat(up.err()).contains("process " + proxyPid + " died").contains("log ends with");
            awaitEnd(servers);
        }
    }

    @Test
    void refusesAConfigurationThatThePluginCannotReadAndLeavesNothingRunning() throws Exception {
        Path config = Files.writeString(folder.resolve("lite.yaml"), "bindTopics:\n  inference:\n    tttl: 30m\n");

        try (LiteProcess up = LiteProcess.start(folder, "up", "--config", config.toString())) {
            int exitCode = up.awaitExit(Duration.ofMinutes(2));

            assertThat(exitCode).isEqualTo(DIED);
            assertThat(up.out()).isEmpty();
            assertThat(up.err()).contains("tttl");
            assertThat(up.children()).isEmpty();
        }
    }

    private void send(String endpoints, String text) throws ClientException, IOException {
        try (Producer producer = provider.newProducerBuilder()
                .setClientConfiguration(configuration(endpoints))
                .setTopics("inference")
                .build()) {
            producer.send(provider.newMessageBuilder()
                    .setTopic("inference")
                    .setLiteTopic("user-1")
                    .setBody(text.getBytes(StandardCharsets.UTF_8))
                    .build());
        }
    }

    private String receiveOne(String endpoints) throws ClientException, IOException {
        ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
        try (LitePushConsumer consumer = provider.newLitePushConsumerBuilder()
                .setClientConfiguration(configuration(endpoints))
                .bindTopic("inference")
                .setConsumerGroup("workers")
                .setMessageListener(message -> {
                    received.add(
                            StandardCharsets.UTF_8.decode(message.getBody()).toString());
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            consumer.subscribeLite("user-1");
            await().atMost(Duration.ofSeconds(30)).until(() -> !received.isEmpty());
            return received.element();
        }
    }

    /** The servers are gone when their parent is; the small processes that guard them notice a moment later. */
    private static void awaitEnd(List<ProcessHandle> processes) {
        await().until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static ClientConfiguration configuration(String endpoints) {
        return ClientConfiguration.newBuilder()
                .setEndpoints(endpoints)
                .enableSsl(false)
                .build();
    }
}
