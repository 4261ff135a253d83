package io.litetopic.it;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.producer.Producer;

/** Sends one message to each lite topic ten times a second, numbered from 0. Start and stop it once, from one thread. */
final class MessageFlow implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(100);

    private final Producer producer;
    private final String bindTopic;
    private final List<String> liteTopics;
    private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
    private final Map<String, Long> storedAt = new ConcurrentHashMap<>();
    private volatile boolean stopped;
    private CompletableFuture<Integer> rounds = CompletableFuture.completedFuture(0);

    MessageFlow(Producer producer, String bindTopic, List<String> liteTopics) {
        this.producer = producer;
        this.bindTopic = bindTopic;
        this.liteTopics = liteTopics;
    }

    void start() {
        rounds = sendFrom(0);
    }

    /** Returns how many messages each lite topic got; all of them are stored. */
    int stop() {
        stopped = true;
        return rounds.join();
    }

    /** When the send began. */
    long sentAt(String liteTopic, int number) {
        return requireNonNull(sentAt.get(liteTopic + '#' + number));
    }

    /** When the receipt was there. */
    long storedAt(String liteTopic, int number) {
        return requireNonNull(storedAt.get(liteTopic + '#' + number));
    }

    private CompletableFuture<Integer> sendFrom(int number) {
        if (stopped) {
            return CompletableFuture.completedFuture(number);
        }
        CompletableFuture<?>[] sends =
                liteTopics.stream().map(liteTopic -> send(liteTopic, number)).toArray(CompletableFuture[]::new);
        CompletableFuture<Void> pause =
                new CompletableFuture<Void>().completeOnTimeout(null, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return CompletableFuture.allOf(sends)
                .thenCombineAsync(pause, (sent, paused) -> number + 1)
                .thenCompose(this::sendFrom);
    }

    private CompletableFuture<Void> send(String liteTopic, int number) {
        String key = liteTopic + '#' + number;
        sentAt.put(key, System.nanoTime());
        return producer.sendAsync(LiteClients.message(bindTopic, liteTopic, number))
                .thenAccept(receipt -> storedAt.put(key, System.nanoTime()));
    }

    @Override
    public void close() {
        stop();
    }
}
