package io.litetopic.proxy.runtime;

import com.google.common.hash.Hashing;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.DeadLetterReason;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineEffects;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.UnsubscribeReason;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what the engine of one group wants: reads, dead letters, answers. Answers of the broker come back as commands;
 * what fails is tried again for as long as it takes.
 *
 * <p>Owner: engine thread, except for the broker's callbacks, which only hand over.
 */
final class BrokerEffects implements EngineEffects {
    private static final int READ_MESSAGES = 32;
    private static final int REREAD_MESSAGES = 32;
    /** Short, since a pull whose connection has died may be answered by its timeout only. */
    private static final Duration READ_WAIT = Duration.ofSeconds(3);

    private static final long RETRY_MILLIS = 500;
    /** Of what fails again and again. */
    private static final int FAILURES_PER_LOG_LINE = 60;

    /** A queue that nobody has read for longer is looked at before reading on: brokers take longer than this to come back. */
    private static final long UNWATCHED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final BrokerGateway gateway;
    private final LiteTopicRegistry registry;
    private final OffsetCommits commits;
    private final ScheduledExecutorService scheduler;
    private final UnsubscribeNotifier notifier;
    private final GroupStatistics statistics;
    private final GroupDispatcher dispatcher;

    private final List<BrokerQueue> queues = new ArrayList<>();
    private final Map<BrokerQueue, Integer> slots = new HashMap<>();
    private final Set<Integer> ownedSlots = new TreeSet<>();
    /** By slot: counts how often its progress started anew. Answers to what was asked before that no longer count. */
    private final Map<Integer, Long> generations = new HashMap<>();

    /** Grows with every queue that comes or goes. */
    private long ownershipChanges;
    /** Queues that the engine has read nothing of yet: how far it is behind is not known. */
    private final Set<Integer> unreadSlots = new HashSet<>();
    /** By slot: what was read since the queue is owned. */
    private final Map<Integer, ReadTrail> trails = new HashMap<>();
    /** Queues whose trails count on when they are acquired the next time. */
    private final Set<Integer> opensAnew = new HashSet<>();

    private final TailCheck tailCheck;

    private final BurstLog lostLog;
    private final BurstLog expiryLog;
    private final BurstLog expiredLettersLog;
    private final BurstLog skippedLog;
    private final BurstLog indexCutLog;
    private final Map<UnsubscribeReason, BurstLog> unsubscribedLogs = new EnumMap<>(UnsubscribeReason.class);
    private final IndexFullLog indexFullLog;
    private final Set<Poll> polls = Collections.newSetFromMap(new IdentityHashMap<>());

    BrokerEffects(
            String group,
            BrokerGateway gateway,
            LiteTopicRegistry registry,
            OffsetCommits commits,
            ScheduledExecutorService scheduler,
            UnsubscribeNotifier notifier,
            GroupStatistics statistics,
            GroupDispatcher dispatcher) {
        this.group = group;
        this.gateway = gateway;
        this.registry = registry;
        this.commits = commits;
        this.scheduler = scheduler;
        this.notifier = notifier;
        this.statistics = statistics;
        this.dispatcher = dispatcher;
        this.tailCheck = new TailCheck(group, gateway);
        this.lostLog = new BurstLog(
                "messages were deleted by the broker before they were consumed: raise its retention or consume faster",
                group,
                scheduler);
        this.expiryLog = new BurstLog("unconsumed messages expired and were dropped", group, scheduler);
        this.expiredLettersLog =
                new BurstLog("unconsumed messages expired and left for the dead letter queue", group, scheduler);
        this.skippedLog = new BurstLog("waiting messages skipped: subscriptions start behind them", group, scheduler);
        this.indexCutLog = new BurstLog(
                "the index of waiting messages is over its budget: later ones of the largest lite topics left it and are"
                        + " found again in their queue when due",
                group,
                scheduler);
        for (UnsubscribeReason reason : UnsubscribeReason.values()) {
            unsubscribedLogs.put(
                    reason,
                    new BurstLog("clients lost subscriptions that they did not give up: " + reason, group, scheduler));
        }
        this.indexFullLog = new IndexFullLog(group, scheduler);
    }

