package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the set of lite topics, and changes of it, to every proxy of the route. Each proxy needs to know all names, as
 * the names are spread over the queues by hash.
 *
 * <p>Thread-safe; never blocks.
 */
final class RouteSync {

    /** How long a proxy that does not answer is given to come back, or to leave the route. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration RETRY = Duration.ofMillis(300);

    private static final Logger log = LoggerFactory.getLogger(RouteSync.class);

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Set<Change> pausing = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    RouteSync(LiteTransport transport, LoopTimer timer) {
        this.transport = transport;
        this.timer = timer;
    }

    /**
     * Succeeds when all proxies of the route have accepted the change. One that does not answer is tried again for as
     * long as it is in the route, up to {@link #PATIENCE}; a refusal counts at once.
     */
    CompletableFuture<Void> change(SubscriptionSync sync) {
        Change change = new Change(sync, timer.nanoTime());
        change.attempt(transport.proxies());
        return change.result;
    }

    /** Sends the set once to all proxies of the route, which is asked for meanwhile. */
    CompletableFuture<Void> replaceAll(SubscriptionSync sync) {
        // The proxies that are known hear of this client at once, those that are new when the route has come.
        Map<String, CompletableFuture<Void>> calls = send(sync, transport.proxies());
        return transport.refreshRoute().thenCompose(proxies -> {
            Set<String> added = new HashSet<>(proxies);
            added.removeAll(calls.keySet());
            calls.putAll(send(sync, added));
            calls.keySet().retainAll(proxies);
            return allOf(calls.values());
        });
    }

    /** Sends the set once to a proxy that may have been restarted, or be gone: the route is asked for too. */
    CompletableFuture<Void> replaceAt(String proxy, SubscriptionSync sync) {
        CompletableFuture<Void> call = transport.syncSubscription(proxy, sync);
        // Whoever is concerned by a change of the route is told of it by the transport.
        Futures.onDone(
                transport.refreshRoute(),
                proxies -> {},
                failure -> log.debug("route not known while a proxy is lost proxy={}", proxy, failure));
        return call;
    }

    /** Lets changes fail that would be tried again. */
    void close() {
        closed = true;
        pausing.forEach(Change::resume);
    }

    private Map<String, CompletableFuture<Void>> send(SubscriptionSync sync, Collection<String> proxies) {
        Map<String, CompletableFuture<Void>> calls = new HashMap<>();
        for (String proxy : proxies) {
            calls.put(proxy, transport.syncSubscription(proxy, sync));
        }
        return calls;
    }

    private static CompletableFuture<Void> allOf(Collection<CompletableFuture<Void>> calls) {
        return CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]));
    }

    /** Whether a proxy has not answered: it may have accepted the change, and it may be gone. */
    static boolean isUnanswered(Throwable failure) {
        return failure instanceof LiteException
                && ((LiteException) failure).isRetryable()
                && !((LiteException) failure).getRequestId().isPresent();
    }

    /** One change on its way; its attempts come one after the other. */
    private final class Change {
        private final CompletableFuture<Void> result = new CompletableFuture<>();
        private final SubscriptionSync sync;
        private final long startNanos;
        private final Set<String> accepted = new HashSet<>(); // guarded by this
        private volatile @Nullable Throwable lastFailure; // not null during a pause

        private Change(SubscriptionSync sync, long startNanos) {
            this.sync = sync;
            this.startNanos = startNanos;
        }

        private void attempt(Set<String> proxies) {
            Map<String, CompletableFuture<Void>> calls = send(sync, missing(proxies));
            Futures.onDone(
                    allOf(calls.values()).handle((done, failure) -> outcome(calls)),
                    this::decide,
                    result::completeExceptionally);
        }

        private synchronized Set<String> missing(Set<String> proxies) {
            Set<String> missing = new HashSet<>(proxies);
            missing.removeAll(accepted);
            return missing;
        }

        /** Returns the failures, refusals first. */
        private synchronized List<Throwable> outcome(Map<String, CompletableFuture<Void>> calls) {
            List<Throwable> failures = new ArrayList<>();
            calls.forEach((proxy, call) -> {
                Throwable failure = failureOf(call);
                if (failure == null) {
                    accepted.add(proxy);
                } else if (isUnanswered(failure)) {
                    failures.add(failure);
                } else {
                    failures.add(0, failure);
                }
            });
            return failures;
        }

        private void decide(List<Throwable> failures) {
            if (failures.isEmpty()) {
                result.complete(null);
            } else if (!isUnanswered(failures.get(0))) {
                result.completeExceptionally(failures.get(0));
            } else {
                Futures.onDone(
                        transport.refreshRoute(),
                        proxies -> decide(failures.get(0), proxies),
                        failure -> retryUnlessTooLate(failures.get(0)));
            }
        }

        private void decide(Throwable unanswered, Set<String> proxies) {
            if (missing(proxies).isEmpty()) {
                result.complete(null);
            } else {
                retryUnlessTooLate(unanswered);
            }
        }

        private void retryUnlessTooLate(Throwable unanswered) {
            if (closed || timer.nanoTime() - startNanos >= PATIENCE.toNanos()) {
                result.completeExceptionally(unanswered);
                return;
            }
            lastFailure = unanswered;
            pausing.add(this);
            timer.schedule(RETRY, this::resume);
            if (closed) {
                resume();
            }
        }

        private void resume() {
            if (!pausing.remove(this)) {
                return;
            }
            if (closed) {
                result.completeExceptionally(requireNonNull(lastFailure));
            } else {
                attempt(transport.proxies());
            }
        }
    }

    private static @Nullable Throwable failureOf(CompletableFuture<Void> call) {
        return call.handle((done, failure) -> failure == null ? null : Futures.causeOf(failure))
                .join();
    }
}
