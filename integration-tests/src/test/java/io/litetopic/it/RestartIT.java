package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;

/** A crash of the proxy loses nothing: what was acked above the committed offset may come again, in order. */
class RestartIT {
    private static final int LITE_TOPICS = 50;

    @Test
    void consumptionGoesOnAfterTheProxyWasKilledAndRestarted() throws Exception {
        try (StockCluster cluster = StockCluster.builder()
                .proxyMode(ProxyMode.CLUSTER)
                .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }")
                .start()) {
            Deliveries deliveries = new Deliveries();
            try (Producer producer = LiteClients.producer(cluster, "inference");
                    LitePushConsumer consumer = LiteClients.consumer(cluster, "inference", "workers", message -> {
                        deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                        return ConsumeResult.SUCCESS;
                    })) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    consumer.subscribeLite("user-" + topic);
                }
                sendToAll(producer, 0, 20);
                await().atMost(Duration.ofSeconds(30)).until(() -> deliveries.total() > LITE_TOPICS * 5);

                cluster.proxy().kill();
                cluster.proxy().restart();

                sendToAll(producer, 20, 30);
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(deliveries.byLiteTopic().values())
                                .hasSize(LITE_TOPICS)
                                .allSatisfy(RestartIT::isComplete));
                assertThat(deliveries.byLiteTopic().values()).allSatisfy(RestartIT::isInOrder);
            }
        }
    }

    /** As an application would: a send that fails while the proxy is away is repeated. */
    private static void sendToAll(Producer producer, int from, int to) {
        for (int number = from; number < to; number++) {
            for (int topic = 0; topic < LITE_TOPICS; topic++) {
                Message message = LiteClients.message("inference", "user-" + topic, number);
                await().atMost(Duration.ofSeconds(60))
                        .pollDelay(Duration.ZERO)
                        .ignoreExceptionsInstanceOf(ClientException.class)
                        .until(() -> producer.send(message) != null);
            }
        }
    }

    private static void isComplete(List<Integer> numbers) {
        assertThat(new TreeSet<>(numbers))
                .isEqualTo(
                        new TreeSet<>(Set.copyOf(IntStream.range(0, 30).boxed().toList())));
    }

    /** A redelivery may step back to something seen before; no message is ever skipped. */
    private static void isInOrder(List<Integer> numbers) {
        int highest = -1;
        for (int number : numbers) {
            assertThat(number).isLessThanOrEqualTo(highest + 1);
            highest = Math.max(highest, number);
        }
    }
}
