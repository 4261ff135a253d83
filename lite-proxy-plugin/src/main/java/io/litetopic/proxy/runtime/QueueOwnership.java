package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.concurrent.SerialExecutor;
import io.litetopic.proxy.journal.JournalException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes and keeps the broker's lock on those queues of a bind topic that this proxy claims, for one group, and hands over those that it
 * no longer claims.
 *
 * <p>The broker's lease is 60 s. A queue whose lock could not be renewed for less than that ({@link ClusterTimings#leaseNanos}) is
 * given up here before somebody else could get it; whoever works with a queue asks {@link #leaseEndNanos} before, because a process
 * that was stopped does not notice by itself. A member that is dead for sure has its locks ended in its name.
 *
 * <p>State is touched by a serial executor only, which also calls the listener.
 */
final class QueueOwnership {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    /** Told what is owned. Must not block. */
    interface Listener {
        /**
         * The queue is locked. Completes when it is dispatched here; if it fails the lock is given back and the queue tried again
         * later. It may be called again before it has completed, if the queue was lost meanwhile: the later one counts.
         *
         * @param lease another one each time, see {@link #holds}
         */
        CompletableFuture<@Nullable Void> acquired(BrokerQueue queue, long lease);

        /** Nothing of the queue may be delivered or written any more. Also of queues whose {@link #acquired} has not completed. */
        void lost(BrokerQueue queue);

        /**
         * The queue is to go to another proxy: no new deliveries. Completes when those in hand are settled, or have been waited for
         * long enough, and what is to be written is written; then the lock is given back.
         */
        CompletableFuture<@Nullable Void> release(BrokerQueue queue);
    }

    private enum Stage {
        /** Locked; the listener prepares to dispatch it. */
        ACQUIRING,
        OWNED,
        /** Still locked; the listener comes to an end with it. */
        RELEASING
    }

    /** One time of holding a lock: another time is another object. */
    private static final class Held {
        Stage stage = Stage.ACQUIRING;
        long renewedAtNanos;
    }

    /** A queue that is claimed but not held. */
    private static final class Missing {
        final long sinceNanos;
        long notBeforeNanos;

        @Nullable
        String takenFrom;
        /** Members in whose name the lock was ended, and when, nanoseconds. */
        final Map<String, Long> endedFor = new HashMap<>();

        Missing(long nowNanos) {
            sinceNanos = nowNanos;
            notBeforeNanos = nowNanos;
        }
    }

    private final String topic;
    private final String group;
    private final BrokerGateway gateway;
    private final QueueClaims claims;
    private final ClusterTimings timings;
    private final ScheduledExecutorService scheduler;
    private final SerialExecutor serial;
    private final Listener listener;
    private final Leases leases = new Leases();

    // serial executor
    private final Map<BrokerQueue, Held> held = new TreeMap<>();
    private final Map<BrokerQueue, Missing> missing = new TreeMap<>();
    private final Map<String, BrokerLocks> locks = new HashMap<>();
    private final Set<String> takingOver = new HashSet<>(); // brokers
    private final Map<String, String> brokerProblems = new TreeMap<>();
    private @Nullable String lastProblem;
    private int reportedQueues;
    private final Map<BrokerQueue, String> lastFailures = new HashMap<>();
    /** How many there were in a row. */
    private final Map<BrokerQueue, Integer> failuresThatNeedHelp = new HashMap<>();

    private boolean asking;
    private @Nullable ScheduledFuture<?> nextTurn;

    private volatile List<BrokerQueue> allQueues = Collections.emptyList();
    private volatile boolean ownsAll;
    private volatile boolean ownedAllOnce;
    private volatile int ownedQueues;
    private final LongAdder takeOvers = new LongAdder();
    private volatile boolean closing;
    private volatile boolean closed;
    private final CompletableFuture<@Nullable Void> allGivenBack = new CompletableFuture<>();

    QueueOwnership(
            String topic,
            String group,
            BrokerGateway gateway,
            QueueClaims claims,
            ClusterTimings timings,
            ScheduledExecutorService scheduler,
            Listener listener) {
        this.topic = topic;
        this.group = group;
        this.gateway = gateway;
        this.claims = claims;
        this.timings = timings;
        this.scheduler = scheduler;
        this.serial = new SerialExecutor(scheduler);
        this.listener = listener;
    }

    void start() {
        claims.onChange(() -> serial.execute(this::turn));
        serial.execute(this::turn);
    }

    /** Whether every queue that this proxy claims has been dispatched at the same time, now or before. */
    boolean hasOwnedAll() {
        return ownedAllOnce;
    }

    /** Whether every claimed queue is dispatched, as far as is known: one whose broker is silent still is while its lease runs. */
    boolean ownsAll() {
        return ownsAll;
    }

    /** Number of queues that are dispatched here. */
    int ownedQueues() {
        return ownedQueues;
    }

    /** Readable queues of the bind topic, sorted, as last seen; empty if they were not seen yet. */
    List<BrokerQueue> allQueues() {
        return allQueues;
    }

    /** Gives the queue up and takes it anew a moment later, if it is held. {@link Listener#lost} follows. Any thread. */
    void startAnew(BrokerQueue queue) {
        serial.execute(() -> {
            if (held.containsKey(queue) && !closing) {
                giveUp(queue);
                pauseBeforeNextTry(queue, timings.failurePauseMillis());
                lookWhatIsOwned();
            }
        });
    }

    /** How often a queue was taken over from a member that had died. */
    long takeOvers() {
        return takeOvers.sum();
    }

    /**
     * Up to this time of the monotonic clock every queue that is owned stays so. After it {@link #takeExpired} says what is not
     * owned any more. Any thread.
     */
    long leaseEndNanos() {
        return leases.firstEndNanos();
    }

    /**
     * Queues whose lease is over, each told once; {@link Listener#lost} follows, or has been called. For whoever works with the
     * queues: until it has asked, {@link #leaseEndNanos} stays in the past. Any thread.
     */
    List<BrokerQueue> takeExpired(long nowNanos) {
        return leases.takeExpired(nowNanos);
    }

    /** Whether the queue is locked, by this lease, and that not found expired. Any thread. */
    boolean holds(BrokerQueue queue, long lease) {
        return leases.has(queue, lease);
    }

    // ---- turns ----

    private void turn() {
        if (closed) {
            return;
        }
        try {
            giveUpStale();
            if (!asking) {
                asking = true;
                Callbacks.onDone(
                        gateway.queues(topic),
                        (queues, failure) -> serial.execute(() -> {
                            asking = false;
                            if (failure != null) {
                                report("cannot find the queues: " + failure.getMessage());
                            } else {
                                turn(queues);
                            }
                        }));
            }
        } finally {
            scheduleNext();
        }
    }

    private void scheduleNext() {
        ScheduledFuture<?> next = nextTurn;
        if (next != null) {
            next.cancel(false);
        }
        boolean isQuiet =
                missing.isEmpty() && ownedAllOnce && held.values().stream().allMatch(lock -> lock.stage == Stage.OWNED);
        try {
            nextTurn = scheduler.schedule(
                    () -> serial.execute(this::turn),
                    isQuiet ? timings.renewMillis() : timings.retryMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("not scheduled any more: closing", e);
        }
    }

    private void turn(List<BrokerQueue> queues) {
        if (!queues.isEmpty()) {
            allQueues = queues;
        }
        Set<BrokerQueue> claimed = closing ? Collections.emptySet() : claims.claimed(queues);
        if (claimed == null) {
            report("waiting to see the other proxies of the bind topic");
            return;
        }
        long now = System.nanoTime();
        for (BrokerQueue queue : claimed) {
            if (!held.containsKey(queue)) {
                missing.computeIfAbsent(queue, key -> new Missing(now));
            }
        }
        missing.keySet().retainAll(claimed);
        // A queue whose broker has vanished from the route is not another's: its lease decides.
        for (BrokerQueue queue : new ArrayList<>(held.keySet())) {
            if ((closing || queues.contains(queue)) && !claimed.contains(queue)) {
                release(queue);
            }
        }
        renew(now);
        lookWhatIsOwned();
        ownedAllOnce |= ownsAll && !closing;
        reportWhatIsMissing(now);
        scheduleNext();
    }

    private void reportWhatIsMissing(long now) {
        if (!brokerProblems.isEmpty()) {
            report("cannot renew the queue locks: " + brokerProblems);
        } else if (ownsAll) {
            report("");
        } else if (missing.values().stream().anyMatch(one -> now - one.sinceNanos > 5 * retryNanos())) {
            report("queues are locked by another proxy or client of the group; waiting for them queues="
                    + missing.keySet());
        }
    }

    private long retryNanos() {
        return TimeUnit.MILLISECONDS.toNanos(timings.retryMillis());
    }

    private void lookWhatIsOwned() {
        int owned = 0;
        for (Held lock : held.values()) {
            owned += lock.stage == Stage.OWNED ? 1 : 0;
        }
        ownedQueues = owned;
        ownsAll = missing.isEmpty() && owned == held.size();
        if (closing && held.isEmpty() && locks.values().stream().noneMatch(BrokerLocks::isBusy)) {
            allGivenBack.complete(null);
        }
    }

    // ---- locks ----

    /** Asks each broker for what is missing and what is to be renewed, unless it still works on the last call. */
    private void renew(long now) {
        Map<String, Set<BrokerQueue>> byBroker = new TreeMap<>();
        long renewNanos = TimeUnit.MILLISECONDS.toNanos(timings.renewMillis()) - retryNanos() / 2;
        held.forEach((queue, lock) -> {
            if (now - lock.renewedAtNanos >= renewNanos) {
                byBroker.computeIfAbsent(queue.brokerName(), name -> new TreeSet<>())
                        .add(queue);
            }
        });
        missing.forEach((queue, one) -> {
            if (now - one.notBeforeNanos >= 0) {
                byBroker.computeIfAbsent(queue.brokerName(), name -> new TreeSet<>())
                        .add(queue);
            }
        });
        byBroker.forEach((broker, asked) -> {
            BrokerLocks ofBroker = locksOf(broker);
            if (!ofBroker.isBusy()) {
                long askedAt = System.nanoTime();
                Callbacks.onDone(
                        ofBroker.lock(claims.ownerId(), asked),
                        (locked, failure) -> serial.execute(() -> answered(broker, asked, locked, failure, askedAt)));
            }
        });
    }

    private BrokerLocks locksOf(String broker) {
        return locks.computeIfAbsent(broker, name -> new BrokerLocks(group, gateway));
    }

    /**
     * A queue that its broker refuses belongs to somebody else, so it is given up at once; if a broker does not answer the leases
     * still run.
     */
    private void answered(
            String broker,
            Set<BrokerQueue> asked,
            @Nullable Set<BrokerQueue> locked,
            @Nullable Throwable failure,
            long askedAt) {
        if (locked == null) {
            brokerProblems.putIfAbsent(broker, failure == null ? "no answer" : String.valueOf(failure.getMessage()));
            lookWhatIsOwned();
            return;
        }
        brokerProblems.remove(broker);
        Set<BrokerQueue> refused = new TreeSet<>();
        for (BrokerQueue queue : asked) {
            if (locked.contains(queue)) {
                locked(queue, askedAt);
            } else if (held.containsKey(queue)) {
                lose(queue, "its broker gave the lock to somebody else");
            } else {
                Missing one = missing.get(queue);
                if (one != null) {
                    waitForHolder(one, askedAt);
                    refused.add(queue);
                }
            }
        }
        lookWhatIsOwned();
        if (!refused.isEmpty()) {
            takeOver(broker, refused);
        }
        turn(); // what came to be wanted while the broker was busy
    }

    /** A hand-over takes a moment; who holds a queue for longer is asked for it less often, as brokers log each refusal. */
    private void waitForHolder(Missing one, long askedAt) {
        long now = System.nanoTime();
        Long endedAt = one.takenFrom == null ? null : one.endedFor.get(one.takenFrom);
        if (endedAt != null && askedAt - endedAt > 0) {
            one.takenFrom = null; // it was not the one that held it
        }
        one.notBeforeNanos = now + (now - one.sinceNanos > 10 * retryNanos() ? 5 * retryNanos() : retryNanos() / 2);
    }

    private void locked(BrokerQueue queue, long askedAt) {
        Held lock = held.get(queue);
        long end = askedAt + timings.leaseNanos();
        if (lock != null && leases.renew(queue, end, System.nanoTime())) {
            lock.renewedAtNanos = askedAt;
            return;
        }
        if (lock != null) {
            lose(queue, "its lock was not renewed in time");
        }
        Missing wanted = missing.get(queue);
        if (closing || wanted == null || askedAt - wanted.sinceNanos < 0) {
            // Asked for by a holding that is over: its unlock may be on its way, and would end this lock too. The next
            // call comes after that.
            unlock(queue);
            return;
        }
        acquire(queue, askedAt, end);
    }

    private void acquire(BrokerQueue queue, long askedAt, long end) {
        Missing wanted = missing.remove(queue);
        Held lock = new Held();
        lock.renewedAtNanos = askedAt;
        held.put(queue, lock);
        long lease = leases.grant(queue, end);
        Callbacks.onDone(
                listener.acquired(queue, lease),
                (done, failure) -> serial.execute(() -> {
                    if (held.get(queue) != lock) {
                        return; // lost meanwhile
                    }
                    if (failure != null) {
                        acquireFailed(queue, failure);
                    } else {
                        lock.stage = Stage.OWNED;
                        lastFailures.remove(queue);
                        failuresThatNeedHelp.remove(queue);
                        logAcquired(queue, wanted);
                    }
                    turn();
                }));
    }

    private void acquireFailed(BrokerQueue queue, Throwable failure) {
        boolean needsHelp = needsHelp(failure);
        String reason = String.valueOf(failure.getMessage());
        boolean isNew = !reason.equals(lastFailures.put(queue, reason));
        long pauseMillis = timings.failurePauseMillis();
        if (needsHelp) {
            int before = failuresThatNeedHelp.merge(queue, 1, Integer::sum) - 1;
            pauseMillis = Math.min(timings.longestFailurePauseMillis(), pauseMillis << Math.min(before, 20));
        } else {
            failuresThatNeedHelp.remove(queue);
        }
        if (isNew || needsHelp) {
            log.warn(
                    "queue is locked but cannot be dispatched, will be repeated consumerGroup={} queue={} pauseMillis={}",
                    group,
                    queue,
                    pauseMillis,
                    failure);
        }
        giveUp(queue);
        pauseBeforeNextTry(queue, pauseMillis);
    }

    /** Whether it goes on like that until somebody does what the message says. */
    private static boolean needsHelp(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof JournalException && !((JournalException) cause).isRetryable();
    }

    private void pauseBeforeNextTry(BrokerQueue queue, long millis) {
        long now = System.nanoTime();
        Missing again = new Missing(now);
        again.notBeforeNanos = now + TimeUnit.MILLISECONDS.toNanos(millis);
        missing.put(queue, again);
    }

    private void logAcquired(BrokerQueue queue, @Nullable Missing wanted) {
        long millis = wanted == null ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - wanted.sinceNanos);
        if (wanted != null && wanted.takenFrom != null) {
            takeOvers.increment();
            log.warn(
                    "queue taken over from a dead member consumerGroup={} queue={} from={} tookMillis={}",
                    group,
                    queue,
                    wanted.takenFrom,
                    millis);
        } else {
            log.info("queue acquired consumerGroup={} queue={} tookMillis={}", group, queue, millis);
        }
    }

    /** Ends the locks of members that are dead, so that they need not run out. */
    private void takeOver(String broker, Set<BrokerQueue> refused) {
        if (!takingOver.add(broker)) {
            return;
        }
        Callbacks.onDone(
                claims.deadHolders(broker),
                (dead, failure) -> serial.execute(() -> {
                    takingOver.remove(broker);
                    if (failure != null || dead.isEmpty() || closing) {
                        return;
                    }
                    long now = System.nanoTime();
                    long againNanos = TimeUnit.MILLISECONDS.toNanos(timings.renewMillis());
                    List<CompletableFuture<?>> unlocks = new ArrayList<>();
                    for (String member : dead) {
                        Set<BrokerQueue> ofMember = new TreeSet<>();
                        for (BrokerQueue queue : refused) {
                            Missing one = missing.get(queue);
                            Long endedAt = one == null ? null : one.endedFor.get(member);
                            if (one != null && (endedAt == null || now - endedAt > againNanos)) {
                                one.endedFor.put(member, now);
                                one.takenFrom = member;
                                one.notBeforeNanos = now;
                                ofMember.add(queue);
                            }
                        }
                        if (!ofMember.isEmpty()) { // without effect on those that it does not have
                            unlocks.add(locksOf(broker).unlock(member, ofMember));
                        }
                    }
                    if (unlocks.isEmpty()) {
                        return;
                    }
                    CompletableFuture<Void> all = CompletableFuture.allOf(unlocks.toArray(new CompletableFuture<?>[0]));
                    Callbacks.onDone(all, (done, unlockFailure) -> {
                        if (unlockFailure != null) {
                            log.warn("could not end the locks of dead members queues={}", refused, unlockFailure);
                        }
                        serial.execute(this::turn);
                    });
                }));
    }

    // ---- the end of holding ----

    private void giveUpStale() {
        leases.endExpired(System.nanoTime());
        for (BrokerQueue queue : new ArrayList<>(held.keySet())) {
            if (!leases.has(queue)) {
                lose(queue, "its lock could not be renewed in time");
            }
        }
    }

    private void lose(BrokerQueue queue, String reason) {
        held.remove(queue);
        leases.revoke(queue);
        missing.computeIfAbsent(queue, key -> new Missing(System.nanoTime()));
        log.error("queue given up: {} consumerGroup={} queue={}", reason, group, queue);
        listener.lost(queue);
        lookWhatIsOwned();
    }

    private void release(BrokerQueue queue) {
        Held lock = held.get(queue);
        if (lock != null && lock.stage == Stage.ACQUIRING && closing) {
            giveUp(queue);
        }
        if (lock == null || lock.stage != Stage.OWNED) {
            return; // one that is being acquired is released when it is
        }
        lock.stage = Stage.RELEASING;
        long since = System.nanoTime();
        Callbacks.onDone(
                listener.release(queue),
                (done, failure) -> serial.execute(() -> {
                    if (failure != null) {
                        log.warn("queue not released in order consumerGroup={} queue={}", group, queue, failure);
                    }
                    if (held.get(queue) == lock) {
                        held.remove(queue);
                        if (failure == null) {
                            leases.end(queue);
                        } else {
                            leases.revoke(queue);
                        }
                        unlock(queue);
                        log.info(
                                "queue released consumerGroup={} queue={} to={} tookMillis={}",
                                group,
                                queue,
                                claims.view().addressOfOwner(queue),
                                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
                        turn();
                    }
                }));
    }

    /** Without waiting for anybody. */
    private void giveUp(BrokerQueue queue) {
        held.remove(queue);
        leases.revoke(queue);
        listener.lost(queue);
        unlock(queue);
    }

    private void unlock(BrokerQueue queue) {
        Callbacks.onDone(
                locksOf(queue.brokerName()).unlock(claims.ownerId(), Collections.singleton(queue)), (done, failure) -> {
                    serial.execute(this::lookWhatIsOwned);
                    if (failure != null) {
                        log.warn(
                                "could not give the queue lock back, it ends by itself after 60 s consumerGroup={} queue={}",
                                group,
                                queue,
                                failure);
                    }
                });
    }

    /** Logs what stands in the way once, and once that it is over; also if other queues are owned then. */
    private void report(String problem) {
        if (problem.equals(lastProblem) && (!problem.isEmpty() || reportedQueues == held.size())) {
            return;
        }
        reportedQueues = held.size();
        if (problem.isEmpty()) {
            log.info(
                    "owns all queues that it claims topic={} consumerGroup={} ownerId={} queues={}",
                    topic,
                    group,
                    claims.ownerId(),
                    held.size());
        } else {
            log.warn("{} topic={} consumerGroup={} ownerId={}", problem, topic, group, claims.ownerId());
        }
        lastProblem = problem;
    }

    /**
     * Hands all queues over, so that another proxy, or this one after a restart, need not wait. Blocks until that is done or {@link
     * ClusterTimings#closeMillis} are over; what is not handed over by then is given up.
     */
    void close() {
        closing = true;
        serial.execute(() -> turn(Collections.emptyList()));
        try {
            if (!isGivenBack(timings.closeMillis())) {
                log.warn("queues not handed over in time, they are given up consumerGroup={}", group);
                serial.execute(() -> new ArrayList<>(held.keySet()).forEach(this::giveUp));
                if (!isGivenBack(timings.closeMillis() / 5)) {
                    log.warn("could not give all queue locks back, they end by themselves consumerGroup={}", group);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
        }
    }

    private boolean isGivenBack(long millis) throws InterruptedException {
        try {
            allGivenBack.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
