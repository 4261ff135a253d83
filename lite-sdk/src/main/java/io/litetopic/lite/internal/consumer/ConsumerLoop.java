package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.internal.Observers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs the listener. It asks the proxies for as many messages as it can handle at once, so no message waits behind a busy
 * handler, and gives every lite topic a {@link Lane}, which handles its messages one after the other, whichever proxy they
 * come from: a lite topic that moves to another proxy does not run twice at a time. A lane takes a thread of the
 * {@link Workers} for each listener call and leaves it when the call goes on by itself.
 *
 * <p>Several receive calls may be under way: each asks for the workers that became free since the one before. So a
 * worker that becomes free during a long poll does not wait for its end, and under load calls merge by themselves. With
 * several proxies a few messages more than workers may come ({@link Demand}), and the application's threads may be busy
 * with its own work; a message that finds no thread soon goes back, as another node may have one.
 *
 * <p>Thread-safe. Its steps run on the threads that complete the transport's futures and the listener's stages, on workers
 * and on the timer.
 */
final class ConsumerLoop {

    /** How long a lite topic waits for a worker before it goes back. */
    static final Duration WORKER_WAIT = Duration.ofMillis(100);

    private final String consumerGroup;
    private final Observers observers;
    private final ListenerCalls calls;
    private final LoopTimer timer;
    private final LeaseKeeper leases;
    private final ResultSender results;
    private final Workers workers;
    private final Predicate<HeldDelivery> isWanted;
    private final Receivers receivers;
    private final Lanes lanes;

    /**
     * @param subscribed whether messages of a lite topic are for the listener
     * @param syncSubscriptions sends all subscriptions to a proxy again
     */
    ConsumerLoop(
            ConsumerSettings settings,
            AsyncMessageListener listener,
            LiteTransport transport,
            LoopTimer timer,
            Executor executor,
            Predicate<String> subscribed,
            Function<String, CompletableFuture<Void>> syncSubscriptions) {
        this.consumerGroup = settings.consumerGroup();
        this.observers = settings.observers();
        this.calls = new ListenerCalls(listener, consumerGroup, observers);
        this.leases = new LeaseKeeper(transport, timer, ConsumerSettings.INVISIBLE_DURATION);
        this.timer = timer;
        this.receivers = new Receivers(
                transport,
                timer,
                this::freeWorkers,
                this::capacity,
                settings.concurrency(),
                this::accept,
                proxy -> {
                    // First the sign of life: the proxy gives all deliveries away soon after a connection broke.
                    CompletableFuture<Void> rejoined = syncSubscriptions.apply(proxy);
                    giveBackAllWaiting(proxy);
                    return rejoined;
                },
                this::left);
        this.lanes = new Lanes(settings, timer, receivers::inRoute);
        this.isWanted =
                held -> leases.isOurs(held) && subscribed.test(held.delivery().liteTopic());
        this.workers = new Workers(executor, timer, receivers::receiveOnDemand);
        this.results = new ResultSender(transport, leases, timer, receivers);
    }

    void start() {
        receivers.start();
    }

    /** A connection broke, which calls that are under way need not show: there may be none. */
    void contactLost(String proxy) {
        receivers.contactLost(proxy);
    }

    void routeChanged(Set<String> proxies) {
        receivers.routeChanged(proxies);
    }

    /** What the proxy delivered will be delivered again by those that own its queues now. */
    private void left(String proxy) {
        giveBackAllWaiting(proxy);
        leases.releaseAll(proxy);
        results.routeChanged();
    }

    /** Gives back what waits for the lite topic; a listener call that is running goes on. */
    void giveBackWaiting(String liteTopic) {
        giveBackWaiting(liteTopic, () -> {});
    }

    /**
     * Gives back what waits for the lite topic; a listener call that is running goes on.
     *
     * @param done runs when the listener call has ended and its result is on its way, at once if none is running; must
     *     not block
     */
    void giveBackWaiting(String liteTopic, Runnable done) {
        List<HeldDelivery> waiting = new ArrayList<>();
        boolean inCall = lanes.drain(liteTopic, done, waiting);
        giveBack(waiting);
        if (!inCall) {
            done.run();
        }
    }

    /** Asks for no messages until {@link #resume} and gives back what waits. Listener calls that are running go on. */
    void pause() {
        lanes.pause().forEach(this::giveBack);
    }

    void resume() {
        lanes.resume();
        receivers.receiveOnDemand();
    }

    boolean isPaused() {
        return lanes.isPaused();
    }

    /** Stops receiving and gives back what waits. Listener calls that are running go on. */
    void stop() {
        receivers.stop();
        lanes.stop().forEach(this::giveBack);
    }

    /** Waits until no listener call runs, other than one on the calling thread; returns whether that was so in time. */
    boolean awaitCalls(Duration timeout) throws InterruptedException {
        return lanes.awaitEnd(timeout);
    }

    /**
     * Interrupts or cancels the listener calls that still run, and gives their messages back; what comes of them does not
     * count any more. One on the calling thread is not interrupted.
     *
     * @return how many there were
     */
    int abandonCalls() {
        List<ListenerCall> inFlight = new ArrayList<>();
        List<HeldDelivery> abandoned = lanes.abandonCalls(inFlight);
        inFlight.forEach(ListenerCall::cancel);
        abandoned.forEach(held -> giveBack(Collections.singletonList(held)));
        return abandoned.size();
    }

