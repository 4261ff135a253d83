package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import io.litetopic.proxy.broker.RecordBatch;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Queues in memory, with the broker's rules for offsets and locks, that a test can break. Thread-safe. */
public final class InMemoryBroker implements BrokerGateway {
    private final Map<BrokerQueue, List<BrokerMessage>> messages = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, List<RecordBatch.Record>> records = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, List<Runnable>> delayed = new ConcurrentHashMap<>();
    private volatile AppendRule appendRule = (queue, record) -> Append.STORED;
    private volatile Runnable beforeAnswer = () -> {};
    private volatile Clock recordClock = Clock.systemUTC();
    private final Map<BrokerQueue, Long> committed = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, Long> lastPulled = new ConcurrentHashMap<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Map<BrokerQueue, Long> minOffsets = new ConcurrentHashMap<>();
    private volatile @Nullable BrokerException offsetFailure;
    private volatile @Nullable String pullFailure;
    private final AtomicInteger failedPulls = new AtomicInteger();
    private final Map<BrokerQueue, Long> misleadingNext = new ConcurrentHashMap<>();
    private volatile Duration longestWait = Duration.ofMillis(50);
    private final Set<BrokerMessage> deadLetters = ConcurrentHashMap.newKeySet();
    private final Map<String, Lock> locks = new HashMap<>(); // guarded by itself
    private final Map<String, List<String>> members = new HashMap<>(); // by broker and group; guarded by itself
    private final Map<String, List<Runnable>> groupListeners = new ConcurrentHashMap<>();
    private volatile Duration lockLease = Duration.ofSeconds(60);

    private record Lock(String ownerId, long endNanos) {
        boolean isOver() {
            return System.nanoTime() - endNanos >= 0;
        }
    }

    /** What happens to a record that is appended. */
    public enum Append {
        /** Stored and confirmed. */
        STORED,
        /** Not stored; the append fails. */
        REFUSED,
        /** Not stored; the append fails, as there is no such queue. */
        NO_QUEUE,
        /** Stored, but the answer is lost: the append fails. */
        STORED_WITHOUT_ANSWER,
        /** The append fails at once; the record is stored when {@link #storeDelayed} is called. */
        DELAYED,
        /** Stored at once, and a second time when {@link #storeDelayed} is called. */
        STORED_TWICE,
        /** Neither stored nor answered until {@link #storeDelayed} is called. */
        SLOW
    }

    /** Decides about each record that is appended. */
    public interface AppendRule {
        Append on(BrokerQueue queue, byte[] record);
    }

    public InMemoryBroker(BrokerQueue... queues) {
        for (BrokerQueue queue : queues) {
            messages.put(queue, new ArrayList<>());
        }
    }

    public void append(BrokerQueue queue, String liteTopic, Object payload) {
        append(queue, liteTopic, payload, System.currentTimeMillis());
    }

    public void append(BrokerQueue queue, String liteTopic, Object payload, long storeTimestampMillis) {
        List<BrokerMessage> stored = stored(queue);
        synchronized (stored) {
            stored.add(new BrokerMessage(stored.size(), liteTopic, storeTimestampMillis, 100, payload));
        }
    }

    /** From now on; the default is that every record is stored. */
    public void onAppend(AppendRule rule) {
        appendRule = rule;
    }

    /** From now on this happens between the storing of a {@link Append#SLOW} record and the answer. */
    public void onAnswer(Runnable task) {
        beforeAnswer = task;
    }

    /** Clock of the store times of records from now on. */
    public void recordClock(Clock clock) {
        recordClock = clock;
    }

    /** Copy of the records of a queue, in queue offset order. */
    public List<RecordBatch.Record> records(BrokerQueue queue) {
        List<RecordBatch.Record> stored = recordsOf(queue);
        synchronized (stored) {
            return new ArrayList<>(stored);
        }
    }

