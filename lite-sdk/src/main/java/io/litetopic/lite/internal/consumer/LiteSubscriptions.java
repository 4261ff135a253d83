package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.OffsetOption;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The set of lite topics of one consumer, and its copies at the proxies of the route ("the server"). The set changes only after the
 * server has accepted the change.
 *
 * <p>Changes of different lite topics run side by side, those of one lite topic in turn. Sending the whole set runs
 * alone: a change that the server accepted while an older whole set is on its way would be undone by it.
 *
 * <p>The server may say that a subscription is over, on a way of its own: in relation to the answers to calls, that may
 * come early or late. While a lite topic is being added, or soon after, it may be about a former subscription. It is
 * not believed then; the whole set is sent once that time is over, upon which the server says it again if it is so.
 *
 * <p>Thread-safe.
 */
final class LiteSubscriptions {

    private static final Logger log = LoggerFactory.getLogger(LiteSubscriptions.class);

    private static final Duration SYNC_PERIOD = Duration.ofSeconds(30);
    private static final Duration SYNC_RETRY = Duration.ofSeconds(5);

    /** How long after an add a word of the server may be about a former subscription: far longer than it can be late. */
    static final Duration LATELY = Duration.ofSeconds(1);

    private final RouteSync route;
    private final LoopTimer timer;
    private final Consumer<String> onUnsubscribed;
    private final Consumer<String> onLost;
    private final RareLog rareLog;

    // guarded by this
    private final Set<String> accepted = new HashSet<>();
    private final Set<String> beingAdded = new HashSet<>();
    private final Set<String> changing = new HashSet<>();
    private final Set<String> lostWhileChanging = new HashSet<>();
    private final Map<String, Long> addedNanos = new LinkedHashMap<>(); // those added lately, oldest first
    private final Set<String> perhapsAdded = new HashSet<>(); // what came of adding them is not known
    private boolean everAccepted;
    private boolean checkScheduled;
    private @Nullable CompletableFuture<Void> waitingSync;
    private final Map<String, CompletableFuture<Void>> waitingProxies = new HashMap<>();
    private int syncsRunning;
    private boolean syncToAllRuns;
    private boolean closed;

    /**
     * @param onUnsubscribed called with the lite topic before {@link #unsubscribe} returns
     * @param onLost called with the lite topic, once for each subscription that the server has ended; must not block
     */
    LiteSubscriptions(
            LiteTransport transport, LoopTimer timer, Consumer<String> onUnsubscribed, Consumer<String> onLost) {
        this.route = new RouteSync(transport, timer);
        this.timer = timer;
        this.onUnsubscribed = onUnsubscribed;
        this.onLost = onLost;
        this.rareLog = new RareLog(timer);
    }

