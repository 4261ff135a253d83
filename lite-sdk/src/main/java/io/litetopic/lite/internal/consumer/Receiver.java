package io.litetopic.lite.internal.consumer;

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
 * it waits before it asks again; after the server has lost this client, until the subscriptions are sent again.
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
     * @param rejoin called when the server has lost this client; the future ends when it is known again
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
        Duration pause;
        synchronized (this) {
            calls--;
            askedFor -= max;
            if (stopped || paused) {
                return;
            }
            paused = true;
            failures++;
            pause = Backoff.ofCall(failures);
            logFailure(failure, pause);
        }
        if (failure instanceof ClientUnknownException) {
            rejoinThenResume(pause);
        } else {
            timer.schedule(pause, this::resume);
        }
    }

    private void rejoinThenResume(Duration pauseAfterFailure) {
        Futures.onDone(
                rejoin.get(),
                done -> {
                    if (isFirstFailure()) {
                        resume();
                    } else {
                        timer.schedule(pauseAfterFailure, this::resume);
                    }
                },
                failure -> {
                    log.warn(
                            "cannot rejoin, will be repeated repeatInMillis={}", pauseAfterFailure.toMillis(), failure);
                    timer.schedule(pauseAfterFailure, this::resume);
                });
    }

    private synchronized boolean isFirstFailure() {
        return failures <= 1;
    }

    private void resume() {
        synchronized (this) {
            paused = false;
        }
        receiveOnDemand();
    }

    private void logFailure(Throwable failure, Duration pause) {
        if (!rareLog.isDue()) {
            log.debug("receive failed failures={}", failures, failure);
        } else if (failure instanceof ClientUnknownException) {
            log.info("the server lost this client, subscriptions are sent again failures={}", failures);
        } else {
            log.warn(
                    "receive failed, will be repeated failures={} repeatInMillis={}",
                    failures,
                    pause.toMillis(),
                    failure);
        }
    }
}
