package io.litetopic.it;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * Sends ten messages a second to each lite topic, numbered from 0, evenly spread over the time. The next message of a lite topic
 * is sent after the receipt of the one before. Start and stop it once, from one thread.
 */
final class MessageFlow implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final int STOP_TIMEOUT_SECONDS = 30;

    private final Producer producer;
    private final String bindTopic;
    private final List<String> liteTopics;
    private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
    private final Map<String, Long> storedAt = new ConcurrentHashMap<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    private @Nullable ScheduledFuture<?> sending;

    // the scheduler's thread, and the caller's once that has ended
    private final List<CompletableFuture<Void>> lastSends = new ArrayList<>();
    private int sends;

    MessageFlow(Producer producer, String bindTopic, List<String> liteTopics) {
        this.producer = producer;
        this.bindTopic = bindTopic;
        this.liteTopics = liteTopics;
        for (int i = 0; i < liteTopics.size(); i++) {
            lastSends.add(CompletableFuture.completedFuture(null));
        }
    }

    void start() {
        sending = scheduler.scheduleAtFixedRate(
                this::sendNext, 0, PERIOD.toNanos() / liteTopics.size(), TimeUnit.NANOSECONDS);
    }

    /** Returns how many messages each lite topic got; all of them are stored. */
    int stop() throws InterruptedException, ExecutionException {
        if (requireNonNull(sending, "not started").isDone()) {
            sending.get(); // it ends by a failure only
        }
        scheduler.shutdown();
        if (!scheduler.awaitTermination(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a send blocks for more than " + STOP_TIMEOUT_SECONDS + " s");
        }
        while (sends % liteTopics.size() != 0) {
            sendNext();
        }
        CompletableFuture.allOf(lastSends.toArray(CompletableFuture[]::new)).join();
        return sends / liteTopics.size();
    }

    /** When the send began. */
    long sentAt(String liteTopic, int number) {
        return requireNonNull(sentAt.get(liteTopic + '#' + number));
    }

    /** When the receipt was there. */
    long storedAt(String liteTopic, int number) {
        return requireNonNull(storedAt.get(liteTopic + '#' + number));
    }

    private void sendNext() {
        int index = sends % liteTopics.size();
        int number = sends / liteTopics.size();
        lastSends.set(index, lastSends.get(index).thenCompose(stored -> send(liteTopics.get(index), number)));
        sends++;
    }

    private CompletableFuture<Void> send(String liteTopic, int number) {
        String key = liteTopic + '#' + number;
        sentAt.put(key, System.nanoTime());
        return producer.sendAsync(LiteClients.message(bindTopic, liteTopic, number))
                .thenAccept(receipt -> storedAt.put(key, System.nanoTime()));
    }

    /** Lets no further send begin. */
    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