    /** The queues that are owned now. */
    OwnedQueues ownedQueues() {
        List<BrokerQueue> owned = new ArrayList<>();
        ownedSlots.forEach(slot -> owned.add(queues.get(slot)));
        return new OwnedQueues(ownershipChanges, owned);
    }

    /** Whether no queue has come or gone since. */
    boolean owns(OwnedQueues then) {
        return then.ownershipChanges() == ownershipChanges;
    }

    /** Offsets as the engine wants them: by slot, 0 for queues that are not owned. */
    long[] bySlot(Map<BrokerQueue, Long> offsets) {
        long[] bySlot = new long[queues.size()];
        offsets.forEach((queue, offset) -> bySlot[slotOf(queue)] = offset);
        return bySlot;
    }

    /** The slot of a queue: the same for as long as this process lives. */
    int slotOf(BrokerQueue queue) {
        Integer slot = slots.get(queue);
        if (slot == null) {
            slot = queues.size();
            queues.add(queue);
            slots.put(queue, slot);
        }
        return slot;
    }

    void queueAcquired(BrokerQueue queue, OpenedQueue opened) {
        ownershipChanges++;
        ownedSlots.add(slotOf(queue));
        generations.merge(slotOf(queue), 1L, Long::sum);
        unreadSlots.add(slotOf(queue));
        ReadTrail trail = trails.get(slotOf(queue));
        if (opensAnew.remove(slotOf(queue)) && trail != null) {
            trail.doubt();
        } else {
            trails.put(slotOf(queue), new ReadTrail(opened.state().watermark(), EngineLoop.nowNanos()));
        }
        commits.queueAcquired(queue, opened.state().watermark(), Math.max(0, opened.committedOffset()));
    }

    void queueLost(BrokerQueue queue) {
        ownershipChanges++;
        ownedSlots.remove(slotOf(queue));
        generations.merge(slotOf(queue), 1L, Long::sum);
        unreadSlots.remove(slotOf(queue));
        if (!opensAnew.contains(slotOf(queue))) {
            trails.remove(slotOf(queue));
        }
        commits.queueLost(queue);
    }

    /** The queue is about to be lost, to be acquired again at once: what was read of it is still to be compared then. */
    void opensAnew(BrokerQueue queue) {
        opensAnew.add(slotOf(queue));
    }

    /** What was read of the queue is not what it holds now: it does not count any more. */
    void forgetTrail(BrokerQueue queue) {
        trails.remove(slotOf(queue));
    }

    /** Writes what waits to be logged. */
    void flushLog() {
        lostLog.flush();
        expiryLog.flush();
        expiredLettersLog.flush();
        skippedLog.flush();
        indexCutLog.flush();
        unsubscribedLogs.values().forEach(BurstLog::flush);
    }

    /** Another one each time that the queue is acquired or lost. */
    long generation(int slot) {
        return generations.getOrDefault(slot, 0L);
    }

    /** Runs a command on the engine unless the queue's progress has started anew since {@code generation}. */
    private void tellIfCurrent(int slot, long generation, LongConsumer command) {
        dispatcher.tell(now -> {
            if (generation == generation(slot)) {
                command.accept(now);
            }
        });
    }

    void pollStarted(Poll poll) {
        polls.add(poll);
    }

    List<Poll> waitingPolls() {
        return new ArrayList<>(polls);
    }

    void pollsFailed(String reason) {
        for (Poll poll : polls) {
            GroupDispatcher.listenerOf(poll).onUnavailable(reason);
        }
        polls.clear();
    }

    @Override
    public void deliver(Poll poll, List<Delivery> deliveries) {
        if (polls.remove(poll)) {
            statistics.countDelivered(deliveries.size());
            GroupDispatcher.listenerOf(poll).onDeliveries(deliveries);
        }
    }

    @Override
    public void deliverNothing(Poll poll) {
        if (polls.remove(poll)) {
            GroupDispatcher.listenerOf(poll).onNothing();
        }
    }

    @Override
    public void read(int slot, long queueOffset, long readId) {
        if (dispatcher.isClosed()) {
            return;
        }
        ReadTrail trail = trails.get(slot);
        if (trail != null && trail.isInDoubt(EngineLoop.nowNanos(), UNWATCHED_NANOS)) {
            compareTail(slot, queueOffset, readId, trail, Long.MAX_VALUE);
        } else {
            pull(slot, queueOffset, readId);
        }
    }

