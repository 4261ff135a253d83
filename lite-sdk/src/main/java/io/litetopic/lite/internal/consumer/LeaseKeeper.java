package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the deliveries in hand, each at a third of the invisible duration, for as long as they are held. One timer task
 * serves all of them and rests while nothing is held.
 *
 * <p>Thread-safe.
 */
final class LeaseKeeper {

    /** Renewals under way to one proxy at a time. */
    static final int MAX_RENEWALS = 256;

    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Duration invisibleDuration;
    private final RareLog rareLog;
    private final CallWindow window = new CallWindow(MAX_RENEWALS);

    // guarded by this
    private final Set<HeldDelivery> held = new HashSet<>();
    private final Set<HeldDelivery> renewing = new HashSet<>();
    private boolean timerArmed;

    LeaseKeeper(LiteTransport transport, LoopTimer timer, Duration invisibleDuration) {
        this.transport = transport;
        this.timer = timer;
        this.invisibleDuration = invisibleDuration;
        this.rareLog = new RareLog(timer);
    }

    /** Starts to renew a delivery that was just received. */
    HeldDelivery hold(Delivery delivery) {
        long now = timer.nanoTime();
        HeldDelivery heldDelivery =
                new HeldDelivery(delivery, now - delivery.late().toNanos(), now);
        synchronized (this) {
            held.add(heldDelivery);
            if (timerArmed) {
                return heldDelivery;
            }
            timerArmed = true;
        }
        timer.schedule(checkPeriod(), this::renewDue);
        return heldDelivery;
    }

    /** Renews the delivery no longer. A renewal that is under way is finished. */
    synchronized void release(HeldDelivery heldDelivery) {
        held.remove(heldDelivery);
    }

    /** Renews the deliveries of a proxy no longer. */
    synchronized void releaseAll(String proxy) {
        held.removeIf(heldDelivery -> heldDelivery.delivery().proxy().equals(proxy));
    }

    /** Whether the server still counts the delivery as ours, as far as this client can know. */
    boolean isOurs(HeldDelivery heldDelivery) {
        return !heldDelivery.isGone()
                && timer.nanoTime() - heldDelivery.leaseStartNanos() < invisibleDuration.toNanos();
    }

    private Duration checkPeriod() {
        return invisibleDuration.dividedBy(12);
    }

    private void renewDue() {
        long dueNanos = timer.nanoTime() - invisibleDuration.dividedBy(3).toNanos();
        List<HeldDelivery> due = new ArrayList<>();
        synchronized (this) {
            if (held.isEmpty()) {
                timerArmed = false;
                return;
            }
            for (HeldDelivery heldDelivery : held) {
                if (heldDelivery.leaseStartNanos() - dueNanos <= 0 && renewing.add(heldDelivery)) {
                    due.add(heldDelivery);
                }
            }
        }
        for (HeldDelivery heldDelivery : due) {
            Futures.onDone(
                    window.call(heldDelivery.delivery().proxy(), () -> renew(heldDelivery)),
                    done -> ended(heldDelivery),
                    failure -> {
                        ended(heldDelivery);
                        renewalFailed(heldDelivery, failure);
                    });
        }
        timer.schedule(checkPeriod(), this::renewDue);
    }

    private CompletableFuture<Void> renew(HeldDelivery heldDelivery) {
        synchronized (this) {
            if (!held.contains(heldDelivery)) {
                return CompletableFuture.completedFuture(null);
            }
        }
        // The server counts from when it gets the call; counting from before is the safe side.
        long startNanos = timer.nanoTime();
        return heldDelivery
                .call(() -> transport.changeInvisibleDuration(heldDelivery.delivery(), invisibleDuration))
                .thenRun(() -> heldDelivery.renewedAt(startNanos));
    }

    private synchronized void ended(HeldDelivery heldDelivery) {
        renewing.remove(heldDelivery);
    }

    private void renewalFailed(HeldDelivery heldDelivery, Throwable failure) {
        Delivery delivery = heldDelivery.delivery();
        if (failure instanceof DeliveryGoneException) {
            heldDelivery.markGone();
            release(heldDelivery);
            log.warn(
                    "delivery lost, the message will be delivered again liteTopic={} messageId={}",
                    delivery.liteTopic(),
                    delivery.message().getMessageId(),
                    failure);
            return;
        }
        if (rareLog.isDue()) {
            log.warn(
                    "renewal failed, will be repeated liteTopic={} messageId={} repeatInMillis={}",
                    delivery.liteTopic(),
                    delivery.message().getMessageId(),
                    checkPeriod().toMillis(),
                    failure);
        } else {
            log.debug("renewal failed messageId={}", delivery.message().getMessageId(), failure);
        }
    }
}