    /** Replaces the records of a queue; their offsets count from 0. */
    public void setRecords(BrokerQueue queue, List<byte[]> bytes) {
        List<RecordBatch.Record> stored = recordsOf(queue);
        synchronized (stored) {
            stored.clear();
            bytes.forEach(record -> store(stored, record));
        }
    }

    /** Stores what was held back, in the order in which it was appended. */
    public void storeDelayed(BrokerQueue queue) {
        List<Runnable> held = delayed.remove(queue);
        if (held != null) {
            held.forEach(Runnable::run);
        }
    }

    /** Whether something is held back. */
    public boolean hasDelayed(BrokerQueue queue) {
        return delayed.containsKey(queue);
    }

    private List<RecordBatch.Record> recordsOf(BrokerQueue queue) {
        return records.computeIfAbsent(queue, key -> new ArrayList<>());
    }

    private long store(List<RecordBatch.Record> stored, byte[] record) {
        synchronized (stored) {
            stored.add(new RecordBatch.Record(stored.size(), recordClock.millis(), record.clone()));
            return stored.size() - 1L;
        }
    }

    private void delay(BrokerQueue queue, Runnable task) {
        delayed.compute(queue, (key, held) -> {
            List<Runnable> tasks = held == null ? new ArrayList<>() : held;
            tasks.add(task);
            return tasks;
        });
    }

    /** The first offset that is still there. */
    public void deleteBefore(BrokerQueue queue, long offset) {
        minOffsets.put(queue, offset);
    }

    /** From now on questions for offsets fail. */
    public void failOffsets(String reason) {
        failOffsets(new BrokerException(reason, null, true));
    }

    /** From now on questions for offsets fail. */
    public void failOffsets(BrokerException failure) {
        offsetFailure = failure;
    }

    /** From now on pulls fail, or with null no longer. */
    public void failPulls(@Nullable String reason) {
        pullFailure = reason;
    }

    /** How many pulls have failed. */
    public int failedPulls() {
        return failedPulls.get();
    }

    /** The next pull of the queue is answered with nothing and this offset to go on at, as stock does when it cannot open a file. */
    public void misleadOnce(BrokerQueue queue, long nextOffset) {
        misleadingNext.put(queue, nextOffset);
    }

    /** Whether the misleading answer was given. */
    public boolean hasMisled(BrokerQueue queue) {
        return !misleadingNext.containsKey(queue);
    }

    /** From now on a pull that finds nothing is answered when its time is up, not after a moment. */
    public void letPullsWait() {
        longestWait = Duration.ofDays(1);
    }

    private long min(BrokerQueue queue) {
        return minOffsets.getOrDefault(queue, 0L);
    }

    private CompletableFuture<Long> offset(long offset) {
        BrokerException failure = offsetFailure;
        return failure == null ? CompletableFuture.completedFuture(offset) : CompletableFuture.failedFuture(failure);
    }

    /** Only the first {@code count} messages survive. */
    public void truncate(BrokerQueue queue, int count) {
        List<BrokerMessage> stored = stored(queue);
        synchronized (stored) {
            stored.subList(count, stored.size()).clear();
        }
    }

    /** From now on the group does not get the lock on the queue, or gets it again. */
    public void refuseLock(String group, BrokerQueue queue, boolean refuse) {
        if (refuse) {
            refused.add(group + queue);
        } else {
            refused.remove(group + queue);
        }
    }

    public Set<BrokerMessage> deadLetters() {
        return deadLetters;
    }

    public long committed(BrokerQueue queue) {
        return committed.getOrDefault(queue, -1L);
    }

    /** The offset of the last pull, or -1. */
    public long lastPulled(BrokerQueue queue) {
        return lastPulled.getOrDefault(queue, -1L);
    }

    private List<BrokerMessage> stored(BrokerQueue queue) {
        List<BrokerMessage> stored = messages.get(queue);
        if (stored == null) {
            throw new BrokerException("no such queue: " + queue, null, false);
        }
        return stored;
    }

    @Override
    public CompletableFuture<List<BrokerQueue>> queues(String topic) {
        return CompletableFuture.completedFuture(
                messages.keySet().stream().sorted().toList());
    }