    private void pull(int slot, long queueOffset, long readId) {
        BrokerQueue queue = queues.get(slot);
        long generation = generation(slot);
        // The first answer comes at once, also from an empty queue: until then nothing of it expires.
        Duration wait = unreadSlots.contains(slot) ? Duration.ZERO : READ_WAIT;
        Callbacks.onDone(gateway.pull(group, queue, queueOffset, READ_MESSAGES, wait), (batch, failure) -> {
            if (failure != null) {
                logFailedRead(queue, queueOffset, failure);
                readFailed(slot, readId, generation);
            } else if (batch.nextOffset() >= queueOffset && !isBeyondTheEnd(batch, queueOffset)) {
                tellIfCurrent(slot, generation, now -> pulled(slot, readId, batch, now));
            } else if (queueOffset > batch.maxOffset()) {
                tellIfCurrent(slot, generation, now -> {
                    ReadTrail trail = trails.get(slot);
                    if (trail != null && trail.size() > 0) {
                        compareTail(slot, queueOffset, readId, trail, batch.maxOffset());
                    } else {
                        tailLost(slot, queueOffset, batch.maxOffset(), now);
                    }
                });
            } else {
                logMisleadingAnswer(queue, queueOffset, batch);
                readFailed(slot, readId, generation);
            }
        });
    }

    /** Whether the answer says that there is no message up to an offset behind the queue's end, which nobody can know. */
    private static boolean isBeyondTheEnd(PullBatch batch, long queueOffset) {
        return batch.messages().isEmpty() && batch.nextOffset() > Math.max(queueOffset, batch.maxOffset());
    }

    private void logMisleadingAnswer(BrokerQueue queue, long queueOffset, PullBatch batch) {
        log.error(
                "the broker sends the reader back, or on behind the end of the queue; will be repeated consumerGroup={}"
                        + " queue={} queueOffset={} nextOffset={} minOffset={} maxOffset={}",
                group,
                queue,
                queueOffset,
                batch.nextOffset(),
                batch.minOffset(),
                batch.maxOffset());
    }

    private void pulled(int slot, long readId, PullBatch batch, long now) {
        unreadSlots.remove(slot);
        ReadTrail trail = trails.get(slot);
        if (trail != null) {
            trail.answered(now);
            for (BrokerMessage message : batch.messages()) {
                trail.add(message.queueOffset(), message.storeTimestampMillis());
            }
        }
        dispatcher
                .engine()
                .onMessages(
                        slot,
                        readId,
                        batch.messages(),
                        batch.nextOffset(),
                        batch.minOffset(),
                        batch.maxOffset(),
                        now,
                        dispatcher.nowMillis(slot));
    }

    /**
     * Reads on if the broker still has what was read last; otherwise the queue is cut where it became another one, and opened again.
     *
     * @param seenEnd the queue is known to have ended here, before {@code queueOffset}; or {@code Long.MAX_VALUE}
     */
    private void compareTail(int slot, long queueOffset, long readId, ReadTrail trail, long seenEnd) {
        BrokerQueue queue = queues.get(slot);
        long generation = generation(slot);
        Callbacks.onDone(tailCheck.firstDifference(queue, trail), (difference, failure) -> {
            if (failure != null) {
                logFailedRead(queue, queueOffset, failure);
                readFailed(slot, readId, generation);
                return;
            }
            tellIfCurrent(slot, generation, now -> {
                long cut = difference == TailCheck.SAME ? seenEnd : Math.min(difference, seenEnd);
                if (cut == Long.MAX_VALUE) {
                    trail.answered(now);
                    pull(slot, queueOffset, readId);
                } else {
                    tailLost(slot, queueOffset, cut, now);
                }
            });
        });
    }

    private void tailLost(int slot, long queueOffset, long cut, long now) {
        BrokerQueue queue = queues.get(slot);
        log.error(
                "the broker has lost messages that were read, or the topic was created anew; the queue is opened again and"
                        + " read from where it differs consumerGroup={} queue={} readUpTo={} differsFrom={}",
                group,
                queue,
                queueOffset,
                cut);
        dispatcher.openAnewFrom(queue, cut, now);
    }

