package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.OffsetOption;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The set of lite topics of one consumer, and its copy at the server. The set changes only after the server has
 * accepted the change.
 *
 * <p>Changes of different lite topics run side by side, those of one lite topic in turn. Sending the whole set runs
 * alone: a change that the server accepted while an older whole set is on its way would be undone by it.
 *
 * <p>Thread-safe.
 */
final class LiteSubscriptions {

    private static final Logger log = LoggerFactory.getLogger(LiteSubscriptions.class);

    private static final Duration SYNC_PERIOD = Duration.ofSeconds(30);
    private static final Duration SYNC_RETRY = Duration.ofSeconds(5);

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Consumer<String> onUnsubscribed;
    private final RareLog rareLog;

    // guarded by this
    private final Set<String> accepted = new HashSet<>();
    private final Set<String> beingAdded = new HashSet<>();
    private final Set<String> changing = new HashSet<>();
    private @Nullable CompletableFuture<Void> waitingSync;
    private boolean syncRunning;
    private boolean closed;

    /**
     * @param onUnsubscribed called with the lite topic before {@link #unsubscribe} returns
     */
    LiteSubscriptions(LiteTransport transport, LoopTimer timer, Consumer<String> onUnsubscribed) {
        this.transport = transport;
        this.timer = timer;
        this.onUnsubscribed = onUnsubscribed;
        this.rareLog = new RareLog(timer);
    }

    /** Makes this client a lite client of its group, and so finds out whether the server serves lite topics at all. */
    void start() throws ClientException {
        await(syncAll());
        timer.schedule(SYNC_PERIOD, this::syncPeriodically);
    }

    void subscribe(String liteTopic, @Nullable OffsetOption offsetOption) throws ClientException {
        if (!beginChange(liteTopic, true)) {
            return;
        }
        change(liteTopic, SubscriptionSync.add(liteTopic, offsetOption));
    }

    void unsubscribe(String liteTopic) throws ClientException {
        if (!beginChange(liteTopic, false)) {
            return;
        }
        change(liteTopic, SubscriptionSync.remove(liteTopic));
        onUnsubscribed.accept(liteTopic);
    }

    synchronized Set<String> snapshot() {
        return Collections.unmodifiableSet(new HashSet<>(accepted));
    }

    /** Whether messages of the lite topic are for the listener; they may come before the add call has returned. */
    synchronized boolean accepts(String liteTopic) {
        return accepted.contains(liteTopic) || beingAdded.contains(liteTopic);
    }

    /** Sends the whole set as soon as no change is under way; calls that come meanwhile share it. */
    CompletableFuture<Void> syncAll() {
        CompletableFuture<Void> result;
        synchronized (this) {
            if (waitingSync == null) {
                waitingSync = new CompletableFuture<>();
            }
            result = waitingSync;
        }
        startWaitingSync();
        return result;
    }

    /** Lets no further change start. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Returns whether there is something to change; if so, the change has begun and must be ended. */
    private synchronized boolean beginChange(String liteTopic, boolean add) throws ClientException {
        while (true) {
            if (closed) {
                throw new IllegalStateException("consumer is closed [liteTopic=" + liteTopic + "]; build a new one");
            }
            boolean settled = !changing.contains(liteTopic);
            if (settled && accepted.contains(liteTopic) == add) {
                return false;
            }
            if (settled && !syncRunning && waitingSync == null) {
                changing.add(liteTopic);
                if (add) {
                    beingAdded.add(liteTopic);
                }
                return true;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private void change(String liteTopic, SubscriptionSync sync) throws ClientException {
        boolean done = false;
        boolean refused = false;
        try {
            await(transport.syncSubscription(sync));
            done = true;
        } catch (LiteException e) {
            refused = !e.isRetryable();
            throw e;
        } finally {
            endChange(liteTopic, sync.action(), done, refused);
        }
    }

    private void endChange(String liteTopic, SubscriptionSync.Action action, boolean done, boolean refused) {
        synchronized (this) {
            changing.remove(liteTopic);
            beingAdded.remove(liteTopic);
            if (done && action == SubscriptionSync.Action.ADD) {
                accepted.add(liteTopic);
            } else if (done) {
                accepted.remove(liteTopic);
            } else if (!refused && waitingSync == null) {
                // The server may have accepted what this client believes has failed: make both agree again.
                waitingSync = new CompletableFuture<>();
            }
            notifyAll();
        }
        startWaitingSync();
    }

    private void startWaitingSync() {
        CompletableFuture<Void> result;
        SubscriptionSync sync;
        synchronized (this) {
            if (waitingSync == null || syncRunning || !changing.isEmpty()) {
                return;
            }
            result = waitingSync;
            waitingSync = null;
            syncRunning = true;
            sync = SubscriptionSync.replace(new HashSet<>(accepted));
        }
        Futures.onDone(
                transport.syncSubscription(sync),
                done -> {
                    endSync();
                    result.complete(null);
                },
                failure -> {
                    endSync();
                    result.completeExceptionally(failure);
                });
    }

    private void endSync() {
        synchronized (this) {
            syncRunning = false;
            notifyAll();
        }
        startWaitingSync();
    }

    private void syncPeriodically() {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        Futures.onDone(
                syncAll(),
                done -> {
                    rareLog.reset();
                    timer.schedule(SYNC_PERIOD, this::syncPeriodically);
                },
                failure -> {
                    logFailure(failure);
                    timer.schedule(SYNC_RETRY, this::syncPeriodically);
                });
    }

    private void logFailure(Throwable failure) {
        if (rareLog.isDue()) {
            log.warn(
                    "subscriptions not synchronized, will be repeated repeatInMillis={}",
                    SYNC_RETRY.toMillis(),
                    failure);
        } else {
            log.debug("subscriptions not synchronized", failure);
        }
    }

    private static void await(CompletableFuture<Void> future) throws ClientException {
        try {
            future.get();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            Throwable cause = Futures.causeOf(e);
            if (cause instanceof ClientException) {
                throw (ClientException) cause;
            }
            throw new LiteException("subscription call failed: " + cause, true, null, cause);
        }
    }

    private static LiteException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LiteException("interrupted while waiting for the server; try again", true, null, e);
    }
}
