package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.observability.LiteObserver;
import io.litetopic.lite.observability.OpenTelemetryObserver;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Asynchronous listeners, executors of the application, pause, close and traces against the plugin. */
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
                      unequal:  { groups: { unequal-workers: { mode: wildcard } } }
                      virtual:  { groups: { virtual-workers: { mode: wildcard } } }
                      traced:   { groups: { traced-workers: { mode: wildcard } } }
                    """));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(
                cluster.get(), "many", "pausing", "closing", "pool", "unequal", "virtual", "traced");
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

    /** The slow node's stages do not end before the fast one has done everything else. */
    @Test
    void slowNodeHoldsNoMoreThanItHandlesAndTheFastOneTakesTheRest() throws Exception {
        int messages = 600;
        int slowConcurrency = 20;
        List<CompletableFuture<ConsumeResult>> slow = new CopyOnWriteArrayList<>();
        AtomicInteger slowReceived = new AtomicInteger();
        AtomicInteger fast = new AtomicInteger();
        LiteObserver counter = new LiteObserver() {
            @Override
            public void received(String consumerGroup, MessageView message) {
                slowReceived.incrementAndGet();
            }
        };
        try (LitePushConsumer slowNode = builder(LiteClients.PROVIDER.observedBy(counter), "unequal")
                        .setAsyncMessageListener(message -> {
                            CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
                            slow.add(stage);
                            return stage;
                        })
                        .setMaxConcurrency(slowConcurrency)
                        .build();
                LitePushConsumer fastNode = builder("unequal")
                        .setAsyncMessageListener(message -> {
                            fast.incrementAndGet();
                            return CompletableFuture.completedFuture(ConsumeResult.SUCCESS);
                        })
                        .setMaxConcurrency(100)
                        .build()) {
            assertThat(List.of(slowNode.isPaused(), fastNode.isPaused())).containsOnly(false);
            for (int topic = 0; topic < messages; topic++) {
                producer.send(LiteClients.message("unequal", "u-" + topic, 0));
            }

            await().atMost(LONG).until(() -> fast.get() + slow.size() == messages);
            assertThat(slow).hasSizeBetween(1, slowConcurrency);
            assertThat(slowReceived).as("messages that the slow node got").hasValue(slow.size());
            slow.forEach(stage -> stage.complete(ConsumeResult.SUCCESS));
        }
    }

    @Test
    void listenerRunsOnVirtualThreads() throws Exception {
        Executor virtualThreads = virtualThreads();
        int liteTopics = 2_000;
        CountDownLatch all = new CountDownLatch(liteTopics);
        AtomicInteger onVirtualThread = new AtomicInteger();
        try (LitePushConsumer consumer = builder("virtual")
                .setMessageListener(message -> {
                    onVirtualThread.addAndGet(isVirtual(Thread.currentThread()) ? 1 : 0);
                    all.countDown();
                    awaitUninterruptibly(all); // all at the same time
                    return ConsumeResult.SUCCESS;
                })
                .setConsumptionThreadCount(liteTopics)
                .setConsumptionExecutor(virtualThreads)
                .build()) {
            assertThat(consumer.isPaused()).isFalse();
            for (int topic = 0; topic < liteTopics; topic++) {
                producer.send(LiteClients.message("virtual", "v-" + topic, 0));
            }

            assertThat(all.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertThat(onVirtualThread).hasValue(liteTopics);
    }

    @Test
    void traceLeadsFromTheSendThroughTheBrokerToTheListener() throws Exception {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        LiteClientServiceProvider provider = LiteClients.PROVIDER.observedBy(OpenTelemetryObserver.of(telemetry));
        List<SpanData> spans;
        try (telemetry;
                LitePushConsumer consumer = builder(provider, "traced")
                        .setMessageListener(message -> ConsumeResult.SUCCESS)
                        .build();
                Producer traced = provider.newProducerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .setTopics("traced")
                        .build()) {
            assertThat(consumer.isPaused()).isFalse();
            traced.send(LiteClients.message("traced", "t-1", 0));

            await().atMost(LONG).until(() -> exporter.getFinishedSpanItems().size() == 2);
            spans = exporter.getFinishedSpanItems(); // the exporter forgets them when it is closed
        }
        SpanData send = spans.stream()
                .filter(span -> span.getKind() == SpanKind.PRODUCER)
                .findFirst()
                .orElseThrow();
        SpanData process = spans.stream()
                .filter(span -> span.getKind() == SpanKind.CONSUMER)
                .findFirst()
                .orElseThrow();
        assertThat(process.getTraceId()).isEqualTo(send.getTraceId());
        assertThat(process.getParentSpanId()).isEqualTo(send.getSpanId());
    }

    /** An executor with a virtual thread for each task; skips the test where Java has none. */
    private static Executor virtualThreads() throws ReflectiveOperationException {
        Optional<Method> factory = Stream.of(Executors.class.getMethods())
                .filter(method -> method.getName().equals("newVirtualThreadPerTaskExecutor"))
                .findFirst();
        Assumptions.assumeTrue(factory.isPresent(), "virtual threads need Java 21");
        return (Executor) factory.orElseThrow().invoke(null);
    }

    private static boolean isVirtual(Thread thread) {
        try {
            return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Java has virtual threads but cannot tell them", e);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            if (!latch.await(LONG.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all listener calls run at the same time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        return builder(LiteClients.PROVIDER, bindTopic);
    }

    private static LitePushConsumerBuilder builder(LiteClientServiceProvider provider, String bindTopic) {
        return provider.newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                .bindTopic(bindTopic)
                .setConsumerGroup(bindTopic + "-workers");
    }

    private static String liteTopic(MessageView message) {
        return message.getLiteTopic().orElseThrow();
    }
}
