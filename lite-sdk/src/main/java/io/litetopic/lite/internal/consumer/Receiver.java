package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes receive calls to one proxy, as far as there is {@link Demand}. After a failure it waits before it asks again. A
 * proxy that was lost may have been restarted, or take a client that it does not hear from for dead, so all subscriptions
 * are sent first, and the first time at once.
 *
 * <p>Thread-safe.
 */
final class Receiver {

    private static final Logger log = LoggerFactory.getLogger(Receiver.class);

    /** Receive calls at a time. More than one, so that newly free workers need not wait for a long poll to end. */
    static final int MAX_CALLS = 4;

    // below the 20 s that stock proxies allow at most
    static final Duration LONG_POLL = Duration.ofSeconds(15);

    /** How long a call may keep demand from other proxies, or stand for more than the workers can do at once. */
    static final Duration SHORT_POLL = Duration.ofMillis(300);

    // A call that returns empty faster than this did not wait for messages.
    private static final long SHORTEST_POLL_NANOS = Duration.ofMillis(50).toNanos();

    // Contact that lasted longer than this did not break at once.
    private static final long CALM_NANOS = Duration.ofSeconds(1).toNanos();

    private final String proxy;
    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Demand demand;
    private final Consumer<List<Delivery>> sink;
    private final Supplier<CompletableFuture<Void>> rejoin;
    private final Runnable demandChanged;
    private final RareLog rareLog;

    // guarded by this
    private int calls;
    private int askedFor;
    private boolean flowing; // whether the last call brought messages
    private int failures;
    private int refusals;
    private int quickEmptyCalls;
    private int epoch; // counts how often this client has rejoined
    private boolean paused;
    private boolean rejoining;
    private long rejoinedNanos; // meaningful after the first failure
    private boolean stopped;

    /**
     * @param sink takes what was received, before the workers that it needs count as free
     * @param rejoin called when contact with the proxy was lost; the future ends when it knows this client again
     * @param demandChanged called when a call has ended that may have kept demand from others
     */
    Receiver(
            String proxy,
            LiteTransport transport,
            LoopTimer timer,
            Demand demand,
            Consumer<List<Delivery>> sink,
            Supplier<CompletableFuture<Void>> rejoin,
            Runnable demandChanged) {
        this.proxy = proxy;
        this.transport = transport;
        this.timer = timer;
        this.demand = demand;
        this.sink = sink;
        this.rejoin = rejoin;
        this.demandChanged = demandChanged;
        this.rareLog = new RareLog(timer);
    }

    /** Makes this client known to the proxy, then receives. */
    void join() {
        synchronized (this) {
            rejoining = true;
            paused = true;
        }
        rejoin();
    }

    /** Makes one more call if workers are free that no call asks for. */
    void receiveOnDemand() {
        int max;
        int epochOfCall;
        synchronized (this) {
            if (calls >= MAX_CALLS || paused || stopped) {
                return;
            }
            max = demand.take(flowing, calls == 0);
            if (max == 0) {
                return;
            }
            calls++;
            askedFor += max;
            epochOfCall = epoch;
        }
        Duration longPoll = demand.isForAMoment(max) ? SHORT_POLL : LONG_POLL;
        long startNanos = timer.nanoTime();
        Futures.onDone(
                transport.receive(proxy, max, ConsumerSettings.INVISIBLE_DURATION, longPoll),
                deliveries -> received(max, deliveries, timer.nanoTime() - startNanos),
                failure -> failed(max, epochOfCall, failure));
    }

    /** Makes no further calls, and claims no workers for those that are under way. */
    synchronized void stop() {
        stopped = true;
        demand.end(askedFor);
        askedFor = 0;
    }

    /** Whether the proxy can be reached, as far as is known. */
    synchronized boolean hasContact() {
        return !rejoining;
    }

    /** The caller holds the lock. */
    private void callEnded(int max) {
        calls--;
        if (!stopped) {
            askedFor -= max;
            demand.end(max);
        }
    }

