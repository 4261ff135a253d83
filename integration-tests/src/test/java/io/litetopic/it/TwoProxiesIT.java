package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.ServerProcess;
import io.litetopic.testkit.StockCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two proxies share the queues of a bind topic: each serves its part, and either goes on alone. */
class TwoProxiesIT {
    private static final Logger log = LoggerFactory.getLogger(TwoProxiesIT.class);
    private static final int LITE_TOPICS = 20;

    private final Deliveries deliveries = new Deliveries();
    private int sent;

    @Test
    void proxiesShareTheQueuesAndEitherGoesOnAloneWhenTheOtherIsKilledOrStopped() throws Exception {
        try (StockCluster cluster = StockCluster.builder()
                .proxyMode(ProxyMode.CLUSTER)
                .proxies(2)
                .litePluginConfig("bindTopics: { inference: { queues: 8, groups: { workers: { mode: shared } } } }")
                .start()) {
            ServerProcess second = cluster.proxies().get(1);
            awaitOwnedQueues(cluster, 0, 4);
            awaitOwnedQueues(cluster, 1, 4);
            try (LitePushConsumer consumer = consumer(cluster)) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    consumer.subscribeLite("user-" + topic);
                }
                sendToAll(cluster, 5);
                awaitAll(Duration.ofSeconds(20));

                long killedAt = System.nanoTime();
                second.kill();
                awaitLine(cluster, 0, "queue taken over from a dead member", 4);
                log.info("took over in at most {} ms", millisSince(killedAt));
                sendToAll(cluster, 5);
                awaitAll(Duration.ofSeconds(20));
                log.info("all consumed {} ms after the kill, sends included", millisSince(killedAt));

                second.restart();
                awaitOwnedQueues(cluster, 1, 4);
                sendToAll(cluster, 5);
                awaitAll(Duration.ofSeconds(50));

                long stoppedAt = System.nanoTime();
                second.stop();
                awaitLine(cluster, 0, "reason=it stops", 1);
                log.info("stopped after {} ms", millisSince(stoppedAt));
                sendToAll(cluster, 5);
                awaitAll(Duration.ofSeconds(20));
            }
            assertThat(logOf(cluster, 0)).doesNotContain("queue given up");
            assertThat(deliveries.byLiteTopic().values()).allSatisfy(TwoProxiesIT::isInOrder);
        }
    }

    private LitePushConsumer consumer(StockCluster cluster) throws ClientException {
        return OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration(cluster))
                .bindTopic("inference")
                .setConsumerGroup("workers")
                .setMessageListener(message -> {
                    deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                })
                .build();
    }

    private static ClientConfiguration configuration(StockCluster cluster) {
        return OfficialClients.configuration(cluster);
    }

    /** With a new producer each time: one that knows a proxy that has gone fails until it asks for the route again, 30 s at most. */
    private void sendToAll(StockCluster cluster, int count) throws ClientException, IOException {
        try (Producer producer = OfficialClients.producer(cluster, "inference")) {
            for (int number = sent; number < sent + count; number++) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    producer.send(OfficialClients.liteMessage("inference", "user-" + topic, number));
                }
            }
        }
        sent += count;
    }

    private void awaitAll(Duration atMost) {
        List<Integer> all = IntStream.range(0, sent).boxed().toList();
        await().atMost(atMost)
                .untilAsserted(() -> assertThat(deliveries.byLiteTopic())
                        .hasSize(LITE_TOPICS)
                        .allSatisfy((topic, numbers) ->
                                assertThat(new TreeSet<>(numbers)).as(topic).isEqualTo(new TreeSet<>(all))));
    }

    private static void isInOrder(List<Integer> numbers) {
        int highest = -1;
        for (int number : numbers) {
            assertThat(number).isLessThanOrEqualTo(highest + 1);
            highest = Math.max(highest, number);
        }
    }

    private static void awaitOwnedQueues(StockCluster cluster, int proxy, int queues) {
        Pattern owned = Pattern.compile("owns all queues that it claims .* queues=(\\d+)");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            List<String> found = new ArrayList<>();
            Matcher matcher = owned.matcher(logOf(cluster, proxy));
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
            assertThat(found).last().isEqualTo(Integer.toString(queues));
        });
    }

    private static void awaitLine(StockCluster cluster, int proxy, String text, int times) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(logOf(cluster, proxy).split(Pattern.quote(text), -1))
                        .hasSize(times + 1));
    }

    private static String logOf(StockCluster cluster, int proxy) throws IOException {
        String folder = proxy == 0 ? "proxy" : "proxy-" + (proxy + 1);
        Path file = cluster.dataDirectory().resolve(folder).resolve("home/logs/rocketmqlogs/proxy.log");
        return Files.readString(file);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
