package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Queues in memory, with the broker's rules for offsets and locks, that a test can break. Thread-safe. */
public final class InMemoryBroker implements BrokerGateway {
    private final Map<BrokerQueue, List<BrokerMessage>> messages = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, Long> committed = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, Long> lastPulled = new ConcurrentHashMap<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Map<BrokerQueue, Long> minOffsets = new ConcurrentHashMap<>();
    private volatile @Nullable String offsetFailure;
    private volatile Duration longestWait = Duration.ofMillis(50);
    private final Set<BrokerMessage> deadLetters = ConcurrentHashMap.newKeySet();

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

    /** The first offset that is still there. */
    public void deleteBefore(BrokerQueue queue, long offset) {
        minOffsets.put(queue, offset);
    }

    /** From now on questions for offsets fail. */
    public void failOffsets(String reason) {
        offsetFailure = reason;
    }

    /** From now on a pull that finds nothing is answered when its time is up, not after a moment. */
    public void letPullsWait() {
        longestWait = Duration.ofDays(1);
    }

    private long min(BrokerQueue queue) {
        return minOffsets.getOrDefault(queue, 0L);
    }

    private CompletableFuture<Long> offset(long offset) {
        String failure = offsetFailure;
        return failure == null
                ? CompletableFuture.completedFuture(offset)
                : CompletableFuture.failedFuture(new BrokerException(failure, null, true));
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
        Set<BrokerQueue> locked = new HashSet<>(queues);
        locked.removeIf(queue -> refused.contains(group + queue));
        return CompletableFuture.completedFuture(locked);
    }

    @Override
    public CompletableFuture<Void> unlock(String group, String ownerId, Set<BrokerQueue> queues) {
        return CompletableFuture.completedFuture(null);
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
    public CompletableFuture<Void> deadLetter(String group, BrokerQueue queue, BrokerMessage message) {
        deadLetters.add(message);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
}
