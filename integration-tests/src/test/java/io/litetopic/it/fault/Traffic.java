package io.litetopic.it.fault;

import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteClientServiceProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends without a pause: to each probe at fixed intervals, to the other lite topics at random. One send per lite topic at a time, and each
 * message once: the client does not repeat a send by itself, and what failed is followed by a new number, so nothing is stored twice.
 */
final class Traffic implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Traffic.class);
    private static final int TICK_MILLIS = 10;
    private static final int PROBE_INTERVAL_MILLIS = 250;
    private static final int MAX_OUTSTANDING = 50; // per lite topic; a long suspend need not pile up more
    private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int STOP_TIMEOUT_SECONDS = 30;

    private final String bindTopic;
    private final List<String> probes;
    private final List<String> others;
    private final int othersPerSecond;
    private final Checker checker;
    private final Random random;
    private final Producer producer;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> pausedUntil = new ConcurrentHashMap<>();
    private final AtomicLong lastStoredNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private double owedProbes; // the ticker's, as the next two
    private double owedOthers;
    private int nextProbe;

    private Traffic(
            Producer producer,
            String bindTopic,
            List<String> probes,
            List<String> others,
            int othersPerSecond,
            Checker checker,
            long seed) {
        this.producer = producer;
        this.bindTopic = bindTopic;
        this.probes = probes;
        this.others = others;
        this.othersPerSecond = othersPerSecond;
        this.checker = checker;
        this.random = new Random(seed);
    }

    static Traffic start(
            String endpoints,
            String bindTopic,
            List<String> probes,
            List<String> others,
            int othersPerSecond,
            Checker checker,
            long seed)
            throws ClientException {
        Producer producer = LiteClientServiceProvider.loadService()
                .newProducerBuilder()
                .setClientConfiguration(ClientConfiguration.newBuilder()
                        .setEndpoints(endpoints)
                        .setRequestTimeout(Duration.ofSeconds(3))
                        .enableSsl(false)
                        .build())
                .setTopics(bindTopic)
                .setMaxAttempts(1)
                .build();
        Traffic traffic = new Traffic(producer, bindTopic, probes, others, othersPerSecond, checker, seed);
        Future<?> unused =
                traffic.ticker.scheduleAtFixedRate(traffic::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return traffic;
    }

    /** When a send succeeded last. */
    long lastStoredNanos() {
        return lastStoredNanos.get();
    }

    long stored() {
        return stored.get();
    }

    long failed() {
        return failed.get();
    }

    /** Begins no further send and returns when those under way have ended. */
    void stop() throws InterruptedException {
        ticker.shutdown();
        if (!ticker.awaitTermination(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a send blocks for more than " + STOP_TIMEOUT_SECONDS + " s");
        }
        await().atMost(Duration.ofSeconds(STOP_TIMEOUT_SECONDS)).until(busy::isEmpty);
    }

    @Override
    public void close() throws Exception {
        ticker.shutdownNow();
        producer.close();
    }

    private void tick() {
        try {
            owedProbes += (double) probes.size() * TICK_MILLIS / PROBE_INTERVAL_MILLIS;
            for (; owedProbes >= 1; owedProbes--) {
                send(probes.get(nextProbe));
                nextProbe = (nextProbe + 1) % probes.size();
            }
            owedOthers += othersPerSecond * TICK_MILLIS / 1e3;
            for (; owedOthers >= 1; owedOthers--) {
                send(others.get(random.nextInt(others.size())));
            }
        } catch (RuntimeException e) {
            log.error("cannot send, trying again", e);
        }
    }

    private void send(String liteTopic) {
        TopicHistory topic = checker.topic(liteTopic);
        Long pause = pausedUntil.get(liteTopic);
        if ((pause != null && System.nanoTime() - pause < 0)
                || topic.outstanding() >= MAX_OUTSTANDING
                || !busy.add(liteTopic)) {
            return;
        }
        int number = topic.sending();
        Future<?> unused = producer.sendAsync(LiteClientServiceProvider.loadService()
                        .newMessageBuilder()
                        .setTopic(bindTopic)
                        .setLiteTopic(liteTopic)
                        .setBody(Integer.toString(number).getBytes(StandardCharsets.UTF_8))
                        .build())
                .whenComplete((receipt, failure) -> {
                    long now = System.nanoTime();
                    topic.sent(number, failure == null, now);
                    if (failure == null) {
                        lastStoredNanos.set(now);
                        stored.incrementAndGet();
                    } else {
                        log.debug("send failed liteTopic={} number={}", liteTopic, number, failure);
                        failed.incrementAndGet();
                        pausedUntil.put(liteTopic, now + PAUSE_AFTER_FAILURE_NANOS);
                    }
                    busy.remove(liteTopic);
                });
    }

    /** That many names: the prefix and a number from 0. */
    static List<String> names(String prefix, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        return names;
    }
}