    private void readFailed(int slot, long readId, long generation) {
        later(() -> tellIfCurrent(slot, generation, now -> {
            ReadTrail trail = trails.get(slot);
            if (trail != null) {
                trail.doubt();
            }
            dispatcher.engine().onReadFailed(slot, readId);
        }));
    }

    private void logFailedRead(BrokerQueue queue, long queueOffset, Throwable failure) {
        log.warn(
                "read failed, will be repeated consumerGroup={} queue={} queueOffset={}",
                group,
                queue,
                queueOffset,
                failure);
    }

    @Override
    public void reread(int slot, long queueOffset) {
        BrokerQueue queue = queues.get(slot);
        long generation = generation(slot);
        Callbacks.onDone(gateway.pull(group, queue, queueOffset, REREAD_MESSAGES, Duration.ZERO), (batch, failure) -> {
            if (failure != null) {
                logFailedRead(queue, queueOffset, failure);
                later(() -> reread(slot, queueOffset, Collections.emptyList(), false, generation));
                return;
            }
            boolean isGone = batch.minOffset() > queueOffset;
            boolean isThere = batch.messages().stream().anyMatch(message -> message.queueOffset() == queueOffset);
            if (isGone || isThere) {
                reread(slot, queueOffset, batch.messages(), isGone, generation);
            } else {
                log.warn(
                        "the broker did not return a message, will be repeated consumerGroup={} queue={} queueOffset={}"
                                + " minOffset={} maxOffset={}",
                        group,
                        queue,
                        queueOffset,
                        batch.minOffset(),
                        batch.maxOffset());
                later(() -> reread(slot, queueOffset, batch.messages(), false, generation));
            }
        });
    }

    private void reread(int slot, long queueOffset, List<BrokerMessage> messages, boolean gone, long generation) {
        tellIfCurrent(slot, generation, now -> {
            dispatcher.engine().onRereadMessages(slot, queueOffset, messages, gone, now);
        });
    }

    @Override
    public void watermarkAdvanced(int slot, long queueOffset) {
        commits.watermarkAdvanced(queues.get(slot), queueOffset);
    }

