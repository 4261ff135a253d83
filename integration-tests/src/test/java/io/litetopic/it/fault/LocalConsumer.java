package io.litetopic.it.fault;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.internal.consumer.ConsumerSettings;
import io.litetopic.lite.internal.consumer.LitePushConsumerImpl;
import io.litetopic.lite.internal.rocketmq.OfficialClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Our client's consumer in this JVM, built as its builder does, over an {@link ObservedTransport}. */
final class LocalConsumer implements TestConsumer {
    private static final Logger log = LoggerFactory.getLogger(LocalConsumer.class);
    private static final int THREADS = 16;
    private static final int CACHED_MESSAGES = 1_024;
    private static final int CACHED_BYTES = 64 << 20;
    private static final int RETRY_MILLIS = 300;

    private final String name;
    private final Mischief listener;
    private final LitePushConsumer consumer;
    private final ExecutorService subscribing = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "test-subscribing");
        thread.setDaemon(true);
        return thread;
    });
    // the former says whether to be subscribed, the latter what the last successful call said
    private final Map<String, Boolean> wanted = new ConcurrentHashMap<>();
    private final Map<String, Boolean> reached = new ConcurrentHashMap<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    private LocalConsumer(String name, Mischief listener, LitePushConsumer consumer) {
        this.name = name;
        this.listener = listener;
        this.consumer = consumer;
    }

    /** Connects and starts one; it has no subscription yet. */
    static LocalConsumer start(
            String name, String endpoints, String bindTopic, String group, History history, long seed)
            throws ClientException {
        ClientConfiguration configuration = ClientConfiguration.newBuilder()
                .setEndpoints(endpoints)
                .setRequestTimeout(Duration.ofSeconds(3))
                .enableSsl(false)
                .build();
        ObservedTransport transport = new ObservedTransport(
                OfficialClient.connect(ClientServiceProvider.loadService(), configuration, bindTopic, group), history);
        Mischief listener = new Mischief(name, history, seed, transport::ended);
        LitePushConsumer consumer = LitePushConsumerImpl.start(
                ConsumerSettings.of(bindTopic, group, THREADS, CACHED_MESSAGES, CACHED_BYTES),
                listener,
                (liteTopic, reason) -> log.info(
                        "subscription ended by the server consumer={} liteTopic={} reason={}", name, liteTopic, reason),
                transport,
                true);
        return new LocalConsumer(name, listener, consumer);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void subscribe(String liteTopic) {
        wanted.put(liteTopic, true);
        subscribing.execute(() -> reach(liteTopic));
    }

    @Override
    public void unsubscribe(String liteTopic) {
        wanted.put(liteTopic, false);
        subscribing.execute(() -> reach(liteTopic));
    }

    @Override
    public int pendingChanges() {
        return (int) wanted.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(reached.get(entry.getKey())))
                .count();
    }

    @Override
    public void calmDown() {
        listener.calmDown();
    }

    @Override
    public void close() {
        subscribing.shutdownNow();
        listener.calmDown();
        try {
            consumer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close consumer " + name, e);
        }
    }

    private void reach(String liteTopic) {
        if (!busy.add(liteTopic)) {
            return; // who is at it looks again afterwards
        }
        boolean subscribe = wanted.getOrDefault(liteTopic, false);
        try {
            if (subscribe) {
                consumer.subscribeLite(liteTopic);
            } else {
                consumer.unsubscribeLite(liteTopic);
            }
            reached.put(liteTopic, subscribe);
        } catch (ClientException e) {
            log.debug("subscription not changed, will be repeated consumer={} liteTopic={}", name, liteTopic, e);
            reached.remove(liteTopic); // it may have been changed all the same
        } catch (IllegalStateException e) {
            if (!subscribing.isShutdown()) { // else the consumer is closed, as it should be
                throw e;
            }
            return;
        } finally {
            busy.remove(liteTopic);
        }
        if (!requireNonNull(wanted.get(liteTopic)).equals(reached.get(liteTopic))) {
            CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, subscribing)
                    .execute(() -> reach(liteTopic));
        }
    }
}
