package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.ConsumeResultSuspend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the proxies what became of their deliveries. A call that fails is repeated for as long as the delivery is ours, or
 * for a few seconds if its proxy is not in the route any more; after that the message is delivered again, by the proxy
 * itself or the one that took over.
 *
 * <p>Thread-safe; never blocks, except {@link #awaitSent}.
 */
final class ResultSender {

    private static final Logger log = LoggerFactory.getLogger(ResultSender.class);

    // A short suspend: the lite topic goes back at once, and the attempt does not count. Not shorter, so that a server
    // that believes this client is subscribed does not send it again hundreds of times a second.
    private static final Duration GIVE_BACK = Duration.ofMillis(10);

    /** Results under way to one proxy at a time. */
    static final int MAX_CALLS = 512;

    /** How long a result is offered to a proxy that has left the route. */
    static final Duration GONE_TIMEOUT = Duration.ofSeconds(5);

    // What a broken connection needs to come back, when close waits for it.
    private static final Duration CONTACT_TIMEOUT = Duration.ofMillis(500);

    private final LiteTransport transport;
    private final AckBatches acks;
    private final LeaseKeeper leases;
    private final LoopTimer timer;
    private final Receivers proxies;
    private final RareLog rareLog;
    private final CallWindow window = new CallWindow(MAX_CALLS);

    // guarded by this
    private final Set<HeldDelivery> unsent = new HashSet<>();

    ResultSender(LiteTransport transport, LeaseKeeper leases, LoopTimer timer, Receivers proxies) {
        this.transport = transport;
        this.acks = new AckBatches(transport, timer);
        this.leases = leases;
        this.timer = timer;
        this.proxies = proxies;
        this.rareLog = new RareLog(timer);
    }

    void ack(HeldDelivery held) {
        // One that has failed goes alone: it may be others in its call that the server cannot answer for.
        AtomicBoolean repeated = new AtomicBoolean();
        send(held, "ack", delivery -> repeated.getAndSet(true) ? transport.ack(delivery) : acks.ack(delivery));
    }

    /**
     * The message failed: it comes again after a time that grows with its attempts.
     *
     * @param laterOnes of the same lite topic; a renewal of one that is still on its way would move the time
     */
    void fail(HeldDelivery held, List<HeldDelivery> laterOnes) {
        Duration backoff = Backoff.ofRedelivery(held.delivery().message().getDeliveryAttempt());
        CompletableFuture<?>[] renewals =
                laterOnes.stream().map(HeldDelivery::callsEnded).toArray(CompletableFuture<?>[]::new);
        send(
                held,
                "failure",
                delivery -> CompletableFuture.allOf(renewals).thenCompose(ended -> transport.fail(delivery, backoff)));
    }

    void suspend(HeldDelivery held, ConsumeResultSuspend result) {
        send(held, "suspend", delivery -> transport.suspend(delivery, result.getSuspendTime()));
    }

    /** The listener has not seen the message: it and the later ones of its lite topic may go to anyone. */
    void giveBack(HeldDelivery held) {
        send(held, "return", delivery -> transport.suspend(delivery, GIVE_BACK));
    }

    /**
     * Waits until all results have reached their proxies or cannot any more, and returns whether they have in time. Those
     * whose proxy is out of reach are waited for shortly, those whose proxy is gone not at all.
     *
     * @param patience how long to wait while no result gets through
     */
    boolean awaitSent(Duration patience) throws InterruptedException {
        acks.flush();
        long startNanos = System.nanoTime();
        long progressNanos = startNanos;
        int left = Integer.MAX_VALUE;
        while (true) {
            long nowNanos = System.nanoTime();
            synchronized (this) {
                if (unsent.isEmpty()) {
                    return true;
                }
                if (unsent.size() < left) {
                    left = unsent.size();
                    progressNanos = nowNanos;
                }
            }
            if (nowNanos - progressNanos >= patience.toNanos() || !isWorthWaiting(nowNanos - startNanos)) {
                return false;
            }
            synchronized (this) {
                if (!unsent.isEmpty()) {
                    wait(50);
                }
            }
        }
    }

    private boolean isWorthWaiting(long tookNanos) {
        List<HeldDelivery> all;
        synchronized (this) {
            all = new ArrayList<>(unsent);
        }
        for (HeldDelivery held : all) {
            String proxy = held.delivery().proxy();
            boolean reachable = proxies.hasContact(proxy) || tookNanos < CONTACT_TIMEOUT.toNanos();
            if (reachable && proxies.inRoute(proxy)) {
                return true;
            }
        }
        return false;
    }

    /** Whoever waits looks again. */
    synchronized void routeChanged() {
        notifyAll();
    }

    private void send(HeldDelivery held, String what, Function<Delivery, CompletableFuture<Void>> call) {
        synchronized (this) {
            unsent.add(held);
        }
        sendAttempt(held, what, call, 1, timer.nanoTime());
    }

    /** @param inRouteNanos when the delivery's proxy was in the route, as far as was looked, or the first attempt was */
    private void sendAttempt(
            HeldDelivery held,
            String what,
            Function<Delivery, CompletableFuture<Void>> call,
            int attempt,
            long inRouteNanos) {
        CompletableFuture<Void> sending = window.call(held.delivery().proxy(), () -> {
            leases.release(held); // not before: results of thousands at once wait here for longer than a lease
            return held.call(() -> call.apply(held.delivery()));
        });
        Futures.onDone(sending, done -> sent(held), failure -> {
            boolean gone = !proxies.inRoute(held.delivery().proxy());
            long now = timer.nanoTime();
            if (gone && now - inRouteNanos >= GONE_TIMEOUT.toNanos()) {
                logGone(held, what, failure);
                sent(held);
            } else if (isFinal(held, what, attempt, failure)) {
                sent(held);
            } else {
                logRepeat(held, what, attempt, failure);
                timer.schedule(
                        Backoff.ofCall(attempt),
                        () -> sendAttempt(held, what, call, attempt + 1, gone ? inRouteNanos : now));
            }
        });
    }

    private void logGone(HeldDelivery held, String what, Throwable failure) {
        if (rareLog.isDue()) {
            log.warn(
                    "result dropped as its proxy is gone, the message will be delivered again result={} proxy={} liteTopic={}"
                            + " messageId={}",
                    what,
                    held.delivery().proxy(),
                    held.delivery().liteTopic(),
                    held.delivery().message().getMessageId(),
                    failure);
        } else {
            log.debug("result dropped as its proxy is gone result={}", what, failure);
        }
    }

    private void logRepeat(HeldDelivery held, String what, int attempt, Throwable failure) {
        if (rareLog.isDue()) {
            log.warn(
                    "result not sent, will be repeated result={} liteTopic={} messageId={} attempt={} repeatInMillis={}",
                    what,
                    held.delivery().liteTopic(),
                    held.delivery().message().getMessageId(),
                    attempt,
                    Backoff.ofCall(attempt).toMillis(),
                    failure);
        } else {
            log.debug("result not sent result={} attempt={}", what, attempt, failure);
        }
    }

    private boolean isFinal(HeldDelivery held, String what, int attempt, Throwable failure) {
        if (!(failure instanceof DeliveryGoneException) && leases.isOurs(held)) {
            return false;
        }
        log.warn(
                attempt == 1
                        ? "result came too late, the message will be delivered again result={} liteTopic={} messageId={}"
                        : "repeated result was not accepted; unless an earlier attempt was, the message will be delivered again"
                                + " result={} liteTopic={} messageId={}",
                what,
                held.delivery().liteTopic(),
                held.delivery().message().getMessageId(),
                failure);
        return true;
    }

    private synchronized void sent(HeldDelivery held) {
        unsent.remove(held);
        if (unsent.isEmpty()) {
            notifyAll();
        }
    }
}
