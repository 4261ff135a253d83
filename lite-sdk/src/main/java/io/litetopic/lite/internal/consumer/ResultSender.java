package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.ConsumeResultSuspend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the server what became of deliveries. A call that fails is repeated for as long as the delivery is ours; after
 * that the server delivers the message again by itself.
 *
 * <p>Thread-safe; never blocks, except {@link #awaitSent}.
 */
final class ResultSender {

    private static final Logger log = LoggerFactory.getLogger(ResultSender.class);

    // A short suspend: the lite topic goes back at once, and the attempt does not count. Not shorter, so that a server
    // that believes this client is subscribed does not send it again hundreds of times a second.
    private static final Duration GIVE_BACK = Duration.ofMillis(10);

    private final LiteTransport transport;
    private final LeaseKeeper leases;
    private final LoopTimer timer;
    private final RareLog rareLog;

    // guarded by this
    private int unsent;

    ResultSender(LiteTransport transport, LeaseKeeper leases, LoopTimer timer) {
        this.transport = transport;
        this.leases = leases;
        this.timer = timer;
        this.rareLog = new RareLog(timer);
    }

    void ack(HeldDelivery held) {
        send(held, "ack", transport::ack);
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
                delivery -> CompletableFuture.allOf(renewals)
                        .thenCompose(ended -> transport.changeInvisibleDuration(delivery, backoff)));
    }

    void suspend(HeldDelivery held, ConsumeResultSuspend result) {
        send(held, "suspend", delivery -> transport.suspend(delivery, result.suspendTime()));
    }

    /** The listener has not seen the message: it and the later ones of its lite topic may go to anyone. */
    void giveBack(HeldDelivery held) {
        send(held, "return", delivery -> transport.suspend(delivery, GIVE_BACK));
    }

    /** Waits until all results have reached the server or cannot any more, and returns whether they have in time. */
    synchronized boolean awaitSent(Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (unsent > 0) {
            long remainingMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (remainingMillis <= 0) {
                return false;
            }
            wait(remainingMillis);
        }
        return true;
    }

    private void send(HeldDelivery held, String what, Function<Delivery, CompletableFuture<Void>> call) {
        leases.release(held);
        synchronized (this) {
            unsent++;
        }
        sendAttempt(held, what, call, 1);
    }

    private void sendAttempt(
            HeldDelivery held, String what, Function<Delivery, CompletableFuture<Void>> call, int attempt) {
        Futures.onDone(held.call(() -> call.apply(held.delivery())), done -> sent(), failure -> {
            if (isFinal(held, what, failure)) {
                sent();
            } else {
                logRepeat(held, what, attempt, failure);
                timer.schedule(Backoff.ofCall(attempt), () -> sendAttempt(held, what, call, attempt + 1));
            }
        });
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

    private boolean isFinal(HeldDelivery held, String what, Throwable failure) {
        if (!(failure instanceof DeliveryGoneException) && leases.isOurs(held)) {
            return false;
        }
        log.warn(
                "result came too late, the message will be delivered again result={} liteTopic={} messageId={}",
                what,
                held.delivery().liteTopic(),
                held.delivery().message().getMessageId(),
                failure);
        return true;
    }

    private synchronized void sent() {
        unsent--;
        if (unsent == 0) {
            notifyAll();
        }
    }
}