    @Override
    public CompletableFuture<Set<BrokerQueue>> lock(String group, String ownerId, Set<BrokerQueue> queues) {
        Set<BrokerQueue> locked = new HashSet<>();
        synchronized (locks) {
            for (BrokerQueue queue : queues) {
                Lock lock = locks.get(group + queue);
                boolean isFree = lock == null || lock.isOver() || lock.ownerId().equals(ownerId);
                if (isFree && !refused.contains(group + queue)) {
                    locks.put(group + queue, new Lock(ownerId, System.nanoTime() + lockLease.toNanos()));
                    locked.add(queue);
                }
            }
        }
        return CompletableFuture.completedFuture(locked);
    }

    @Override
    public CompletableFuture<Void> unlock(String group, String ownerId, Set<BrokerQueue> queues) {
        synchronized (locks) {
            for (BrokerQueue queue : queues) {
                locks.computeIfPresent(
                        group + queue, (key, lock) -> lock.ownerId().equals(ownerId) ? null : lock);
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    /** From now on locks end after so long without renewal, not after a minute. */
    public void lockLease(Duration lease) {
        lockLease = lease;
    }

    /** Whose lock it is; null if nobody's. */
    public @Nullable String lockOwner(String group, BrokerQueue queue) {
        synchronized (locks) {
            Lock lock = locks.get(group + queue);
            return lock == null || lock.isOver() ? null : lock.ownerId();
        }
    }

    /** Locks and members are kept in memory only. */
    public void restart() {
        synchronized (locks) {
            locks.clear();
        }
        synchronized (members) {
            members.clear();
        }
    }

    /** The client's connections break. */
    public void disconnect(String clientId) {
        synchronized (members) {
            members.values().forEach(ids -> ids.remove(clientId));
        }
        groupListeners.values().forEach(listeners -> listeners.forEach(Runnable::run));
    }

    @Override
    public CompletableFuture<Void> joinGroup(String group, String clientId, BrokerQueue at) {
        boolean isNew;
        synchronized (members) {
            List<String> ids = members.computeIfAbsent(at.brokerName() + group, key -> new ArrayList<>());
            isNew = !ids.contains(clientId) && ids.add(clientId);
        }
        if (isNew) {
            groupListeners.getOrDefault(group, List.of()).forEach(Runnable::run);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> leaveGroup(String group, String clientId, BrokerQueue at) {
        synchronized (members) {
            members.getOrDefault(at.brokerName() + group, new ArrayList<>()).remove(clientId);
        }
        groupListeners.getOrDefault(group, List.of()).forEach(Runnable::run);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<List<String>> groupMembers(String group, BrokerQueue at) {
        synchronized (members) {
            return CompletableFuture.completedFuture(
                    List.copyOf(members.getOrDefault(at.brokerName() + group, List.of())));
        }
    }

    @Override
    public void onGroupChange(String group, Runnable listener) {
        groupListeners
                .computeIfAbsent(group, key -> new CopyOnWriteArrayList<>())
                .add(listener);
    }

    @Override
    public CompletableFuture<Long> committedOffset(String group, BrokerQueue queue) {
        return CompletableFuture.completedFuture(committed(queue));
    }

    @Override
    public CompletableFuture<Long> minOffset(BrokerQueue queue) {
        return offset(min(queue));
    }

    @Override
    public CompletableFuture<Long> maxOffset(BrokerQueue queue) {
        if (!messages.containsKey(queue)) {
            return offset(records(queue).size());
        }
        List<BrokerMessage> stored = stored(queue);
        synchronized (stored) {
            return offset(stored.size());
        }
    }

    @Override
    public CompletableFuture<Long> offsetAt(BrokerQueue queue, long timestampMillis) {
        List<BrokerMessage> stored = stored(queue);
        synchronized (stored) {
            long before = stored.stream()
                    .filter(message -> message.storeTimestampMillis() < timestampMillis)
                    .count();
            return offset(Math.max(before, min(queue)));
        }
    }

    @Override
    public CompletableFuture<Void> commit(String group, BrokerQueue queue, long offset) {
        committed.put(queue, offset);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<PullBatch> pull(
            String group, BrokerQueue queue, long offset, int maxMessages, Duration maxWait) {
        lastPulled.put(queue, offset);
        String failure = pullFailure;
        if (failure != null) {
            failedPulls.incrementAndGet();
            return CompletableFuture.failedFuture(new BrokerException(failure, null, true));
        }
        Long misleading = misleadingNext.remove(queue);
        if (misleading != null) {
            return CompletableFuture.completedFuture(new PullBatch(
                    List.of(), misleading, min(queue), stored(queue).size()));
        }
        CompletableFuture<PullBatch> answer = new CompletableFuture<>();
        PullBatch batch = read(queue, offset, maxMessages);
        if (!batch.messages().isEmpty() || maxWait.isZero() || offset > batch.maxOffset()) {
            answer.complete(batch);
            return answer;
        }
        Duration wait = maxWait.compareTo(longestWait) < 0 ? maxWait : longestWait;
        return answer.completeOnTimeout(batch, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private PullBatch read(BrokerQueue queue, long offset, int maxMessages) {
        List<BrokerMessage> stored = stored(queue);
        synchronized (stored) {
            long min = min(queue);
            if (offset > stored.size()) {
                return new PullBatch(List.of(), stored.size(), min, stored.size());
            }
            if (offset < min) {
                return new PullBatch(List.of(), min, min, stored.size());
            }
            int end = (int) Math.min(stored.size(), offset + maxMessages);
            return new PullBatch(new ArrayList<>(stored.subList((int) offset, end)), end, min, stored.size());
        }
    }

    @Override
    public CompletableFuture<Long> append(BrokerQueue queue, byte[] record) {
        List<RecordBatch.Record> stored = recordsOf(queue);
        byte[] copy = record.clone();
        CompletableFuture<Long> failed =
                CompletableFuture.failedFuture(new BrokerException("no answer from " + queue, null, true));
        return switch (appendRule.on(queue, copy)) {
            case STORED -> CompletableFuture.completedFuture(store(stored, copy));
            case REFUSED -> failed;
            case NO_QUEUE ->
                CompletableFuture.failedFuture(BrokerException.queueMissing("no such queue: " + queue, null, false));
            case STORED_WITHOUT_ANSWER -> {
                store(stored, copy);
                yield failed;
            }
            case DELAYED -> {
                delay(queue, () -> store(stored, copy));
                yield failed;
            }
            case STORED_TWICE -> {
                delay(queue, () -> store(stored, copy));
                yield CompletableFuture.completedFuture(store(stored, copy));
            }
            case SLOW -> {
                CompletableFuture<Long> answer = new CompletableFuture<>();
                delay(queue, () -> {
                    long offset = store(stored, copy);
                    beforeAnswer.run();
                    answer.complete(offset);
                });
                yield answer;
            }
        };
    }

    @Override
    public CompletableFuture<RecordBatch> readRecords(String group, BrokerQueue queue, long offset, int maxRecords) {
        List<RecordBatch.Record> stored = records(queue);
        long min = min(queue);
        if (offset < min || offset > stored.size()) {
            long next = offset < min ? min : stored.size();
            return CompletableFuture.completedFuture(new RecordBatch(List.of(), next, min, stored.size()));
        }
        int end = (int) Math.min(stored.size(), offset + maxRecords);
        return CompletableFuture.completedFuture(
                new RecordBatch(stored.subList((int) offset, end), end, min, stored.size()));
    }

    @Override
    public CompletableFuture<Void> deadLetter(String group, BrokerQueue queue, BrokerMessage message) {
        if (message.queueOffset() < min(queue)) {
            return CompletableFuture.failedFuture(
                    new BrokerException("look message by offset failed, " + message.queueOffset(), null, true));
        }
        deadLetters.add(message);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
}