    private void received(int max, List<Delivery> deliveries, long tookNanos) {
        // First the sink, then the end of the call: in between, its workers count twice rather than not at all.
        sink.accept(deliveries);
        Duration pause = Duration.ZERO;
        synchronized (this) {
            callEnded(max);
            flowing = !deliveries.isEmpty();
            if (failures + refusals > 0) {
                log.info("receiving again proxy={} failures={}", proxy, failures + refusals);
                rareLog.reset();
            }
            failures = 0;
            refusals = 0;
            if (deliveries.isEmpty() && tookNanos < SHORTEST_POLL_NANOS) {
                quickEmptyCalls++;
                if (!paused) {
                    paused = true;
                    pause = Backoff.ofEmptyReceive(quickEmptyCalls);
                }
            } else {
                quickEmptyCalls = 0;
            }
        }
        if (pause.isZero()) {
            receiveOnDemand();
        } else {
            timer.schedule(pause, this::resume);
        }
        demandChanged.run();
    }

    private void failed(int max, int epochOfCall, Throwable failure) {
        boolean outdated;
        synchronized (this) {
            callEnded(max);
            outdated = epochOfCall != epoch;
        }
        if (outdated) {
            // It broke together with those that made this client rejoin, which it has done since.
            receiveOnDemand();
        } else if (isRefusal(failure)) {
            refused(failure);
        } else {
            contactLost("receive failed", failure);
        }
        demandChanged.run();
    }

    private void refused(Throwable failure) {
        Duration pause;
        synchronized (this) {
            if (stopped || paused) {
                return;
            }
            paused = true;
            refusals++;
            pause = Backoff.ofReceive(refusals);
            logFailure("receive failed", failure);
        }
        timer.schedule(pause, this::resume);
    }

    /** A connection broke: the server hears of this client at once, and receiving goes on after that. */
    void contactLost() {
        contactLost("connection broke", null);
    }

    private void contactLost(String what, @Nullable Throwable failure) {
        boolean atOnce;
        Duration pause;
        synchronized (this) {
            if (stopped || rejoining) {
                return;
            }
            rejoining = true;
            paused = true;
            failures++;
            // Receiving may rest for long, so that no success shows that the last time is over.
            atOnce = failures == 1 || timer.nanoTime() - rejoinedNanos > CALM_NANOS;
            pause = Backoff.ofRejoin(failures);
            logFailure(what, failure);
        }
        if (atOnce) {
            rejoin();
        } else {
            timer.schedule(pause, this::rejoin);
        }
    }

    /** Whether a server that knows this client has answered. Without an answer it may have been restarted. */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof LiteException
                && !(failure instanceof ClientUnknownException)
                && ((LiteException) failure).getRequestId().isPresent();
    }

    private void rejoin() {
        synchronized (this) {
            if (stopped) {
                return;
            }
        }
        Futures.onDone(rejoin.get(), done -> rejoined(), this::rejoinFailed);
    }

    private void rejoined() {
        synchronized (this) {
            rejoining = false;
            rejoinedNanos = timer.nanoTime();
            refusals = 0;
            epoch++;
        }
        resume();
    }

    private void rejoinFailed(Throwable failure) {
        Duration pause;
        synchronized (this) {
            if (stopped) {
                return;
            }
            failures++;
            // The first attempt came without a pause.
            pause = Backoff.ofRejoin(failures - 1);
            logFailure("rejoining failed", failure);
        }
        timer.schedule(pause, this::rejoin);
    }

    private void resume() {
        synchronized (this) {
            if (rejoining) {
                return; // The pause was another one's, and ends with the rejoining.
            }
            paused = false;
        }
        receiveOnDemand();
    }

    /** The caller holds the lock. */
    private void logFailure(String what, @Nullable Throwable failure) {
        if (!rareLog.isDue()) {
            log.debug("{} proxy={} failures={}", what, proxy, failures + refusals, failure);
        } else if (failure instanceof ClientUnknownException) {
            log.info("the server lost this client, subscriptions are sent again proxy={} failures={}", proxy, failures);
        } else {
            log.warn("{}, will be repeated proxy={} failures={}", what, proxy, failures + refusals, failure);
        }
    }
}
