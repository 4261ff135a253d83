package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes receive calls on demand: together they never ask for more messages than there are free workers. After a failure
 * it waits before it asks again. A server that was lost may have been restarted, so all subscriptions are sent first.
 *
 * <p>Thread-safe.
 */
final class Receiver {

    private static final Logger log = LoggerFactory.getLogger(Receiver.class);

    /** Receive calls at a time. More than one, so that newly free workers need not wait for a long poll to end. */
    static final int MAX_CALLS = 4;

    // A call that returns empty faster than this did not wait for messages.
    private static final long SHORTEST_POLL_NANOS = Duration.ofMillis(50).toNanos();

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final IntSupplier freeWorkers;
    private final Consumer<List<Delivery>> sink;
    private final Supplier<CompletableFuture<Void>> rejoin;
    private final RareLog rareLog;

    // guarded by this
    private int calls;
    private int askedFor;
    private int failures;
    private int quickEmptyCalls;
    private boolean paused;
    private boolean stopped;

    /**
     * @param sink takes what was received, before the workers that it needs count as free
     * @param rejoin called when contact with the server was lost; the future ends when it knows this client again
     */
    Receiver(
            LiteTransport transport,
            LoopTimer timer,
            IntSupplier freeWorkers,
            Consumer<List<Delivery>> sink,
            Supplier<CompletableFuture<Void>> rejoin) {
        this.transport = transport;
        this.timer = timer;
        this.freeWorkers = freeWorkers;
        this.sink = sink;
        this.rejoin = rejoin;
        this.rareLog = new RareLog(timer);
    }

    /** Makes one more call if workers are free that no call asks for. */
    void receiveOnDemand() {
        int max;
        synchronized (this) {
            max = Math.min(freeWorkers.getAsInt() - askedFor, LiteTransport.MAX_RECEIVE);
            if (max <= 0 || calls >= MAX_CALLS || paused || stopped) {
                return;
            }
            calls++;
            askedFor += max;
        }
        long startNanos = timer.nanoTime();
        Futures.onDone(
                transport.receive(max, ConsumerSettings.INVISIBLE_DURATION),
                deliveries -> received(max, deliveries, timer.nanoTime() - startNanos),
                failure -> failed(max, failure));
    }

    /** Ends all calls. */
    void stop() {
        synchronized (this) {
            stopped = true;
        }
        transport.stopReceiving();
    }

    private void received(int max, List<Delivery> deliveries, long tookNanos) {
        // First the sink, then the end of the call: in between, its workers count twice rather than not at all.
        sink.accept(deliveries);
        Duration pause = Duration.ZERO;
        synchronized (this) {
            calls--;
            askedFor -= max;
            if (failures > 0) {
                log.info("receiving again failures={}", failures);
                rareLog.reset();
            }
            failures = 0;
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
    }

    private void failed(int max, Throwable failure) {
        boolean rejoinAtOnce;
        Duration pause;
        synchronized (this) {
            calls--;
            askedFor -= max;
            if (stopped || paused) {
                return;
            }
            paused = true;
            failures++;
            rejoinAtOnce = failures == 1 && failure instanceof ClientUnknownException;
            pause = Backoff.ofReceive(failures);
            logFailure("receive failed", failure);
        }
        if (rejoinAtOnce) {
            rejoin();
        } else {
            timer.schedule(pause, isRefusal(failure) ? this::resume : this::rejoin);
        }
    }

    /** Whether a server that knows this client has answered. Without an answer it may have been restarted. */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof LiteException
                && !(failure instanceof ClientUnknownException)
                && ((LiteException) failure).getRequestId().isPresent();
    }

    private void rejoin() {
        Futures.onDone(rejoin.get(), done -> resume(), this::rejoinFailed);
    }

    private void rejoinFailed(Throwable failure) {
        Duration pause;
        synchronized (this) {
            if (stopped) {
                return;
            }
            failures++;
            pause = Backoff.ofReceive(failures);
            logFailure("rejoining failed", failure);
        }
        timer.schedule(pause, this::rejoin);
    }

    private void resume() {
        synchronized (this) {
            paused = false;
        }
        receiveOnDemand();
    }

    /** The caller holds the lock. */
    private void logFailure(String what, Throwable failure) {
        if (!rareLog.isDue()) {
            log.debug("{} failures={}", what, failures, failure);
        } else if (failure instanceof ClientUnknownException) {
            log.info("the server lost this client, subscriptions are sent again failures={}", failures);
        } else {
            log.warn("{}, will be repeated failures={}", what, failures, failure);
        }
    }
}