    /** Waits until all results have reached their proxies or cannot any more; returns whether they have in time. */
    boolean awaitSent(Duration timeout) throws InterruptedException {
        return results.awaitSent(timeout);
    }

    /** How many more messages could be handled at once, or in a moment. */
    private int freeWorkers() {
        return workers.isResting() ? 0 : lanes.free();
    }

    private int capacity() {
        return lanes.capacity();
    }

    private void accept(List<Delivery> deliveries) {
        List<Lane> toStart = new ArrayList<>();
        Set<Lane> perhapsWithoutThread = new LinkedHashSet<>();
        Map<String, HeldDelivery> tooLate = new HashMap<>();
        for (Delivery delivery : deliveries) {
            HeldDelivery held = leases.hold(delivery);
            observers.received(consumerGroup, delivery.message());
            if (!lanes.add(held, toStart, perhapsWithoutThread)) {
                tooLate.putIfAbsent(delivery.liteTopic(), held);
                leases.release(held);
            }
        }
        tooLate.values().forEach(results::giveBack);
        toStart.forEach(this::start);
        giveBackUnlessStarted(perhapsWithoutThread);
    }

    private void start(Lane lane) {
        if (!workers.run(() -> run(lane))) {
            giveBack(lanes.refuse(lane));
        }
    }

    private void run(Lane lane) {
        if (!lanes.startOnThisThread(lane)) {
            return;
        }
        HeldDelivery held = next(lane);
        while (held != null && handle(lane, held)) {
            held = next(lane);
        }
        if (held == null) {
            receivers.receiveOnDemand();
        }
        if (lanes.wasInterrupted(lane)) {
            Thread.interrupted(); // It was meant for the listener, not for what the application runs next.
        }
    }

    private @Nullable HeldDelivery next(Lane lane) {
        List<HeldDelivery> unwanted = new ArrayList<>();
        HeldDelivery held = lanes.next(lane, isWanted, unwanted);
        giveBack(unwanted);
        return held;
    }

    /** Calls the listener. Returns whether the lane may go on on this thread; else it does when the call has ended. */
    private boolean handle(Lane lane, HeldDelivery held) {
        ListenerCall call = calls.begin(held.delivery(), Duration.ofNanos(timer.nanoTime() - held.receivedNanos()));
        if (call.result().isDone()) {
            ended(lane, held, call.result().join());
            return true;
        }
        if (!lanes.inFlight(lane, call)) {
            call.cancel();
            return true;
        }
        Futures.onDone(
                call.result(),
                result -> {
                    ended(lane, held, result);
                    goOn(lane);
                },
                failure -> {
                    throw new IllegalStateException("result of a listener call failed", failure);
                });
        return false;
    }

    /** A listener call that held no thread has ended. */
    private void goOn(Lane lane) {
        if (!lanes.queueAgain(lane)) {
            receivers.receiveOnDemand();
            return;
        }
        start(lane);
        if (lanes.mayLackThread(lane)) {
            giveBackUnlessStarted(Collections.singleton(lane));
        }
    }

    private void ended(Lane lane, HeldDelivery held, ConsumeResult result) {
        if (!lanes.answer(lane)) {
            return; // The message has been given back meanwhile.
        }
        try {
            HeldDelivery last = lastDelivery(lane, held);
            if (result == ConsumeResult.SUCCESS) {
                results.ack(last);
                return;
            }
            // The later ones come again behind this one, so they are forgotten before the server is told.
            List<HeldDelivery> laterOnes = lanes.drain(lane, last.delivery().proxy());
            laterOnes.forEach(leases::release);
            if (result instanceof ConsumeResultSuspend) {
                results.suspend(last, (ConsumeResultSuspend) result);
            } else {
                results.fail(last, laterOnes);
            }
        } finally {
            lanes.endCall(lane, held).forEach(Runnable::run);
        }
    }

    /**
     * The delivery that the result of a listener call is for. If the message was delivered again meanwhile, mostly by the
     * proxy that took over its queue, that is the one that counts, and the listener need not see it again.
     */
    private HeldDelivery lastDelivery(Lane lane, HeldDelivery held) {
        HeldDelivery again = lanes.takeIf(lane, other -> isSameMessage(other, held) && leases.isOurs(other));
        if (again == null) {
            return held;
        }
        leases.release(held);
        return again;
    }

    /** By its place: a producer that repeats a send without an answer stores another message with the same id. */
    private static boolean isSameMessage(HeldDelivery one, HeldDelivery other) {
        return one.delivery().queue().equals(other.delivery().queue())
                && one.delivery().message().getQueueOffset()
                        == other.delivery().message().getQueueOffset();
    }

    private void giveBackAllWaiting(String proxy) {
        lanes.drainAll(proxy).forEach(this::giveBack);
    }

    /** Gives back what waits of those that have no thread in time. */
    private void giveBackUnlessStarted(Collection<Lane> queued) {
        if (!queued.isEmpty()) {
            timer.schedule(
                    WORKER_WAIT, () -> lanes.drainQueued(queued, WORKER_WAIT).forEach(this::giveBack));
        }
    }

    /** Gives back deliveries of one lite topic, in order: a proxy takes its later ones back with its first. */
    private void giveBack(List<HeldDelivery> deliveries) {
        deliveries.forEach(leases::release);
        Set<String> told = new HashSet<>();
        for (HeldDelivery held : deliveries) {
            if (leases.isOurs(held) && told.add(held.delivery().proxy())) {
                results.giveBack(held);
            }
        }
    }
}
