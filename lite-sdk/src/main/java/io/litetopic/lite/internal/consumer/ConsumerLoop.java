package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the listener. It asks the proxies for as many messages as it has free workers, so no message waits behind a busy
 * one, and puts every lite topic on a worker of its own, which handles its messages one after the other, whichever
 * proxy they come from: a lite topic that moves to another proxy does not run twice at a time.
 *
 * <p>Several receive calls may be under way: each asks for the workers that became free since the one before. So a
 * worker that becomes free during a long poll does not wait for its end, and under load calls merge by themselves. With
 * several proxies a few messages more than workers may come ({@link Demand}); one that finds no worker soon goes back,
 * as another node may have one.
 *
 * <p>Thread-safe. Its steps run on the threads that complete the transport's futures, on workers and on the timer.
 */
final class ConsumerLoop {

    private static final Logger log = LoggerFactory.getLogger(ConsumerLoop.class);

    /** How long a lite topic waits for a worker before it goes back. */
    static final Duration WORKER_WAIT = Duration.ofMillis(100);

    private final ConsumerSettings settings;
    private final MessageListener listener;
    private final LoopTimer timer;
    private final LeaseKeeper leases;
    private final ResultSender results;
    private final Executor workers;
    private final Predicate<String> subscribed;
    private final Receivers receivers;

    // guarded by this
    private final Map<String, Lane> lanes = new HashMap<>();
    private int messagesInHand;
    private long bytesInHand;
    private boolean closing;

    /**
     * @param subscribed whether messages of a lite topic are for the listener
     * @param syncSubscriptions sends all subscriptions to a proxy again
     */
    ConsumerLoop(
            ConsumerSettings settings,
            MessageListener listener,
            LiteTransport transport,
            LoopTimer timer,
            Executor workers,
            Predicate<String> subscribed,
            Function<String, CompletableFuture<Void>> syncSubscriptions) {
        this.settings = settings;
        this.listener = listener;
        this.workers = workers;
        this.subscribed = subscribed;
        this.leases = new LeaseKeeper(transport, timer, ConsumerSettings.INVISIBLE_DURATION);
        this.timer = timer;
        this.receivers = new Receivers(
                transport,
                timer,
                this::freeWorkers,
                this::accept,
                proxy -> {
                    // First the sign of life: the proxy gives all deliveries away soon after a connection broke.
                    CompletableFuture<Void> rejoined = syncSubscriptions.apply(proxy);
                    giveBackAllWaiting(proxy);
                    return rejoined;
                },
                this::left);
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
        List<HeldDelivery> waiting;
        boolean inCall;
        synchronized (this) {
            Lane lane = lanes.get(liteTopic);
            waiting = lane == null ? Collections.emptyList() : drain(lane);
            inCall = lane != null && lane.isInCall();
            if (lane != null && inCall) {
                lane.afterCall(done);
            }
        }
        giveBack(waiting);
        if (!inCall) {
            done.run();
        }
    }

    /** Stops receiving and gives back what waits. Listener calls that are running go on. */
    void stop() {
        receivers.stop();
        List<List<HeldDelivery>> all = new ArrayList<>();
        synchronized (this) {
            closing = true;
            for (Lane lane : lanes.values()) {
                all.add(drain(lane));
            }
        }
        all.forEach(this::giveBack);
    }

    /**
     * Waits until no listener call runs, other than one on the calling thread, and all results are sent. Returns
     * whether that was so in time.
     */
    boolean awaitDone(Duration timeout, Duration resultTimeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        synchronized (this) {
            while (!isDoneExceptFor(Thread.currentThread())) {
                long remainingMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (remainingMillis <= 0) {
                    return false;
                }
                wait(remainingMillis);
            }
        }
        return results.awaitSent(resultTimeout);
    }

    private boolean isDoneExceptFor(Thread caller) {
        for (Lane lane : lanes.values()) {
            if (!lane.runsOn(caller)) {
                return false;
            }
        }
        return true;
    }

    /** How many more messages could be handled at once. */
    private synchronized int freeWorkers() {
        if (closing || messagesInHand >= settings.maxMessagesInHand() || bytesInHand >= settings.maxBytesInHand()) {
            return 0;
        }
        return Math.max(0, settings.threads() - lanes.size());
    }

    private void accept(List<Delivery> deliveries) {
        List<Lane> toStart = new ArrayList<>();
        List<Lane> withoutWorker = new ArrayList<>();
        Map<String, HeldDelivery> tooLate = new HashMap<>();
        for (Delivery delivery : deliveries) {
            HeldDelivery held = leases.hold(delivery);
            synchronized (this) {
                if (closing || !receivers.inRoute(delivery.proxy())) {
                    tooLate.putIfAbsent(delivery.liteTopic(), held);
                    leases.release(held);
                    continue;
                }
                messagesInHand++;
                bytesInHand += delivery.bodyBytes();
                Lane lane = lanes.get(delivery.liteTopic());
                if (lane == null) {
                    lane = new Lane(delivery.liteTopic());
                    lanes.put(delivery.liteTopic(), lane);
                    toStart.add(lane);
                }
                lane.add(held);
                if (!lane.isStarted() && lanes.size() > settings.threads()) {
                    withoutWorker.add(lane);
                }
            }
        }
        tooLate.values().forEach(results::giveBack);
        for (Lane lane : toStart) {
            workers.execute(() -> run(lane));
        }
        for (Lane lane : withoutWorker) {
            timer.schedule(WORKER_WAIT, () -> giveBackUnlessStarted(lane));
        }
    }

