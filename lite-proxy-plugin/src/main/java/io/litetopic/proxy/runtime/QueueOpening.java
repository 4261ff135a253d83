package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.journal.Journal;
import io.litetopic.proxy.journal.JournalException;
import io.litetopic.proxy.journal.JournalStream;
import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Finds out where a group goes on in a queue that it has just locked: takes the queue's journal over, and compares it with what the
 * broker has. Nothing blocks; thread-safe.
 */
final class QueueOpening {
    private static final int ATTEMPTS = 3;
    private static final long RETRY_MILLIS = 200;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final BrokerGateway gateway;
    private final Journal journal;
    private final OffsetCommits commits;
    private final ScheduledExecutorService scheduler;

    QueueOpening(
            String group,
            BrokerGateway gateway,
            Journal journal,
            OffsetCommits commits,
            ScheduledExecutorService scheduler) {
        this.group = group;
        this.gateway = gateway;
        this.journal = journal;
        this.commits = commits;
        this.scheduler = scheduler;
    }

    /**
     * Fails as the journal or the gateway do; what is retryable is tried a few times before. The stream is the caller's to close.
     *
     * @param cut from this offset on the queue holds other messages than it did: what is recorded of these does not count;
     *     {@code Long.MAX_VALUE} if that is not known of any
     */
    CompletableFuture<OpenedQueue> open(BrokerQueue queue, long cut) {
        CompletableFuture<OpenedQueue> result = new CompletableFuture<>();
        open(queue, cut, ATTEMPTS, result);
        return result;
    }

    private void open(BrokerQueue queue, long cut, int attempts, CompletableFuture<OpenedQueue> result) {
        Callbacks.onDone(journal.open(queue), (stream, failure) -> {
            if (failure == null) {
                Callbacks.onDone(compare(queue, cut, stream), (opened, problem) -> {
                    if (problem == null) {
                        result.complete(opened);
                    } else {
                        stream.close();
                        result.completeExceptionally(problem);
                    }
                });
            } else if (attempts > 1 && isRetryable(failure)) {
                Callbacks.later(scheduler, RETRY_MILLIS, () -> open(queue, cut, attempts - 1, result));
            } else {
                result.completeExceptionally(failure);
            }
        });
    }

    private static boolean isRetryable(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof JournalException && ((JournalException) cause).isRetryable();
    }

    private CompletableFuture<OpenedQueue> compare(BrokerQueue queue, long cut, JournalStream stream) {
        CompletableFuture<Long> committed = gateway.committedOffset(group, queue);
        CompletableFuture<Long> min = gateway.minOffset(queue);
        CompletableFuture<Long> max = gateway.maxOffset(queue);
        return CompletableFuture.allOf(committed, min, max).thenCompose(done -> {
            QueueState state = stream.recovered();
            if (isWithin(queue, state, committed.join(), min.join(), Math.min(cut, max.join()))) {
                return CompletableFuture.completedFuture(new OpenedQueue(stream, state, committed.join()));
            }
            // Both, before anything is read: whoever opens the queue next believes the greater.
            return writeAll(stream, state)
                    .thenCompose(written -> commits.cut(queue, state.watermark()))
                    .thenApply(lowered -> new OpenedQueue(stream, state, state.watermark()));
        });
    }

    /** False if the state said more than the broker has up to {@code end}, so that it was cut. */
    private boolean isWithin(BrokerQueue queue, QueueState state, long committed, long min, long end) {
        long recorded = state.watermark();
        state.raiseWatermark(committed);
        if (state.watermark() == 0) {
            state.raiseWatermark(min); // a group that has consumed nothing begins with what there is
        }
        long beyond = state.truncate(end);
        if (beyond > 0) {
            log.error(
                    "the queue ends before what was consumed of it: the broker has lost messages or the topic was created"
                            + " anew; going on there consumerGroup={} queue={} journalOffset={} committedOffset={}"
                            + " minOffset={} end={} consumedBeyond={}",
                    group,
                    queue,
                    recorded,
                    committed,
                    min,
                    end,
                    beyond);
        }
        return beyond == 0;
    }

    /**
     * Writes the state as a snapshot. The journal must not say any more that messages are done which do not exist: others get their
     * offsets.
     */
    private static CompletableFuture<Void> writeAll(JournalStream stream, QueueState state) {
        StateChanges.Builder all = StateChanges.builder(state.watermark()).doneRuns(state.doneRuns());
        state.liteTopics().forEach(all::set);
        all.subscriptionsSince(state.subscriptionsSince());
        for (Map.Entry<String, Set<String>> client : state.subscriptions().entrySet()) {
            all.client(new ClientChange(
                    client.getKey(), true, new ArrayList<>(client.getValue()), Collections.emptyList()));
        }
        return CompletableFuture.allOf(
                stream.beginSnapshot(), stream.appendSnapshotPart(all.build()), stream.endSnapshot());
    }
}
