package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Asynchronous listeners, executors of the application, pause and close against the plugin. */
class ConsumerLoopIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MANY = 10_000;

    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().litePluginConfig("""
                    bindTopics:
                      many:     { groups: { many-workers: { mode: wildcard } } }
                      pausing:  { groups: { pausing-workers: { mode: shared } } }
                      closing:  { groups: { closing-workers: { mode: shared } } }
                      pool:     { groups: { pool-workers: { mode: wildcard } } }
                    """));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "many", "pausing", "closing", "pool");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void asynchronousListenerHasTenThousandMessagesInFlightOnFourThreads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        Map<String, CompletableFuture<ConsumeResult>> inFlight = new ConcurrentHashMap<>();
        sendToEach(0);
        long startNanos = System.nanoTime();
        try (LitePushConsumer consumer = builder("many")
                .setAsyncMessageListener(message -> {
                    threads.add(Thread.currentThread().getName());
                    return inFlight.computeIfAbsent(liteTopic(message), absent -> new CompletableFuture<>());
                })
                .setConsumptionThreadCount(4)
                .setMaxConcurrency(MANY)
                .build()) {
            await().atMost(LONG).until(() -> inFlight.size() == MANY);
            long receivedNanos = System.nanoTime();
            assertThat(threads).hasSizeLessThanOrEqualTo(4);
            inFlight.values().forEach(stage -> stage.complete(ConsumeResult.SUCCESS));
            System.err.printf(
                    "measured: %d messages in flight on %d threads after %.0f ms%n",
                    MANY, threads.size(), (receivedNanos - startNanos) / 1e6);
        }

        // The next ones come first only if all of those before are acked.
        Deliveries rest = new Deliveries();
        Map<String, Integer> calls = new ConcurrentHashMap<>(); // a send that the producer repeats is another message
        sendToEach(1);
        try (LitePushConsumer consumer = builder("many")
                .setAsyncMessageListener(message -> {
                    calls.merge(liteTopic(message) + "@" + message.getQueueOffset(), 1, Integer::sum);
                    rest.add(liteTopic(message), OfficialClients.number(message));
                    return CompletableFuture.completedFuture(ConsumeResult.SUCCESS);
                })
                .build()) {
            await().atMost(LONG).until(() -> rest.byLiteTopic().size() == MANY);
            assertThat(rest.byLiteTopic().values())
                    .allSatisfy(numbers -> assertThat(numbers).containsOnly(1));
            assertThat(calls)
                    .as("listener calls of each message")
                    .allSatisfy(
                            (message, count) -> assertThat(count).as(message).isEqualTo(1));
        }
    }

    @Test
    void pausedConsumerLeavesMessagesToOthersAndKeepsItsSubscriptions() throws Exception {
        Deliveries first = new Deliveries();
        Deliveries second = new Deliveries();
        try (LitePushConsumer pausing = consumer("pausing", first)) {
            pausing.subscribeLite("a");
            producer.send(LiteClients.message("pausing", "a", 0));
            await().atMost(LONG).until(() -> first.total() == 1);

            pausing.pause();
            try (LitePushConsumer other = consumer("pausing", second)) {
                other.subscribeLite("a");
                for (int number = 1; number <= 20; number++) {
                    producer.send(LiteClients.message("pausing", "a", number));
                }
                await().atMost(LONG).until(() -> second.total() == 20);
            }
            assertThat(first.total()).isEqualTo(1);
            assertThat(pausing.getLiteTopicSet()).containsExactly("a");

            pausing.resume();
            producer.send(LiteClients.message("pausing", "a", 21));
            await().atMost(LONG).until(() -> first.total() == 2);
            assertThat(first.of("a")).containsExactly(0, 21);
            assertThat(second.of("a"))
                    .isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
        }
    }

    @Test
    void closeHandsBackWhatRunsIfItMayNotWait() throws Exception {
        CompletableFuture<CompletableFuture<ConsumeResult>> inFlight = new CompletableFuture<>();
        LitePushConsumer closing = builder("closing")
                .setAsyncMessageListener(message -> {
                    CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
                    inFlight.complete(stage);
                    return stage;
                })
                .setCloseTimeout(Duration.ZERO)
                .build();
        closing.subscribeLite("a");
        producer.send(LiteClients.message("closing", "a", 0));
        CompletableFuture<ConsumeResult> stage = inFlight.get(60, TimeUnit.SECONDS);
        long startNanos = System.nanoTime();
        closing.close();
        long closedNanos = System.nanoTime();
        assertThat(stage).isCancelled();

        List<Integer> attempts = new ArrayList<>();
        CountDownLatch again = new CountDownLatch(1);
        LitePushConsumer next = builder("closing")
                .setMessageListener(message -> {
                    attempts.add(message.getDeliveryAttempt());
                    again.countDown();
                    return ConsumeResult.SUCCESS;
                })
                .build();
        next.subscribeLite("a");
        assertThat(again.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(attempts).as("what was handed back was no attempt").containsExactly(1);
        long idleNanos = System.nanoTime();
        next.close();
        System.err.printf(
                "measured: close handed a running call back in %.0f ms, closed an idle consumer in %.0f ms%n",
                (closedNanos - startNanos) / 1e6, (System.nanoTime() - idleNanos) / 1e6);
    }

    @Test
    void executorThatRefusesWorkDelaysMessagesButLosesNone() throws Exception {
        int messages = 60;
        Deliveries deliveries = new Deliveries();
        AtomicInteger refused = new AtomicInteger();
        Semaphore mayEnd = new Semaphore(0);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(2, 2, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
        pool.setRejectedExecutionHandler((task, executor) -> {
            refused.incrementAndGet();
            new ThreadPoolExecutor.AbortPolicy().rejectedExecution(task, executor);
        });
        try (LitePushConsumer consumer = builder("pool")
                .setMessageListener(message -> {
                    mayEnd.acquireUninterruptibly();
                    deliveries.add(liteTopic(message), OfficialClients.number(message));
                    return ConsumeResult.SUCCESS;
                })
                .setConsumptionExecutor(pool)
                .build()) {
            for (int number = 0; number < messages; number++) {
                producer.send(LiteClients.message("pool", "p-" + number % 30, number));
            }
            await().atMost(LONG).until(() -> refused.get() > 0);
            mayEnd.release(messages);

            await().atMost(LONG).until(() -> deliveries.total() == messages);
            assertThat(deliveries.byLiteTopic()).hasSize(30);
            assertThat(deliveries.byLiteTopic()).allSatisfy((liteTopic, numbers) -> {
                int first = Integer.parseInt(liteTopic.substring(2));
                assertThat(numbers).containsExactly(first, first + 30);
            });
        }
        assertThat(pool.isShutdown()).isFalse();
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void sendToEach(int number) {
        List<CompletableFuture<?>> sends = new ArrayList<>();
        for (int topic = 0; topic < MANY; topic++) {
            sends.add(producer.sendAsync(LiteClients.message("many", "call-" + topic, number)));
            if (sends.size() == 500) {
                CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
                sends.clear();
            }
        }
        CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).join();
    }

    private static LitePushConsumer consumer(String bindTopic, Deliveries deliveries) throws ClientException {
        return LiteClients.consumer(cluster.get(), bindTopic, bindTopic + "-workers", message -> {
            deliveries.add(liteTopic(message), OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        });
    }

    private static LitePushConsumerBuilder builder(String bindTopic) {
        return LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers");
    }

    private static String liteTopic(io.litetopic.lite.MessageView message) {
        return message.getLiteTopic().orElseThrow();
    }
}
