package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the application's receive calls with what the proxies deliver. With one proxy a call of the application is one call
 * to it. With several, nobody knows which has messages, and a call cannot be taken back. One that brought some the last
 * time is asked for all that nobody asks for yet, in a call that does not wait for long. If there is none, or it does not answer
 * soon, each is asked for a single message in a long poll. What nobody wants any more when it comes is kept for a moment, for
 * the next call, and then goes back unseen.
 *
 * <p>Calls with different invisible durations share nothing.
 *
 * <p>Thread-safe.
 */
final class SimpleReceiver {

    private static final Logger log = LoggerFactory.getLogger(SimpleReceiver.class);

    /** How long a message waits for the next receive call, at most. */
    static final Duration SPARE = Duration.ofMillis(100);

    /** How much later than it should a proxy may answer an empty long poll before it is not waited for. */
    static final Duration LATE_ANSWER = Duration.ofSeconds(1);

    /** How long a proxy that had messages before is asked alone. */
    static final Duration HEAD_START = Duration.ofMillis(20);

    // A call that returns empty faster than this did not wait for messages.
    private static final Duration SHORTEST_POLL = Duration.ofMillis(50);

    // A short suspend: the lite topic goes back at once, and the attempt does not count.
    private static final Duration GIVE_BACK = Duration.ofMillis(10);

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Predicate<String> subscribed;
    private final ProxyContacts contacts;
    private final String consumerGroup;

    // guarded by this
    private final Map<Duration, Pool> pools = new HashMap<>();
    private final Set<String> flowing = new HashSet<>(); // proxies whose last answer brought messages
    private boolean closed;

    SimpleReceiver(LiteTransport transport, LoopTimer timer, LiteSubscriptions subscriptions, String consumerGroup) {
        this.transport = transport;
        this.timer = timer;
        this.subscribed = subscriptions::accepts;
        this.consumerGroup = consumerGroup;
        this.contacts = new ProxyContacts(timer, subscriptions::sync, this::askAll);
    }

    void start() {
        contacts.start(transport.proxies());
    }

    void contactLost(String proxy) {
        contacts.lost(proxy, null);
    }

    void routeChanged(Set<String> proxies) {
        contacts.routeChanged(proxies);
        synchronized (this) {
            flowing.retainAll(proxies);
            // What it has delivered will be delivered again by those that own its queues now.
            pools.values().forEach(pool -> pool.spare.removeIf(delivery -> !proxies.contains(delivery.proxy())));
        }
        askAll();
    }

