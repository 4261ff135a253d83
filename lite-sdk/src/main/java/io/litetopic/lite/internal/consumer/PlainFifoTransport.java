package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for the loop, over a server without plugin, what the plugin does otherwise, as far as plain FIFO allows: it is that server's
 * orderly consumer. Such a server delivers some messages of a queue and then no more of it until all of them are acked; when they
 * come again, all from the first unacked one on do, acked or not, and each time counts as an attempt of all of them, also of those
 * that no listener has seen. After the last attempt it makes dead letters of them unasked.
 *
 * <p>So a queue is one lane of the loop, and suspends and retries happen here rather than at the server: what goes back rests, stays
 * leased from the server until it has rested and for a while after, and then is the answer to a receive call. If this process
 * dies, the server delivers it again when that lease ends, so late rather than early.
 *
 * <p>Thread-safe; never blocks, except {@link #close}.
 */
@SuppressWarnings("CollectionUndefinedEquality") // each call is itself only
final class PlainFifoTransport implements LiteTransport {

    private static final Logger log = LoggerFactory.getLogger(PlainFifoTransport.class);

    /** Stock hides a message for 12 h at most, and this client keeps it a little longer than it rests. */
    static final Duration MAX_REST = Duration.ofHours(12).minusMinutes(1);

    private static final Duration LEASE = ConsumerSettings.INVISIBLE_DURATION;

    // What the lease must last beyond the rest: the loop renews after a third of it.
    private static final Duration SPARE_LEASE = LEASE.multipliedBy(2).dividedBy(3);

    private static final Duration KEEP_PERIOD = LEASE.dividedBy(6);

    private static final Duration RETURN_DURATION = Duration.ofMillis(10);

    // What stock makes of shorter ones too. A call that is cancelled lives on at the broker until then, and takes
    // messages that
    // nobody gets until their lease ends; so calls are not cancelled but waited for at the end.
    private static final Duration LONG_POLL = Duration.ofSeconds(5);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CALLS_TIMEOUT = LONG_POLL.plus(CLOSE_TIMEOUT);

    private final LiteTransport server;
    private final LoopTimer timer;
    private final RareLog rareLog;
    private final RareLog cutLog;
    private final RareLog pluginLog;
    private final Set<CompletableFuture<?>> returning = ConcurrentHashMap.newKeySet();

    // guarded by this
    private final Map<String, PlainQueue> queues = new HashMap<>();
    private final Set<PlainQueue> ready = new LinkedHashSet<>(); // have rested, and wait for a receive call
    private final Deque<Call> calls = new ArrayDeque<>();
    private boolean keeping;
    private boolean stopped;

    PlainFifoTransport(LiteTransport server, LoopTimer timer) {
        this.server = server;
        this.timer = timer;
        this.rareLog = new RareLog(timer);
        this.cutLog = new RareLog(timer);
        this.pluginLog = new RareLog(timer);
    }

    /** Returns at once what has rested; that is a whole queue, which may be more than {@code maxMessages}. */
    @Override
    public CompletableFuture<List<Delivery>> receive(
            String proxy, int maxMessages, Duration invisibleDuration, Duration longPollingTimeout) {
        Call call;
        CompletableFuture<List<Delivery>> result = new CompletableFuture<>();
        synchronized (this) {
            if (!ready.isEmpty()) {
                PlainQueue queue = ready.iterator().next();
                ready.remove(queue);
                result.complete(queue.handOut());
                return result;
            }
            for (Call underWay : calls) {
                if (underWay.answer == null && underWay.proxy.equals(proxy)) {
                    underWay.answer = result;
                    return result;
                }
            }
            call = new Call(proxy, invisibleDuration, result);
            calls.add(call);
        }
        Futures.onDone(
                server.receive(
                        proxy,
                        maxMessages,
                        invisibleDuration,
                        longPollingTimeout.compareTo(LONG_POLL) > 0 ? LONG_POLL : longPollingTimeout),
                deliveries -> received(call, deliveries),
                failure -> failed(call, failure));
        return result;
    }

    private void received(Call call, List<Delivery> stock) {
        CompletableFuture<List<Delivery>> answer;
        List<Delivery> deliveries = new ArrayList<>();
        boolean tooLate;
        synchronized (this) {
            calls.remove(call);
            answer = call.answer;
            tooLate = stopped;
            Map<String, List<PlainDelivery>> byQueue = new LinkedHashMap<>();
            if (!tooLate) {
                long now = timer.nanoTime();
                for (Delivery delivery : stock) {
                    byQueue.computeIfAbsent(delivery.queue(), name -> new ArrayList<>())
                            .add(new PlainDelivery(delivery, now, call.invisibleDuration));
                }
            }
            for (Map.Entry<String, List<PlainDelivery>> each : byQueue.entrySet()) {
                PlainQueue queue = queues.computeIfAbsent(each.getKey(), PlainQueue::new);
                queue.replace(each.getValue());
                if (answer != null && !queue.isResting()) {
                    deliveries.addAll(each.getValue());
                } else {
                    each.getValue().forEach(delivery -> delivery.setHandedOut(false));
                    if (!queue.isResting()) {
                        ready.add(queue);
                    }
                }
            }
        }
        keep();
        if (tooLate) {
            stock.forEach(
                    delivery -> startReturn(new PlainDelivery(delivery, timer.nanoTime(), LEASE), RETURN_DURATION));
        }
        call.ended.complete(null);
        if (answer != null) {
            answer.complete(deliveries);
        }
    }

    private void failed(Call call, Throwable failure) {
        CompletableFuture<List<Delivery>> answer;
        synchronized (this) {
            calls.remove(call);
            answer = call.answer;
        }
        call.ended.complete(null);
        if (answer == null) {
            // The next call to that proxy will fail too, if it is worth knowing.
            log.debug("receive call failed after its answer proxy={}", call.proxy, failure);
        } else {
            answer.completeExceptionally(failure);
        }
    }

    @Override
    public CompletableFuture<Void> ack(Delivery delivery) {
        PlainDelivery plain = (PlainDelivery) delivery;
        CompletableFuture<Void> ack = plain.calls().call(() -> server.ack(plain.stock()));
        return ack.thenRun(() -> settled(plain));
    }

    private synchronized void settled(PlainDelivery delivery) {
        PlainQueue queue = queues.get(delivery.queue());
        if (queue != null) {
            queue.unsettled().remove(delivery);
        }
    }

    /** Renews. */
    @Override
    public CompletableFuture<Void> changeInvisibleDuration(Delivery delivery, Duration invisibleDuration) {
        PlainDelivery plain = (PlainDelivery) delivery;
        synchronized (this) {
            if (!plain.isHandedOut() && !stopped) {
                return CompletableFuture.completedFuture(null); // It has gone back meanwhile, and is kept here.
            }
        }
        return changeLease(plain, invisibleDuration);
    }

    @Override
    public CompletableFuture<Void> suspend(Delivery delivery, Duration suspendTime) {
        if (suspendTime.compareTo(MAX_REST) > 0 && cutLog.isDue()) {
            log.warn(
                    "suspend is longer than a server without the LiteTopic plugin can keep, the message comes earlier"
                            + " suspendMillis={} limitMillis={} messageId={}",
                    suspendTime.toMillis(),
                    MAX_REST.toMillis(),
                    delivery.message().getMessageId());
        }
        return goBack((PlainDelivery) delivery, suspendTime.compareTo(MAX_REST) > 0 ? MAX_REST : suspendTime);
    }

    @Override
    public CompletableFuture<Void> fail(Delivery delivery, Duration backoff) {
        PlainDelivery plain = (PlainDelivery) delivery;
        int maxAttempts = server.stockFacts().maxAttempts();
        synchronized (this) {
            if (stopped || plain.attempt() < maxAttempts) {
                plain.countAttempt();
                return goBack(plain, backoff);
            }
        }
        return giveUp(plain, maxAttempts);
    }

    /** The delivery and the later ones of its queue rest. */
    private CompletableFuture<Void> goBack(PlainDelivery delivery, Duration rest) {
        Set<String> route = server.proxies();
        PlainQueue queue;
        List<PlainDelivery> toServer = new ArrayList<>();
        int number = 0;
        synchronized (this) {
            queue = takeBack(delivery, route);
            if (queue == null) {
                return gone(delivery);
            }
            if (stopped) {
                toServer = queue.waiting();
            } else {
                number = queue.rest(timer.nanoTime() + rest.toNanos());
            }
        }
        if (toServer.isEmpty()) {
            PlainQueue resting = queue;
            int thisRest = number;
            timer.schedule(rest, () -> resume(resting, thisRest));
            keep();
            return CompletableFuture.completedFuture(null);
        }
        List<CompletableFuture<Void>> changes = new ArrayList<>();
        toServer.forEach(each -> changes.add(returnToServer(each, rest)));
        return CompletableFuture.allOf(changes.toArray(new CompletableFuture<?>[0]));
    }

    /**
     * Takes the delivery and the later ones of its queue back from the loop; null if they are the server's again. The caller holds
     * the lock.
     */
    private @Nullable PlainQueue takeBack(PlainDelivery delivery, Set<String> route) {
        PlainQueue queue = queues.get(delivery.queue());
        if (queue == null || !queue.takeBackFrom(delivery)) {
            return null;
        }
        ready.remove(queue);
        if (!route.contains(delivery.proxy())) {
            queue.forgetWaiting();
            return null;
        }
        return queue;
    }

    private static CompletableFuture<Void> gone(PlainDelivery delivery) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        result.completeExceptionally(new DeliveryGoneException(
                "the server has delivered the message again, or its proxy has left the route [queue=" + delivery.queue()
                        + ", proxy=" + delivery.proxy() + "]",
                null,
                null));
        return result;
    }

    private void resume(PlainQueue queue, int rest) {
        CompletableFuture<List<Delivery>> answer = null;
        List<Delivery> deliveries;
        synchronized (this) {
            if (stopped || !queue.resume(rest)) {
                return;
            }
            forgetExpired(queue);
            if (queue.waiting().isEmpty()) {
                return;
            }
            for (Call call : calls) {
                if (call.answer != null) {
                    answer = call.answer;
                    call.answer = null;
                    break;
                }
            }
            if (answer == null) {
                ready.add(queue);
                return;
            }
            deliveries = queue.handOut();
        }
        answer.complete(deliveries);
    }

    // --- dead letters

    private CompletableFuture<Void> giveUp(PlainDelivery delivery, int maxAttempts) {
        Set<String> route = server.proxies();
        PlainQueue queue;
        int rest;
        synchronized (this) {
            queue = takeBack(delivery, route);
            if (queue == null) {
                return gone(delivery);
            }
            rest = queue.rest(PlainQueue.NO_END);
        }
        keep();
        deadLetter(queue, rest, delivery, maxAttempts, 1);
        return CompletableFuture.completedFuture(null);
    }

    private void deadLetter(PlainQueue queue, int rest, PlainDelivery delivery, int maxAttempts, int call) {
        CompletableFuture<Void> moved = delivery.calls().call(() -> server.deadLetter(delivery.stock(), maxAttempts));
        returning.add(moved);
        Futures.onDone(
                moved,
                done -> {
                    returning.remove(moved);
                    log.warn(
                            "message moved to the dead letter queue after its last attempt messageId={} queue=\"{}\""
                                    + " attempt={}",
                            delivery.message().getMessageId(),
                            queue.name(),
                            delivery.attempt());
                    settled(delivery);
                    resume(queue, rest);
                },
                failure -> {
                    returning.remove(moved);
                    if (failure instanceof DeliveryGoneException) {
                        lost(queue, failure);
                        return;
                    }
                    logFailure("dead letter not moved, will be repeated", delivery, failure);
                    timer.schedule(Backoff.ofCall(call), () -> {
                        boolean again;
                        synchronized (this) {
                            again = !stopped && queue.unsettled().contains(delivery);
                        }
                        if (again) {
                            deadLetter(queue, rest, delivery, maxAttempts, call + 1);
                        }
                    });
                });
    }

    @Override
    public CompletableFuture<Void> deadLetter(Delivery delivery, int maxAttempts) {
        PlainDelivery plain = (PlainDelivery) delivery;
        return plain.calls().call(() -> server.deadLetter(plain.stock(), maxAttempts));
    }

    // --- leases of what the loop does not have

    /** Keeps what waits here leased for as long as it rests and for a while after. */
    private void keep() {
        Map<PlainDelivery, Duration> due = new LinkedHashMap<>();
        boolean first;
        synchronized (this) {
            if (stopped) {
                return;
            }
            long now = timer.nanoTime();
            boolean waiting = false;
            for (PlainQueue queue : queues.values()) {
                forgetExpired(queue);
                long end = queue.dueNanos(now);
                for (PlainDelivery delivery : queue.waiting()) {
                    waiting = true;
                    if (!delivery.isLeaseChanging() && delivery.leaseEndNanos() - end < SPARE_LEASE.toNanos()) {
                        delivery.leaseChangeBegins();
                        due.put(delivery, Duration.ofNanos(end - now).plus(LEASE));
                    }
                }
            }
            first = waiting && !keeping;
            keeping = keeping || waiting;
        }
        due.forEach((delivery, duration) -> Futures.onDone(
                changeLease(delivery, duration),
                done -> leaseChanged(delivery),
                failure -> leaseNotChanged(delivery, failure)));
        if (first) {
            timer.schedule(KEEP_PERIOD, this::keepOn);
        }
    }

    private void keepOn() {
        synchronized (this) {
            keeping = false;
        }
        keep();
    }

    private CompletableFuture<Void> changeLease(PlainDelivery delivery, Duration duration) {
        long startNanos = timer.nanoTime();
        return delivery.calls()
                .call(() -> server.changeInvisibleDuration(delivery.stock(), duration))
                .thenRun(() -> {
                    synchronized (this) {
                        delivery.leaseEndsAt(startNanos + duration.toNanos());
                    }
                });
    }

    private synchronized void leaseChanged(PlainDelivery delivery) {
        delivery.leaseChangeEnds();
    }

    private void leaseNotChanged(PlainDelivery delivery, Throwable failure) {
        PlainQueue queue;
        boolean waits;
        synchronized (this) {
            delivery.leaseChangeEnds();
            queue = queues.get(delivery.queue());
            waits = queue != null && queue.waiting().contains(delivery);
        }
        if (queue != null && waits && failure instanceof DeliveryGoneException) {
            lost(queue, failure);
        } else if (waits) {
            logFailure("message that rests not kept, will be repeated", delivery, failure);
        }
    }

    /** The caller holds the lock. */
    private void forgetExpired(PlainQueue queue) {
        long now = timer.nanoTime();
        for (PlainDelivery delivery : queue.waiting()) {
            if (delivery.leaseEndNanos() - now <= 0) {
                forgetWaiting(queue);
                log.warn(
                        "messages that rest could not be kept, the server delivers them again queue=\"{}\"",
                        queue.name());
                return;
            }
        }
    }

    private void lost(PlainQueue queue, Throwable failure) {
        synchronized (this) {
            forgetWaiting(queue);
        }
        log.warn("messages that rest were lost, the server delivers them again queue=\"{}\"", queue.name(), failure);
    }

    /** The caller holds the lock. */
    private void forgetWaiting(PlainQueue queue) {
        queue.forgetWaiting();
        ready.remove(queue);
    }

    private void logFailure(String what, PlainDelivery delivery, Throwable failure) {
        if (rareLog.isDue()) {
            log.warn(
                    "{} queue=\"{}\" messageId={}",
                    what,
                    delivery.queue(),
                    delivery.message().getMessageId(),
                    failure);
        } else {
            log.debug("{} queue=\"{}\"", what, delivery.queue(), failure);
        }
    }

    // --- the end

    /** What waits here goes back to the server, which hides it for the rest of its time. Calls under way bring nothing more. */
    @Override
    public void stopReceiving() {
        Map<PlainDelivery, Duration> waiting = new LinkedHashMap<>();
        synchronized (this) {
            if (stopped) {
                return;
            }
            stopped = true;
            long now = timer.nanoTime();
            for (PlainQueue queue : queues.values()) {
                Duration left = Duration.ofNanos(queue.dueNanos(now) - now);
                for (PlainDelivery delivery : queue.waiting()) {
                    waiting.put(delivery, left.compareTo(RETURN_DURATION) < 0 ? RETURN_DURATION : left);
                }
            }
            ready.clear();
        }
        waiting.forEach(this::startReturn);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what fails is logged
    private void startReturn(PlainDelivery delivery, Duration hiddenFor) {
        returnToServer(delivery, hiddenFor);
    }

    private CompletableFuture<Void> returnToServer(PlainDelivery delivery, Duration hiddenFor) {
        CompletableFuture<Void> change = changeLease(delivery, hiddenFor);
        returning.add(change);
        Futures.onDone(change, done -> returning.remove(change), failure -> {
            returning.remove(change);
            logFailure("message not given back, the server delivers it again when its lease ends", delivery, failure);
        });
        return change;
    }

    /** Blocks until the receive calls under way have ended, which they do within 5 s, and all is given back, for 7 s at most. */
    @Override
    public void close() {
        stopReceiving();
        List<CompletableFuture<?>> underWay = new ArrayList<>();
        synchronized (this) {
            calls.forEach(call -> underWay.add(call.ended));
        }
        await(underWay, CALLS_TIMEOUT);
        await(returning, CLOSE_TIMEOUT);
        server.stopReceiving();
        server.close();
    }

    private static void await(Collection<CompletableFuture<?>> calls, Duration timeout) {
        CompletableFuture<?>[] all = calls.toArray(new CompletableFuture<?>[0]);
        try {
            CompletableFuture.allOf(all).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("closed before all calls have succeeded", e);
        }
    }

    // --- what else the loop asks for

    @Override
    public void listen(TransportListener listener) {
        server.listen(new TransportListener() {
            @Override
            public void unsubscribed(String liteTopic) {
                listener.unsubscribed(liteTopic);
            }

            @Override
            public void contactLost(String proxy) {
                listener.contactLost(proxy);
            }

            @Override
            public void routeChanged(Set<String> proxies) {
                forgetAllBut(proxies);
                listener.routeChanged(proxies);
            }

            @Override
            public void reachable() {
                listener.reachable();
            }
        });
    }

    private synchronized void forgetAllBut(Set<String> proxies) {
        for (PlainQueue queue : queues.values()) {
            for (PlainDelivery delivery : queue.waiting()) {
                if (!proxies.contains(delivery.proxy())) {
                    forgetWaiting(queue);
                }
            }
        }
    }

    @Override
    public Set<String> proxies() {
        return server.proxies();
    }

    @Override
    public CompletableFuture<Set<String>> refreshRoute() {
        return server.refreshRoute();
    }

    /** There is nothing to tell such a server. A proxy that understands has the plugin, and must not be used like this. */
    @Override
    public CompletableFuture<Void> syncSubscription(String proxy, SubscriptionSync sync) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.onDone(
                server.syncSubscription(proxy, SubscriptionSync.replace(Collections.emptySet())),
                done -> result.completeExceptionally(pluginAppeared(proxy)),
                failure -> {
                    if (failure instanceof LitePluginMissingException) {
                        result.complete(null);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
        return result;
    }

    private LiteException pluginAppeared(String proxy) {
        String text =
                "this consumer was built without the LiteTopic plugin, and a proxy of its route has the plugin now: it"
                        + " receives nothing from that proxy; close it and build it again";
        if (pluginLog.isDue()) {
            log.error("{} proxy={}", text, proxy);
        }
        return new LiteException(text + " [proxy=" + proxy + "]", false, null, null);
    }

    @Override
    public StockFacts stockFacts() {
        return server.stockFacts();
    }

    @Override
    public CompletableFuture<Boolean> hasTopic(String proxy, String topic) {
        return server.hasTopic(proxy, topic);
    }

    /** A receive call to the server. */
    private static final class Call {
        private final String proxy;
        private final Duration invisibleDuration;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private @Nullable CompletableFuture<List<Delivery>> answer; // null after it was answered from here

        private Call(String proxy, Duration invisibleDuration, CompletableFuture<List<Delivery>> answer) {
            this.proxy = proxy;
            this.invisibleDuration = invisibleDuration;
            this.answer = answer;
        }
    }
}