    /** Makes this client a lite client of its group, and so finds out whether the server serves lite topics at all. */
    void start() throws ClientException {
        await(route.change(SubscriptionSync.replace(new HashSet<>())));
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

    /**
     * Whether messages of the lite topic are for the listener; they may come before the add call has returned. To a
     * consumer that has never been subscribed to anything a server sends messages only if its group is a wildcard group,
     * where everything is for the listener.
     */
    synchronized boolean accepts(String liteTopic) {
        return accepted.contains(liteTopic)
                || beingAdded.contains(liteTopic)
                || (!everAccepted && !perhapsAdded.contains(liteTopic));
    }

    /** The server says that this client is not subscribed to the lite topic; news only if it was until now. */
    void lost(String liteTopic) {
        boolean lost;
        synchronized (this) {
            lost = !closed && endedByServer(liteTopic);
        }
        if (lost) {
            onLost.accept(liteTopic);
        }
    }

    /** Whether a subscription has ended with what the server says. The caller holds the lock. */
    private boolean endedByServer(String liteTopic) {
        if (changing.contains(liteTopic)) {
            lostWhileChanging.add(liteTopic);
            return false;
        }
        if (!accepted.contains(liteTopic)) {
            return false;
        }
        Duration doubtful = doubtful(liteTopic);
        if (!doubtful.isZero()) {
            if (!checkScheduled) {
                checkScheduled = true;
                timer.schedule(doubtful, this::check);
            }
            return false;
        }
        accepted.remove(liteTopic);
        return true;
    }

    /** For how long yet a word of the server may be about a former subscription. The caller holds the lock. */
    private Duration doubtful(String liteTopic) {
        Long nanos = addedNanos.get(liteTopic);
        long left = nanos == null ? 0 : nanos + LATELY.toNanos() - timer.nanoTime();
        return Duration.ofNanos(Math.max(0, left));
    }

    /** Asks the server to say again what was not believed. */
    private void check() {
        synchronized (this) {
            checkScheduled = false;
        }
        reachable();
    }

    /** The caller holds the lock, and calls {@link #startWaitingSync} without it. */
    private void wantSync() {
        if (waitingSync == null) {
            waitingSync = new CompletableFuture<>();
        }
    }

    /** The server can reach this client again: it is asked for what it could not say before. */
    void reachable() {
        synchronized (this) {
            if (closed || accepted.isEmpty()) {
                return;
            }
        }
        Futures.onDone(syncAll(), done -> {}, this::logFailure);
    }

    /** Sends the whole set as soon as no change is under way; calls that come meanwhile share it. */
    CompletableFuture<Void> syncAll() {
        CompletableFuture<Void> result;
        synchronized (this) {
            wantSync();
            result = requireNonNull(waitingSync);
        }
        startWaitingSync();
        return result;
    }

    /** Sends the whole set to one proxy, as {@link #syncAll} does to all. */
    CompletableFuture<Void> sync(String proxy) {
        CompletableFuture<Void> result;
        synchronized (this) {
            result = waitingProxies.computeIfAbsent(proxy, absent -> new CompletableFuture<>());
        }
        startWaitingSync();
        return result;
    }

    /** Lets no further change start. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        route.close();
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
            if (settled && syncsRunning == 0 && waitingSync == null && waitingProxies.isEmpty()) {
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
            await(route.change(sync));
            done = true;
        } catch (LiteException e) {
            refused = !e.isRetryable();
            throw e;
        } finally {
            endChange(liteTopic, sync.action(), done, refused);
        }
    }

    private void endChange(String liteTopic, SubscriptionSync.Action action, boolean done, boolean refused) {
        boolean lost;
        synchronized (this) {
            changing.remove(liteTopic);
            beingAdded.remove(liteTopic);
            boolean saidToBeLost = lostWhileChanging.remove(liteTopic);
            if (done && action == SubscriptionSync.Action.ADD) {
                added(liteTopic);
            } else if (done) {
                accepted.remove(liteTopic);
            } else if (!refused) {
                // The server may have accepted what this client believes has failed: make both agree again.
                wantSync();
                if (action == SubscriptionSync.Action.ADD && !everAccepted) {
                    perhapsAdded.add(liteTopic);
                }
            }
            // What is subscribed now may be what the server meant.
            lost = saidToBeLost && endedByServer(liteTopic);
            notifyAll();
        }
        if (lost) {
            onLost.accept(liteTopic);
        }
        startWaitingSync();
    }

    /** The caller holds the lock. */
    private void added(String liteTopic) {
        long now = timer.nanoTime();
        accepted.add(liteTopic);
        everAccepted = true;
        perhapsAdded.clear();
        Iterator<Long> oldest = addedNanos.values().iterator();
        while (oldest.hasNext() && now - oldest.next() >= LATELY.toNanos()) {
            oldest.remove();
        }
        addedNanos.remove(liteTopic);
        addedNanos.put(liteTopic, now);
    }

    /** Whole sets may overlap, as they are the same while no change is under way. */
    private void startWaitingSync() {
        SubscriptionSync sync;
        CompletableFuture<Void> forAll;
        Map<String, CompletableFuture<Void>> forProxies;
        synchronized (this) {
            if (!changing.isEmpty() || (waitingSync == null && waitingProxies.isEmpty())) {
                return;
            }
            forProxies = new HashMap<>(waitingProxies);
            waitingProxies.clear();
            // One that runs is for all, and may hold what has been lost since: the next one comes after it.
            forAll = syncToAllRuns ? null : waitingSync;
            if (forAll != null) {
                waitingSync = null;
                syncToAllRuns = true;
                syncsRunning++;
            }
            syncsRunning += forProxies.size();
            sync = SubscriptionSync.replace(new HashSet<>(accepted));
        }
        forProxies.forEach((proxy, result) -> follow(route.replaceAt(proxy, sync), result, false));
        if (forAll != null) {
            follow(route.replaceAll(sync), forAll, true);
        }
    }

    private void follow(CompletableFuture<Void> call, CompletableFuture<Void> result, boolean toAll) {
        Futures.onDone(
                call,
                done -> {
                    endSync(toAll, true);
                    result.complete(null);
                },
                failure -> {
                    endSync(toAll, false);
                    result.completeExceptionally(failure);
                });
    }

    private void endSync(boolean toAll, boolean done) {
        synchronized (this) {
            syncsRunning--;
            if (toAll) {
                syncToAllRuns = false;
                if (done) {
                    perhapsAdded.clear();
                }
            }
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
