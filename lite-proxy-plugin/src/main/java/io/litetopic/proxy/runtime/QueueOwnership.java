package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes and keeps the broker's lock on the queues of a bind topic for one group.
 *
 * <p>The broker's lease is 60 s. A queue whose lock could not be renewed for {@link #LEASE_NANOS} is given up here before
 * somebody else could get it. Runs on the scheduler's threads, one round at a time.
 */
final class QueueOwnership {
    static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(40);
    private static final long PERIOD_MILLIS = 2_000;
    private static final long FIRST_PERIOD_MILLIS = 200;
    private static final long CALL_TIMEOUT_SECONDS = 5;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    /** Told what is owned. Called on the scheduler's threads. */
    interface Listener {
        /** The queue is locked; everything below {@code startOffset} is done. */
        void acquired(BrokerQueue queue, long startOffset);

        void lost(BrokerQueue queue);
    }

    private final String topic;
    private final String group;
    private final String ownerId;
    private final BrokerGateway gateway;
    private final ScheduledExecutorService scheduler;
    private final Listener listener;

    // scheduler thread, one round at a time
    private final Map<BrokerQueue, Long> renewedAtNanos = new HashMap<>();
    private @Nullable String lastProblem;

    private boolean allOwned; // at the last round
    private List<BrokerQueue> known = Collections.emptyList(); // of the topic, by the last route

    private volatile boolean ownsAll;
    private volatile boolean ownedAllOnce;
    private volatile boolean closed;
    private volatile @Nullable ScheduledFuture<?> nextRound;

    QueueOwnership(
            String topic,
            String group,
            String ownerId,
            BrokerGateway gateway,
            ScheduledExecutorService scheduler,
            Listener listener) {
        this.topic = topic;
        this.group = group;
        this.ownerId = ownerId;
        this.gateway = gateway;
        this.scheduler = scheduler;
        this.listener = listener;
    }

    void start() {
        nextRound = scheduler.schedule(this::round, 0, TimeUnit.MILLISECONDS);
    }

    /** Whether every queue of the topic has been owned at the same time, now or before. */
    boolean hasOwnedAll() {
        return ownedAllOnce;
    }

    /** Whether every queue of the topic is owned, as far as is known: one whose broker is silent still is while its lease runs. */
    boolean ownsAll() {
        return ownsAll;
    }

    private synchronized void round() {
        if (closed) {
            return;
        }
        try {
            renew();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            report("cannot renew the queue locks: " + (e.getCause() == null ? e : e.getCause()));
        } catch (RuntimeException e) {
            log.error("round of queue locks failed, will be repeated topic={} consumerGroup={}", topic, group, e);
        } finally {
            try {
                giveUpStale();
                lookWhatIsOwned();
            } finally {
                scheduleNext();
            }
        }
    }

    private void lookWhatIsOwned() {
        ownsAll = !known.isEmpty() && renewedAtNanos.keySet().containsAll(known);
    }

    private void scheduleNext() {
        try {
            nextRound = scheduler.schedule(
                    this::round, allOwned ? PERIOD_MILLIS : FIRST_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("not scheduled any more: closing", e);
        }
    }

    private void renew() throws InterruptedException, ExecutionException, TimeoutException {
        List<BrokerQueue> queues = await(gateway.queues(topic));
        long askedAt = System.nanoTime();
        Set<BrokerQueue> locked = lock(queues);
        for (BrokerQueue queue : queues) {
            if (!locked.contains(queue)) {
                continue;
            }
            if (!renewedAtNanos.containsKey(queue)) {
                listener.acquired(queue, startOffset(queue));
            }
            renewedAtNanos.put(queue, askedAt);
        }
        allOwned = locked.containsAll(queues);
        known = queues;
        lookWhatIsOwned();
        if (allOwned) {
            ownedAllOnce = true;
            report("");
        } else {
            List<BrokerQueue> others = new ArrayList<>(queues);
            others.removeAll(locked);
            report(
                    "queues are locked by another client of the group, or their broker does not answer; waiting for them queues="
                            + others);
        }
    }

    /**
     * Asks every broker for itself. A queue that its broker refuses belongs to somebody else, so it is given up at once; if a
     * broker does not answer its lease still runs.
     */
    private Set<BrokerQueue> lock(List<BrokerQueue> queues)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, Set<BrokerQueue>> byBroker = new HashMap<>();
        for (BrokerQueue queue : queues) {
            byBroker.computeIfAbsent(queue.brokerName(), name -> new HashSet<>())
                    .add(queue);
        }
        Map<String, CompletableFuture<Set<BrokerQueue>>> answers = new HashMap<>();
        byBroker.forEach((broker, asked) -> answers.put(broker, gateway.lock(group, ownerId, asked)));
        Set<BrokerQueue> locked = new HashSet<>();
        Exception failure = null;
        for (Map.Entry<String, CompletableFuture<Set<BrokerQueue>>> answer : answers.entrySet()) {
            try {
                Set<BrokerQueue> ofBroker = await(answer.getValue());
                locked.addAll(ofBroker);
                Set<BrokerQueue> refused = new HashSet<>(byBroker.getOrDefault(answer.getKey(), new HashSet<>()));
                refused.removeAll(ofBroker);
                refused.forEach(this::loseRefused);
            } catch (ExecutionException | TimeoutException e) {
                failure = e;
            }
        }
        if (failure != null && locked.isEmpty()) {
            allOwned = false;
            throw new ExecutionException(String.valueOf(failure.getMessage()), failure);
        }
        return locked;
    }

