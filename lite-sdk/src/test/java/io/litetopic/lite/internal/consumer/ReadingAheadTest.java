package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.ConsumeResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A consumer with two workers of its own that may read ahead. */
class ReadingAheadTest {
    private static final int WORKERS = 2;
    private static final Duration STEP = Duration.ofMillis(1);
    private static final ConsumerSettings SETTINGS = ConsumerSettings.of(
                    "bind-topic", "workers", WORKERS, 1_000, 1 << 20)
            .readingAhead(true);

    private final LoopFixture fixture = new LoopFixture();
    private int delivered;

    @Test
    void asksForMoreThanItHasWorkersOnceItsListenerHasBeenFast() {
        startWithFastListener();
        assertThat(fixture.transport.receives.peek().max()).isEqualTo(WORKERS);

        handleForAWhile();

        assertThat(fixture.transport.receives.peek().max()).isGreaterThan(WORKERS);
        assertThat(fixture.transport.receives.peek().longPollingTimeout()).isEqualTo(Receiver.SHORT_POLL);
    }

    @Test
    void asksForItsWorkersOnlyWhenTheListenerTakesLong() {
        fixture.start(SETTINGS);
        for (int i = 0; i < 200; i++) {
            String id = "m-" + i;
            fixture.deliver(TestDelivery.of("topic-" + i, id));
            fixture.timer.advance(Duration.ofMillis(20));
            fixture.complete(id, ConsumeResult.SUCCESS);
            assertThat(fixture.transport.receives).allMatch(receive -> receive.max() <= WORKERS);
        }
    }

    @Test
    void asksForItsWorkersOnlyAfterAQuietWhile() {
        startWithFastListener();
        handleForAWhile();
        fixture.timer.advance(Duration.ofSeconds(1));
        while (fixture.transport.waitingReceives() > 0
                && fixture.transport.receives.peek().max() > WORKERS) {
            fixture.deliver(); // a short poll ends
        }

        assertThat(fixture.transport.receives.peek().max()).isEqualTo(WORKERS);
    }

    @Test
    void whatWaitsGoesBackWhenTheWorkersAreStuck() {
        startWithFastListener();
        handleForAWhile();
        Delivery[] many = new Delivery[LiteTransport.MAX_RECEIVE];
        for (int i = 0; i < many.length; i++) {
            many[i] = next();
        }
        fixture.transport.nextReceive().deliver(many);

        fixture.passWorkerWait();

        assertThat(fixture.transport.calls.stream().filter(call -> call.startsWith("suspend")))
                .hasSize(many.length - WORKERS); // the first ones have a thread, which is stuck
    }

    private void startWithFastListener() {
        fixture.start(SETTINGS, message -> CompletableFuture.completedFuture(ConsumeResult.SUCCESS), fixture.workers);
    }

    /** Messages come at 2,000 in a second. */
    private void handleForAWhile() {
        for (int i = 0; i < 150; i++) {
            fixture.deliver(next(), next());
            fixture.timer.advance(STEP);
        }
        fixture.deliver(next());
    }

    private Delivery next() {
        delivered++;
        return TestDelivery.of("topic-" + delivered, "m-" + delivered);
    }
}
