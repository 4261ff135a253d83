package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The published client 5.2.0 against the plugin, as it is. */
class OfficialClientIT {
    private static final int LITE_TOPICS = 1_000;
    private static final int MESSAGES_EACH = 10;

    private static final String CONFIG = """
            bindTopics:
              inference:
                ttl: 30m
                queues: 8
                groups:
                  workers: { mode: shared }
            """;

    @ParameterizedTest
    @EnumSource(ProxyMode.class)
    void consumesEveryLiteTopicInOrderWithoutLossOrDuplicate(ProxyMode mode) throws Exception {
        try (StockCluster cluster = StockCluster.builder()
                .proxyMode(mode)
                .litePluginConfig(CONFIG)
                // The official client's close waits for its long polls.
                .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
                .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000)
                .start()) {
            Deliveries deliveries = new Deliveries();
            try (Producer producer = OfficialClients.producer(cluster, "inference");
                    LitePushConsumer consumer = OfficialClients.PROVIDER
                            .newLitePushConsumerBuilder()
                            .setClientConfiguration(OfficialClients.configuration(cluster))
                            .bindTopic("inference")
                            .setConsumerGroup("workers")
                            .setMessageListener(message -> {
                                deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                                return ConsumeResult.SUCCESS;
                            })
                            .build()) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    consumer.subscribeLite("user-" + topic);
                }
                long start = System.nanoTime();
                for (int number = 0; number < MESSAGES_EACH; number++) {
                    sendToAll(producer, number);
                }
                long sent = System.nanoTime();

                await().atMost(Duration.ofSeconds(120)).until(() -> deliveries.total() >= LITE_TOPICS * MESSAGES_EACH);
                System.err.printf(
                        "official client, %s mode: %d messages sent in %d ms, consumed in %d ms%n",
                        mode,
                        LITE_TOPICS * MESSAGES_EACH,
                        (sent - start) / 1_000_000,
                        (System.nanoTime() - start) / 1_000_000);
                List<Integer> inOrder =
                        IntStream.range(0, MESSAGES_EACH).boxed().toList();
                assertThat(deliveries.byLiteTopic()).hasSize(LITE_TOPICS);
                assertThat(deliveries.byLiteTopic().values())
                        .allSatisfy(numbers -> assertThat(numbers).isEqualTo(inOrder));
            }
        }
    }

    /** One message to every lite topic, in parallel; a lite topic's next one is sent when all of these are stored. */
    private static void sendToAll(Producer producer, int number) {
        List<CompletableFuture<SendReceipt>> sends = new ArrayList<>();
        for (int topic = 0; topic < LITE_TOPICS; topic++) {
            sends.add(producer.sendAsync(OfficialClients.liteMessage("inference", "user-" + topic, number)));
        }
        CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
    }
}
