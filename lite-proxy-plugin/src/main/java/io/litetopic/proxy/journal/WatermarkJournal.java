package io.litetopic.proxy.journal;

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
 * Keeps the group's committed offset at the low watermark, so that nothing is lost in a crash. Acks above the watermark,
 * suspends and subscriptions live in memory only: after a crash those messages are delivered again.
 *
 * <p>Commits go out every {@value #COMMIT_PERIOD_MILLIS} ms for queues whose watermark has moved; a failed one is repeated with
 * the next. Thread-safe.
 */
public final class WatermarkJournal implements JournalStore {
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

    public WatermarkJournal(String group, BrokerGateway gateway, ScheduledExecutorService scheduler) {
        this.group = group;
        this.gateway = gateway;
        this.scheduler = scheduler;
    }

    /** Starts to commit. */
    public void start() {
        task = scheduler.scheduleWithFixedDelay(
                this::commitMoved, COMMIT_PERIOD_MILLIS, COMMIT_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void queueAcquired(BrokerQueue queue, long queueOffset) {
        committed.put(queue, queueOffset);
        watermarks.put(queue, queueOffset);
    }

    @Override
    public void queueLost(BrokerQueue queue) {
        watermarks.remove(queue);
        committed.remove(queue);
    }

    @Override
    public void watermarkAdvanced(BrokerQueue queue, long queueOffset) {
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

    private void commit(BrokerQueue queue, Long last, long watermark) {
        if (underWay.containsKey(queue)) {
            return; // one at a time, so that an older offset never overtakes a newer one
        }
        CompletableFuture<Void> over = new CompletableFuture<>();
        underWay.put(queue, over);
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
            log.warn(
                    "last commit of the watermark failed; acked messages above the committed offset will be delivered"
                            + " again consumerGroup={}",
                    group,
                    e);
        }
    }
}
