package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.FakeTransport.Receive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** A consumer loop in virtual time over a server in memory; unless a test says otherwise its listener is asynchronous. */
final class LoopFixture {

    final FakeTransport transport = new FakeTransport();
    final ManualTimer timer = new ManualTimer();
    final HandCrankedWorkers workers = new HandCrankedWorkers();
    final List<String> consumed = new ArrayList<>();
    private final Map<String, CompletableFuture<ConsumeResult>> stages = new HashMap<>();

    /** Leaves each message in flight, with a {@link #stage}, and notes it in {@link #consumed}. */
    CompletionStage<ConsumeResult> leaveInFlight(MessageView message) {
        String id = message.getMessageId().toString();
        consumed.add(id);
        CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
        stages.put(id, stage);
        return stage;
    }

    ConsumerLoop start(ConsumerSettings settings) {
        return start(settings, this::leaveInFlight, workers);
    }

    ConsumerLoop start(ConsumerSettings settings, AsyncMessageListener listener, Executor executor) {
        ConsumerLoop loop = new ConsumerLoop(
                settings,
                listener,
                transport,
                timer,
                executor,
                liteTopic -> true,
                proxy -> CompletableFuture.completedFuture(null));
        loop.start();
        return loop;
    }

    /** Two threads of the consumer's own. */
    static ConsumerSettings settings(int concurrency) {
        return ConsumerSettings.of("bind-topic", "workers", 2, 20_000, 1 << 20).with(2, concurrency);
    }

    /** Answers the oldest receive call, and starts what came. */
    void deliver(Delivery... deliveries) {
        transport.nextReceive().deliver(deliveries);
        workers.runAll();
    }

    /** Answers receive calls with as many lite topics as they ask for, until there are none. */
    int deliverAllThatIsAskedFor() {
        int delivered = 0;
        while (transport.waitingReceives() > 0) {
            Receive receive = transport.nextReceive();
            Delivery[] deliveries = new Delivery[receive.max()];
            for (int i = 0; i < deliveries.length; i++) {
                deliveries[i] = TestDelivery.of("topic-" + delivered, "m-" + delivered);
                delivered++;
            }
            receive.deliver(deliveries);
            workers.runAll();
        }
        return delivered;
    }

    /** The stage of a message that is in flight. */
    CompletableFuture<ConsumeResult> stage(String id) {
        return requireNonNull(stages.get(id), id);
    }

    void complete(String id, ConsumeResult result) {
        stage(id).complete(result);
    }

    /** Lets time pass in which a message that has no thread goes back. */
    void passWorkerWait() {
        timer.advance(ConsumerLoop.WORKER_WAIT.plus(Duration.ofMillis(1)));
    }
}
