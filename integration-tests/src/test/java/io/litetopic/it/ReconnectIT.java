package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** A consumer goes on as soon as its only proxy is back, however long that was away. */
class ReconnectIT {
    private static final int LITE_TOPICS = 20;
    private static final int MESSAGES = 20;
    private static final Duration AWAY = Duration.ofSeconds(10);
    private static final Duration GAP = Duration.ofSeconds(2);

    @Test
    void consumerReceivesSoonAfterItsProxyCameBack(TestReporter reporter) throws Exception {
        try (StockCluster cluster = StockCluster.builder()
                .proxyMode(ProxyMode.CLUSTER)
                .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }")
                .start()) {
            Deliveries deliveries = new Deliveries();
            CountDownLatch proxyIsBack = new CountDownLatch(1);
            CountDownLatch proxyIsGone = new CountDownLatch(1);
            AtomicLong firstNanos = new AtomicLong();
            try (Producer producer = LiteClients.producer(cluster, "inference");
                    LitePushConsumer consumer = LiteClients.consumer(cluster, "inference", "workers", message -> {
                        if (proxyIsGone.getCount() == 0) {
                            // What was in hand when the proxy died, and comes to an end after it, is no new delivery.
                            firstNanos.compareAndSet(0, System.nanoTime());
                        } else if (OfficialClients.number(message) == 1) {
                            awaitLatch(proxyIsBack);
                        }
                        deliveries.add(message.getLiteTopic().orElseThrow(), OfficialClients.number(message));
                        return ConsumeResult.SUCCESS;
                    })) {
                for (int topic = 0; topic < LITE_TOPICS; topic++) {
                    consumer.subscribeLite("user-" + topic);
                }
                for (int number = 0; number < MESSAGES; number++) {
                    for (int topic = 0; topic < LITE_TOPICS; topic++) {
                        producer.send(LiteClients.message("inference", "user-" + topic, number));
                    }
                }
                await().atMost(Duration.ofSeconds(30)).until(() -> deliveries.total() == LITE_TOPICS);

                cluster.proxy().kill();
                proxyIsGone.countDown();
                proxyIsBack.countDown(); // the threads are free before the proxy is back
                long killedNanos = System.nanoTime();
                await().atMost(AWAY.multipliedBy(2)).until(() -> System.nanoTime() - killedNanos > AWAY.toNanos());
                assertThat(firstNanos).hasValue(0);
                cluster.proxy().restart();
                long readyNanos = System.nanoTime();

                await().atMost(Duration.ofSeconds(60))
                        .until(() -> deliveries.byLiteTopic().values().stream()
                                .allMatch(numbers -> numbers.contains(MESSAGES - 1)));
                Duration gap = Duration.ofNanos(firstNanos.get() - readyNanos);
                reporter.publishEntry("millisFromReadyToFirstDelivery", Long.toString(gap.toMillis()));
                assertThat(gap).isLessThan(GAP);
            }
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