    /**
     * Receives messages: at least one, at most {@code max}, or none after the await duration. Fails if a proxy refuses for
     * good, or if none can be reached when that time is over.
     */
    CompletableFuture<List<Delivery>> receive(int max, Duration invisibleDuration, Duration awaitDuration) {
        Request request = new Request(Math.min(max, LiteTransport.MAX_RECEIVE), timer.nanoTime(), awaitDuration);
        Pool pool;
        List<Delivery> spare = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                request.result.completeExceptionally(closed());
                return request.result;
            }
            pool = pools.computeIfAbsent(invisibleDuration, Pool::new);
            while (!pool.spare.isEmpty() && spare.size() < request.max) {
                spare.add(pool.spare.remove());
            }
            if (spare.isEmpty()) {
                pool.waiting.add(request);
            }
        }
        if (!spare.isEmpty()) {
            request.result.complete(spare);
            return request.result;
        }
        Futures.onDone(request.result, done -> forget(pool, request), failure -> forget(pool, request));
        timer.schedule(awaitDuration, () -> timeUp(pool, request));
        ask(pool, false);
        if (contacts.inRoute() > 1) {
            timer.schedule(HEAD_START, () -> askEverybodyFor(pool, request));
        }
        return request.result;
    }

    /** Gives back what has come for a lite topic that nobody wants. */
    void giveBackSpare(String liteTopic) {
        List<Delivery> unwanted = new ArrayList<>();
        synchronized (this) {
            for (Pool pool : pools.values()) {
                Iterator<Delivery> spare = pool.spare.iterator();
                while (spare.hasNext()) {
                    Delivery delivery = spare.next();
                    if (delivery.liteTopic().equals(liteTopic)) {
                        spare.remove();
                        unwanted.add(delivery);
                    }
                }
            }
        }
        giveBack(unwanted);
    }

    /** Fails all calls; the server takes back what has come when the client leaves. */
    void close() {
        List<Request> waiting = new ArrayList<>();
        synchronized (this) {
            closed = true;
            pools.values().forEach(pool -> waiting.addAll(pool.waiting));
            pools.clear();
        }
        contacts.close();
        waiting.forEach(request -> request.result.completeExceptionally(closed()));
        transport.stopReceiving();
    }

    private IllegalStateException closed() {
        return new IllegalStateException(
                "consumer is closed [consumerGroup=" + consumerGroup + "]; build a new one to receive");
    }

    private void askAll() {
        List<Pool> all;
        synchronized (this) {
            all = new ArrayList<>(pools.values());
        }
        all.forEach(pool -> ask(pool, true));
    }

    private void askEverybodyFor(Pool pool, Request request) {
        if (!request.result.isDone()) {
            ask(pool, true);
        }
    }

    /**
     * Makes the calls that the waiting requests need and nobody has made yet.
     *
     * @param everybody whether proxies are asked that had no messages the last time, though others had some
     */
    private void ask(Pool pool, boolean everybody) {
        boolean shared = contacts.inRoute() > 1;
        List<String> usable = contacts.usable();
        for (String proxy : usable) {
            int max;
            Duration longPoll;
            synchronized (this) {
                long leftNanos = pool.longestWaitNanos(timer.nanoTime());
                if (closed || leftNanos <= 0) {
                    return;
                }
                boolean noneFlows = Collections.disjoint(usable, flowing);
                max = pool.take(proxy, !shared || flowing.contains(proxy), shared && (everybody || noneFlows));
                longPoll = min(
                        Duration.ofMillis(Math.max(1, leftNanos / 1_000_000)),
                        shared && max > 1 ? Receiver.SHORT_POLL : Receiver.LONG_POLL);
            }
            if (max > 0) {
                long startNanos = timer.nanoTime();
                Futures.onDone(
                        transport.receive(proxy, max, pool.invisibleDuration, longPoll),
                        deliveries -> {
                            boolean atOnce = timer.nanoTime() - startNanos
                                    < min(SHORTEST_POLL, longPoll.dividedBy(2)).toNanos();
                            contacts.answered(proxy, deliveries.isEmpty() && atOnce);
                            received(pool, proxy, max, deliveries);
                        },
                        failure -> failed(pool, proxy, max, failure));
            }
        }
    }

    private void received(Pool pool, String proxy, int max, List<Delivery> deliveries) {
        List<Delivery> unwanted = new ArrayList<>();
        Deque<Delivery> wanted = wanted(deliveries, unwanted);
        Map<Request, List<Delivery>> answers = new HashMap<>();
        List<Request> timedOut = Collections.emptyList();
        List<Delivery> spare;
        synchronized (this) {
            pool.end(proxy, max);
            if (closed) {
                return;
            }
            if (deliveries.isEmpty()) {
                flowing.remove(proxy);
                timedOut = pool.removeTimedOut(timer.nanoTime());
            } else {
                flowing.add(proxy);
            }
            while (!wanted.isEmpty() && !pool.waiting.isEmpty()) {
                Request request = pool.waiting.remove();
                answers.put(request, request.takeFrom(wanted));
            }
            spare = new ArrayList<>(wanted);
            pool.spare.addAll(spare);
            removeIfUnused(pool);
        }
        giveBack(unwanted);
        answers.forEach((request, answer) -> {
            if (!request.result.complete(answer)) {
                giveBack(answer); // The application has cancelled its call.
            }
        });
        if (!spare.isEmpty()) {
            timer.schedule(min(SPARE, pool.invisibleDuration.dividedBy(10)), () -> giveBackSpare(pool, spare));
        }
        timedOut.forEach(request -> request.result.complete(new ArrayList<>()));
        ask(pool, deliveries.isEmpty());
    }

    /** Takes out what must not reach the application. */
    private Deque<Delivery> wanted(List<Delivery> deliveries, List<Delivery> unwanted) {
        Deque<Delivery> wanted = new ArrayDeque<>();
        Set<String> damaged = new HashSet<>();
        for (Delivery delivery : deliveries) {
            if (delivery.isCorrupted() || damaged.contains(delivery.liteTopic())) {
                // It and those behind it come again when their invisible duration is over.
                if (damaged.add(delivery.liteTopic())) {
                    log.warn(
                            "message is damaged, will be delivered again reason=\"body does not match its checksum\""
                                    + " consumerGroup={} liteTopic={} messageId={} attempt={}",
                            consumerGroup,
                            delivery.liteTopic(),
                            delivery.message().getMessageId(),
                            delivery.message().getDeliveryAttempt());
                }
            } else if (!subscribed.test(delivery.liteTopic())) {
                unwanted.add(delivery);
            } else {
                wanted.add(delivery);
            }
        }
        return wanted;
    }

    private void failed(Pool pool, String proxy, int max, Throwable failure) {
        Request refused = null;
        synchronized (this) {
            pool.end(proxy, max);
            if (closed) {
                return;
            }
            flowing.remove(proxy);
            if (isFinal(failure)) {
                refused = pool.waiting.poll();
            }
            removeIfUnused(pool);
        }
        if (refused != null) {
            refused.result.completeExceptionally(failure);
        } else if (isRefusal(failure)) {
            contacts.refused(proxy, failure);
        } else {
            contacts.lost(proxy, failure);
        }
        ask(pool, true);
    }

    /** Whether a server that knows this client has answered. Without an answer it may have been restarted. */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof LiteException
                && !(failure instanceof ClientUnknownException)
                && ((LiteException) failure).getRequestId().isPresent();
    }

    private static boolean isFinal(Throwable failure) {
        return isRefusal(failure) && !((LiteException) failure).isRetryable();
    }

    /** The await duration is over: nobody is waited for any more, but for an answer that is on its way. */
    private void timeUp(Pool pool, Request request) {
        boolean answerIsDue;
        synchronized (this) {
            answerIsDue = pool.asked > 0 && !request.isLate;
            request.isLate = true;
        }
        if (request.result.isDone()) {
            return;
        }
        Throwable failure = contacts.failure();
        if (failure != null) {
            request.result.completeExceptionally(new LiteException(
                    "cannot receive: no proxy could be asked at the end of the await duration [consumerGroup="
                            + consumerGroup + "]; try again; the last failure was: " + failure.getMessage(),
                    true,
                    null,
                    failure));
        } else if (answerIsDue) {
            timer.schedule(LATE_ANSWER, () -> timeUp(pool, request));
        } else {
            request.result.complete(new ArrayList<>());
        }
    }

    private void forget(Pool pool, Request request) {
        synchronized (this) {
            pool.waiting.remove(request);
            removeIfUnused(pool);
        }
    }

    /** The caller holds the lock. */
    private void removeIfUnused(Pool pool) {
        if (pool.waiting.isEmpty() && pool.spare.isEmpty() && pool.asked == 0) {
            pools.remove(pool.invisibleDuration, pool);
        }
    }

    private void giveBackSpare(Pool pool, List<Delivery> deliveries) {
        List<Delivery> unused = new ArrayList<>(deliveries);
        synchronized (this) {
            unused.retainAll(pool.spare);
            pool.spare.removeAll(unused);
            removeIfUnused(pool);
        }
        giveBack(unused);
    }

    /** Gives back deliveries that are in order: a proxy takes the later ones of a lite topic back with the first. */
    void giveBack(List<Delivery> deliveries) {
        Set<String> told = new HashSet<>();
        for (Delivery delivery : deliveries) {
            if (told.add(delivery.proxy() + ' ' + delivery.liteTopic())) {
                Futures.onDone(
                        transport.suspend(delivery, GIVE_BACK),
                        done -> {},
                        failure -> log.debug(
                                "not given back, will be delivered again later liteTopic={} messageId={}",
                                delivery.liteTopic(),
                                delivery.message().getMessageId(),
                                failure));
            }
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** One call of the application. */
    private static final class Request {
        private final int max;
        private final long deadlineNanos;
        private final CompletableFuture<List<Delivery>> result = new CompletableFuture<>();
        private boolean isLate; // guarded by the receiver

        private Request(int max, long nowNanos, Duration awaitDuration) {
            this.max = max;
            this.deadlineNanos = nowNanos + awaitDuration.toNanos();
        }

        private List<Delivery> takeFrom(Deque<Delivery> deliveries) {
            List<Delivery> taken = new ArrayList<>();
            while (!deliveries.isEmpty() && taken.size() < max) {
                taken.add(deliveries.remove());
            }
            return taken;
        }
    }

    /** The calls with the same invisible duration. Guarded by the receiver. */
    private static final class Pool {
        private final Duration invisibleDuration;
        private final Deque<Request> waiting = new ArrayDeque<>();
        private final Deque<Delivery> spare = new ArrayDeque<>();
        private final Map<String, Integer> callsByProxy = new HashMap<>();
        private int asked;

        private Pool(Duration invisibleDuration) {
            this.invisibleDuration = invisibleDuration;
        }

        private long longestWaitNanos(long nowNanos) {
            long longest = 0;
            for (Request request : waiting) {
                longest = Math.max(longest, request.deadlineNanos - nowNanos);
            }
            return longest;
        }

        /** Takes what a call to the proxy may ask for; 0 if it should not be made. */
        private int take(String proxy, boolean all, boolean atLeastOne) {
            int wanted = 0;
            for (Request request : waiting) {
                wanted += request.max;
            }
            int max = all ? Math.max(0, wanted - asked) : 0;
            if (atLeastOne && !callsByProxy.containsKey(proxy)) {
                max = Math.max(1, max);
            }
            max = Math.min(max, LiteTransport.MAX_RECEIVE);
            if (max > 0) {
                asked += max;
                callsByProxy.merge(proxy, 1, Integer::sum);
            }
            return max;
        }

        private void end(String proxy, int max) {
            asked -= max;
            callsByProxy.computeIfPresent(proxy, (name, calls) -> calls == 1 ? null : calls - 1);
        }

        private List<Request> removeTimedOut(long nowNanos) {
            List<Request> timedOut = new ArrayList<>();
            waiting.removeIf(request -> {
                boolean over = request.deadlineNanos - nowNanos <= 0;
                if (over) {
                    timedOut.add(request);
                }
                return over;
            });
            return timedOut;
        }
    }
}