    private void run(Lane lane) {
        synchronized (this) {
            lane.startedOn(Thread.currentThread());
        }
        HeldDelivery held = next(lane);
        while (held != null) {
            handle(lane, held);
            held = next(lane);
        }
        receivers.receiveOnDemand();
    }

    /** Takes the next message, or ends the lane: both in one step, so that a message that comes now finds it or not. */
    private @Nullable HeldDelivery next(Lane lane) {
        while (true) {
            List<HeldDelivery> unwanted;
            synchronized (this) {
                HeldDelivery head = lane.peek();
                if (head == null) {
                    lanes.remove(lane.liteTopic());
                    notifyAll();
                    return null;
                }
                if (!closing && leases.isOurs(head) && subscribed.test(lane.liteTopic())) {
                    return lane.take();
                }
                unwanted = drain(lane);
            }
            giveBack(unwanted);
        }
    }

    private void handle(Lane lane, HeldDelivery held) {
        try {
            ConsumeResult result = consume(held);
            HeldDelivery last = lastDelivery(lane, held);
            if (result == ConsumeResult.SUCCESS) {
                results.ack(last);
                return;
            }
            // The later ones come again behind this one, so they are forgotten before the server is told.
            List<HeldDelivery> laterOnes = forgetWaiting(lane, last.delivery().proxy());
            if (result instanceof ConsumeResultSuspend) {
                results.suspend(last, (ConsumeResultSuspend) result);
            } else {
                results.fail(last, laterOnes);
            }
        } finally {
            List<Runnable> afterCall;
            synchronized (this) {
                noLongerInHand(held);
                afterCall = lane.endCall();
            }
            afterCall.forEach(Runnable::run);
        }
    }

    private ConsumeResult consume(HeldDelivery held) {
        Delivery delivery = held.delivery();
        if (delivery.isCorrupted()) {
            logFailure(delivery, "body does not match its checksum", null);
            return ConsumeResult.FAILURE;
        }
        ConsumeResult result;
        try {
            result = listener.consume(delivery.message());
        } catch (Throwable e) {
            // Whatever the listener throws, the worker must live and the message must not be lost: it comes again.
            logFailure(delivery, "listener threw an exception", e);
            return ConsumeResult.FAILURE;
        }
        if (result == null) {
            logFailure(delivery, "listener returned null", null);
            return ConsumeResult.FAILURE;
        }
        if (result == ConsumeResult.FAILURE) {
            logFailure(delivery, "listener returned FAILURE", null);
        }
        return result;
    }

    private void logFailure(Delivery delivery, String reason, @Nullable Throwable cause) {
        log.warn(
                "message failed, will be delivered again reason=\"{}\" consumerGroup={} liteTopic={} messageId={}"
                        + " attempt={}",
                reason,
                settings.consumerGroup(),
                delivery.liteTopic(),
                delivery.message().getMessageId(),
                delivery.message().getDeliveryAttempt(),
                cause);
    }

    /**
     * The delivery that the result of a listener call is for. If the message was delivered again meanwhile, mostly by the
     * proxy that took over its queue, that is the one that counts, and the listener need not see it again.
     */
    private HeldDelivery lastDelivery(Lane lane, HeldDelivery held) {
        HeldDelivery again;
        synchronized (this) {
            again = lane.peek();
            if (again == null || !isSameMessage(again, held) || !leases.isOurs(again)) {
                return held;
            }
            lane.remove();
            noLongerInHand(again);
        }
        leases.release(held);
        return again;
    }

    private static boolean isSameMessage(HeldDelivery one, HeldDelivery other) {
        return one.delivery()
                .message()
                .getMessageId()
                .toString()
                .equals(other.delivery().message().getMessageId().toString());
    }

    private List<HeldDelivery> forgetWaiting(Lane lane, String proxy) {
        List<HeldDelivery> waiting;
        synchronized (this) {
            waiting = lane.drain(proxy);
            waiting.forEach(this::noLongerInHand);
        }
        waiting.forEach(leases::release);
        return waiting;
    }

    private void giveBackAllWaiting(String proxy) {
        List<List<HeldDelivery>> all = new ArrayList<>();
        synchronized (this) {
            for (Lane lane : lanes.values()) {
                List<HeldDelivery> waiting = lane.drain(proxy);
                waiting.forEach(this::noLongerInHand);
                all.add(waiting);
            }
        }
        all.forEach(this::giveBack);
    }

    private void giveBackUnlessStarted(Lane lane) {
        List<HeldDelivery> waiting;
        synchronized (this) {
            waiting = lane.isStarted() ? Collections.emptyList() : drain(lane);
        }
        giveBack(waiting);
    }

    /** Gives back deliveries of one lite topic, in order: a proxy takes its later ones back with its first. */
    private void giveBack(List<HeldDelivery> deliveries) {
        deliveries.forEach(leases::release);
        Set<String> told = new HashSet<>();
        for (HeldDelivery held : deliveries) {
            if (told.add(held.delivery().proxy()) && leases.isOurs(held)) {
                results.giveBack(held);
            }
        }
    }

    /** The caller holds the lock. */
    private List<HeldDelivery> drain(Lane lane) {
        List<HeldDelivery> waiting = lane.drain();
        waiting.forEach(this::noLongerInHand);
        return waiting;
    }

    /** The caller holds the lock. */
    private void noLongerInHand(HeldDelivery held) {
        messagesInHand--;
        bytesInHand -= held.delivery().bodyBytes();
    }
}