    @Override
    public void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason) {
        deadLetter(slot, queueOffset, liteTopic, message, reason, 0);
    }

    private void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason,
            int failures) {
        BrokerQueue queue = queues.get(slot);
        long generation = generation(slot);
        CompletableFuture<@Nullable BrokerMessage> body = message != null
                ? CompletableFuture.completedFuture(message)
                : gateway.pull(group, queue, queueOffset, 1, Duration.ZERO)
                        .thenApply(batch -> messageAt(batch, queueOffset));
        CompletableFuture<Boolean> stored = body.thenCompose(letter -> letter == null
                ? CompletableFuture.completedFuture(false)
                : gateway.deadLetter(group, queue, letter).thenApply(done -> true));
        Callbacks.onDone(stored, (isStored, failure) -> {
            if (failure == null) {
                tellIfCurrent(slot, generation, now -> {
                    if (isStored) {
                        deadLettered(queue, queueOffset, liteTopic, reason);
                    } else {
                        messagesLost(slot, queueOffset, queueOffset + 1, 1, liteTopic);
                    }
                    dispatcher.engine().onDeadLettered(slot, queueOffset, liteTopic, now);
                });
            } else {
                if (failures % FAILURES_PER_LOG_LINE == 0) {
                    log.warn(
                            "dead letter failed, will be repeated consumerGroup={} queue={} queueOffset={} failures={}",
                            group,
                            queue,
                            queueOffset,
                            failures + 1,
                            failure);
                }
                // Read again next time: if the broker has deleted it meanwhile, no copy can be made any more.
                later(() -> tellIfCurrent(
                        slot, generation, now -> deadLetter(slot, queueOffset, liteTopic, null, reason, failures + 1)));
            }
        });
    }

    /** The message at the offset, or null if the broker has deleted it. */
    private static @Nullable BrokerMessage messageAt(PullBatch batch, long queueOffset) {
        if (batch.minOffset() > queueOffset) {
            return null;
        }
        for (BrokerMessage message : batch.messages()) {
            if (message.queueOffset() == queueOffset) {
                return message;
            }
        }
        throw new IllegalStateException("the broker did not return the message [queueOffset=" + queueOffset
                + ", minOffset=" + batch.minOffset() + ", maxOffset=" + batch.maxOffset() + "]");
    }

    private void deadLettered(
            BrokerQueue queue, long queueOffset, @Nullable String liteTopic, DeadLetterReason reason) {
        statistics.countDeadLettered();
        if (reason == DeadLetterReason.EXPIRED) {
            expiredLettersLog.add(String.valueOf(liteTopic), 1);
            return;
        }
        log.warn(
                "message left for the dead letter queue consumerGroup={} queue={} queueOffset={} liteTopic={} reason={}",
                group,
                queue,
                queueOffset,
                liteTopic,
                reason);
    }

    @Override
    public void scan(int slot, long queueOffset, long scanId) {
        if (dispatcher.isClosed()) {
            return;
        }
        BrokerQueue queue = queues.get(slot);
        long generation = generation(slot);
        Callbacks.onDone(gateway.pull(group, queue, queueOffset, READ_MESSAGES, Duration.ZERO), (batch, failure) -> {
            if (failure == null && batch.nextOffset() >= queueOffset && !isBeyondTheEnd(batch, queueOffset)) {
                tellIfCurrent(slot, generation, now -> {
                    dispatcher
                            .engine()
                            .onScanned(slot, scanId, batch.messages(), batch.nextOffset(), batch.minOffset(), now);
                });
                return;
            }
            if (failure != null) {
                logFailedRead(queue, queueOffset, failure);
            } else { // if the queue ends before, the next read finds that out and starts the queue anew
                logMisleadingAnswer(queue, queueOffset, batch);
            }
            later(() -> tellIfCurrent(slot, generation, now -> {
                dispatcher.engine().onScanFailed(slot, scanId);
            }));
        });
    }

    @Override
    public String liteTopicCreated(String liteTopic) {
        return registry.groupKnows(liteTopic);
    }

    @Override
    public boolean isResponsibleFor(String liteTopic) {
        List<BrokerQueue> all = dispatcher.allQueues();
        if (all.isEmpty()) {
            return false;
        }
        // what the proxy does with the message group of a send
        Integer slot = slots.get(all.get(Hashing.consistentHash(liteTopic.hashCode(), all.size())));
        return slot != null && ownedSlots.contains(slot);
    }

    @Override
    public void liteTopicRemoved(String liteTopic) {
        registry.groupForgets(liteTopic);
    }

    @Override
    public void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason) {
        BurstLog reasonLog = unsubscribedLogs.get(reason);
        if (reasonLog != null) {
            reasonLog.add(liteTopic, 0);
        }
        notifier.unsubscribed(clientId, group, liteTopic, reason);
    }

    @Override
    public void messagesSkipped(String liteTopic, int messages) {
        statistics.countSkipped(messages);
        skippedLog.add(liteTopic, messages);
    }

    @Override
    public void indexCut(String liteTopic, long messages) {
        statistics.countIndexCut(messages);
        indexCutLog.add(liteTopic, messages);
    }

    @Override
    public void messagesExpired(String liteTopic, int messages) {
        statistics.countExpired(messages);
        expiryLog.add(liteTopic, messages);
    }

    @Override
    public void messagesLost(
            int slot, long fromOffset, long toOffsetExclusive, long messages, @Nullable String liteTopic) {
        statistics.countLost(messages);
        if (liteTopic != null) {
            lostLog.add(liteTopic, messages);
            return;
        }
        log.error(
                "messages were deleted by the broker before they were consumed consumerGroup={} queue={} fromOffset={}"
                        + " toOffset={} lost={}",
                group,
                queues.get(slot),
                fromOffset,
                toOffsetExclusive,
                messages);
    }

    @Override
    public void indexFull(boolean full, long pendingMessages) {
        indexFullLog.changed(full, pendingMessages);
    }

    private void later(Runnable task) {
        Callbacks.later(scheduler, RETRY_MILLIS, task);
    }
}
