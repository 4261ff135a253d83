package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random subscribing, unsubscribing, lost answers and other consumers that take lite topics over, in virtual time, against
 * a server that tells of losses late and more than once.
 */
class LiteSubscriptionsProperties {

    private static final int STEPS = 400;
    private static final int LITE_TOPICS = 4;

    static List<Long> seeds() {
        List<Long> seeds = new ArrayList<>();
        for (long seed = 1; seed <= 200; seed++) {
            seeds.add(seed);
        }
        return seeds;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void clientAndServerAgreeInTheEndAndNoLossIsToldThatWasNone(long seed) throws Exception {
        Random random = new Random(seed);
        ManualTimer timer = new ManualTimer();
        ExclusiveServer server = new ExclusiveServer(random, timer);
        Map<String, Integer> told = new HashMap<>();
        LiteSubscriptions client = new LiteSubscriptions(
                server, timer, liteTopic -> {}, liteTopic -> told.merge(liteTopic, 1, Integer::sum));
        server.client = client::lost;
        client.start();
        server.answersFail = true;

        for (int step = 0; step < STEPS; step++) {
            randomStep(random, "lite-" + random.nextInt(LITE_TOPICS), client, server, timer);
            told.forEach((liteTopic, times) -> assertThat(times)
                    .as("losses told of %s", liteTopic)
                    .isLessThanOrEqualTo(server.taken.getOrDefault(liteTopic, 0)));
        }
        server.answersFail = false;
        timer.advance(Duration.ofMinutes(2));

        assertThat(client.snapshot()).isEqualTo(server.subscribed);
    }

    private static void randomStep(
            Random random, String liteTopic, LiteSubscriptions client, ExclusiveServer server, ManualTimer timer) {
        switch (random.nextInt(6)) {
            case 0, 1 -> attempt(() -> client.subscribe(liteTopic, null));
            case 2 -> attempt(() -> client.unsubscribe(liteTopic));
            case 3 -> server.takeOver(liteTopic);
            case 4 -> client.reachable();
            default -> timer.advance(Duration.ofMillis(random.nextInt(random.nextBoolean() ? 100 : 5_000)));
        }
    }

    private static void attempt(Change change) {
        try {
            change.make();
        } catch (ClientException expected) {
            // The answer got lost; the application may try again or not.
        }
    }

    private interface Change {
        void make() throws ClientException;
    }

    /** The server's side of an exclusive group for one client. */
    private static final class ExclusiveServer implements LiteTransport {

        /** Less than the client allows for. */
        private static final int MAX_DELAY_MILLIS = 900;

        final Set<String> subscribed = new HashSet<>();
        final Map<String, Integer> taken = new HashMap<>();
        boolean answersFail;
        java.util.function.Consumer<String> client = liteTopic -> {};

        private final Random random;
        private final ManualTimer timer;
        private final Set<String> lost = new HashSet<>();

        ExclusiveServer(Random random, ManualTimer timer) {
            this.random = random;
            this.timer = timer;
        }

        void takeOver(String liteTopic) {
            if (subscribed.remove(liteTopic)) {
                lost.add(liteTopic);
                taken.merge(liteTopic, 1, Integer::sum);
                tell(liteTopic);
            }
        }

        @Override
        public CompletableFuture<Void> syncSubscription(String proxy, SubscriptionSync sync) {
            Set<String> names = sync.liteTopics();
            switch (sync.action()) {
                case ADD -> {
                    lost.removeAll(names);
                    subscribed.addAll(names);
                }
                case REMOVE -> {
                    lost.removeAll(names);
                    subscribed.removeAll(names);
                }
                case REPLACE -> {
                    lost.retainAll(names);
                    lost.forEach(this::tell);
                    subscribed.clear();
                    subscribed.addAll(names);
                    subscribed.removeAll(lost);
                }
            }
            return answersFail && random.nextInt(10) == 0
                    ? CompletableFuture.failedFuture(new LiteException("failed after it was done", true, "id", null))
                    : CompletableFuture.completedFuture(null);
        }

        private void tell(String liteTopic) {
            timer.schedule(Duration.ofMillis(random.nextInt(MAX_DELAY_MILLIS)), () -> client.accept(liteTopic));
        }

        @Override
        public void listen(TransportListener listener) {}

        @Override
        public Set<String> proxies() {
            return Set.of("p1");
        }

        @Override
        public CompletableFuture<Set<String>> refreshRoute() {
            return CompletableFuture.completedFuture(proxies());
        }

        @Override
        public CompletableFuture<List<Delivery>> receive(
                String proxy, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> ack(Delivery delivery) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> fail(Delivery delivery, Duration backoff) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts) {
            throw new UnsupportedOperationException();
        }

        @Override
        public StockFacts stockFacts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Boolean> hasTopic(String proxy, String topic) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void stopReceiving() {}

        @Override
        public void close() {}
    }
}