    private void loseRefused(BrokerQueue queue) {
        if (renewedAtNanos.remove(queue) != null) {
            log.error(
                    "queue given up: its broker gave the lock to somebody else consumerGroup={} queue={}",
                    group,
                    queue);
            listener.lost(queue);
        }
    }

    private long startOffset(BrokerQueue queue) throws InterruptedException, ExecutionException, TimeoutException {
        long committed = await(gateway.committedOffset(group, queue));
        long min = await(gateway.minOffset(queue));
        if (committed > 0 && committed < min) {
            log.warn(
                    "messages were deleted by the broker before they were consumed consumerGroup={} queue={}"
                            + " committedOffset={} minOffset={} lost={}",
                    group,
                    queue,
                    committed,
                    min,
                    min - committed);
        }
        long max = await(gateway.maxOffset(queue));
        if (committed > max) {
            log.error(
                    "the queue ends before the committed offset: the broker has lost messages or the topic was created anew;"
                            + " going on at its end consumerGroup={} queue={} committedOffset={} minOffset={} maxOffset={}",
                    group,
                    queue,
                    committed,
                    min,
                    max);
        }
        return Math.max(Math.min(committed, max), min);
    }

    private void giveUpStale() {
        long now = System.nanoTime();
        for (BrokerQueue queue : new ArrayList<>(renewedAtNanos.keySet())) {
            Long renewedAt = renewedAtNanos.get(queue);
            if (renewedAt != null && now - renewedAt > LEASE_NANOS) {
                renewedAtNanos.remove(queue);
                allOwned = false;
                log.error(
                        "queue given up: its lock could not be renewed in time consumerGroup={} queue={} leaseSeconds={}",
                        group,
                        queue,
                        TimeUnit.NANOSECONDS.toSeconds(LEASE_NANOS));
                listener.lost(queue);
            }
        }
    }

    private static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** Logs what stands in the way once, and once that it is over. */
    private void report(String problem) {
        if (problem.equals(lastProblem)) {
            return;
        }
        if (problem.isEmpty()) {
            log.info("owns all queues topic={} consumerGroup={} ownerId={}", topic, group, ownerId);
        } else {
            log.warn("{} topic={} consumerGroup={} ownerId={}", problem, topic, group, ownerId);
        }
        lastProblem = problem;
    }

    /** Gives the locks back, so that another proxy, or this one after a restart, need not wait. */
    synchronized void close() {
        closed = true;
        ScheduledFuture<?> next = nextRound;
        if (next != null) {
            next.cancel(false);
        }
        if (renewedAtNanos.isEmpty()) {
            return;
        }
        Set<BrokerQueue> owned = Collections.unmodifiableSet(new HashSet<>(renewedAtNanos.keySet()));
        renewedAtNanos.clear();
        try {
            await(gateway.unlock(group, ownerId, owned));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn(
                    "could not give the queue locks back, they end in 60 s consumerGroup={} queues={}",
                    group,
                    owned,
                    e);
        }
    }
}
