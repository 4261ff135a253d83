package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.concurrent.Callbacks;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the group's committed offset at the low watermark, so that stock tools show how far the group is, and recovery starts there
 * should the journal be gone.
 *
 * <p>Commits go out every {@value #COMMIT_PERIOD_MILLIS} ms for queues whose watermark has moved; a failed one is repeated with
 * the next. Thread-safe.
 *
 * <p>The broker takes a lower offset like any other. A commit that was not answered in time may be carried out after the next one, so
 * the committed offset may be behind for a while, at most until the watermark moves again, or until the end if it does not. That is
 * what stock tools show then; the journal knows more, so nothing is delivered again for that.
 */
final class OffsetCommits implements AutoCloseable {
    static final long COMMIT_PERIOD_MILLIS = 200;
    private static final long CLOSE_TIMEOUT_SECONDS = 3;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final BrokerGateway gateway;
    private final ScheduledExecutorService scheduler;
    private final Map<BrokerQueue, Long> watermarks = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, Long> committed = new ConcurrentHashMap<>();
    private final Map<BrokerQueue, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    private volatile @Nullable ScheduledFuture<?> task;

    OffsetCommits(String group, BrokerGateway gateway, ScheduledExecutorService scheduler) {
        this.group = group;
        this.gateway = gateway;
        this.scheduler = scheduler;
    }

    /** Starts to commit. */
    void start() {
        task = scheduler.scheduleWithFixedDelay(
                this::commitMoved, COMMIT_PERIOD_MILLIS, COMMIT_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The queue is owned from now on, and everything below {@code queueOffset} is done. */
    void queueAcquired(BrokerQueue queue, long queueOffset, long committedOffset) {
        committed.put(queue, committedOffset);
        watermarks.put(queue, queueOffset);
    }

    /** The queue belongs to somebody else now. */
    void queueLost(BrokerQueue queue) {
        watermarks.remove(queue);
        committed.remove(queue);
    }

    /** Every message of the queue below {@code queueOffset} is done. */
    void watermarkAdvanced(BrokerQueue queue, long queueOffset) {
        watermarks.computeIfPresent(queue, (key, old) -> Math.max(old, queueOffset));
    }

    private void commitMoved() {
        watermarks.forEach((queue, watermark) -> {
            Long last = committed.get(queue);
            if (last != null && watermark > last) {
                commit(queue, last, watermark);
            }
        });
    }

    /** Completes when the watermark that was told last is committed, or the attempt has failed. */
    CompletableFuture<Void> commitNow(BrokerQueue queue) {
        CompletableFuture<Void> running = underWay.getOrDefault(queue, CompletableFuture.completedFuture(null));
        return running.thenCompose(done -> {
            Long last = committed.get(queue);
            Long watermark = watermarks.get(queue);
            if (last != null && watermark != null && watermark > last) {
                commit(queue, last, watermark);
            }
            return underWay.getOrDefault(queue, CompletableFuture.completedFuture(null));
        });
    }

    /**
     * Commits an offset that may be lower than what was committed before, of a queue that is not owned yet. Fails as the gateway
     * does.
     */
    CompletableFuture<Void> cut(BrokerQueue queue, long queueOffset) {
        // not before an older commit is answered, which would overtake it
        return underWay.getOrDefault(queue, CompletableFuture.completedFuture(null))
                .thenCompose(done -> gateway.commit(group, queue, queueOffset));
    }

    private void commit(BrokerQueue queue, Long last, long watermark) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        if (underWay.putIfAbsent(queue, over) != null) {
            return; // one at a time, so that an older offset does not overtake a newer one
        }
        Callbacks.onDone(gateway.commit(group, queue, watermark), (done, failure) -> {
            if (failure == null) {
                committed.replace(queue, last, watermark); // unless its progress started anew meanwhile
            } else {
                log.warn(
                        "commit of the watermark failed, will be repeated consumerGroup={} queue={} queueOffset={}",
                        group,
                        queue,
                        watermark,
                        failure);
            }
            underWay.remove(queue);
            over.complete(null);
        });
    }

    /** Commits what is not committed yet, and waits for that, for a few seconds at most. */
    @Override
    public void close() {
        ScheduledFuture<?> running = task;
        if (running != null) {
            running.cancel(false);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_TIMEOUT_SECONDS);
        awaitUnderWay(deadline);
        commitMoved();
        awaitUnderWay(deadline);
    }

    private void awaitUnderWay(long deadlineNanos) {
        CompletableFuture<?>[] commits = underWay.values().toArray(new CompletableFuture<?>[0]);
        try {
            CompletableFuture.allOf(commits).get(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("last commit of the watermark failed; the journal knows what is done consumerGroup={}", group, e);
        }
    }
}
