package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.journal.JournalStream;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.StateChanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what changes in the engine of one group: of each owned queue what has come together in a flush interval, one write at a
 * time, and parts of a snapshot in between when one is due. A journal that does not keep up stops deliveries, so that what a crash
 * would forget stays bounded.
 *
 * <p>Owner: engine thread.
 */
final class GroupJournal {
    /** Changes that may wait to be written while the journal does not answer. */
    static final int MAX_WAITING_CHANGES = 10_000;

    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** For how long parts of a snapshot are collected at a time; the engine delivers in between. */
    private static final long SNAPSHOT_TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** How many parts are written at a time: changes wait until all of them are stored. */
    private static final int SNAPSHOT_TURN_PARTS = 8;

    private static final long SNAPSHOT_LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    /** The group that this belongs to. */
    interface Owner {
        GroupEngine engine();

        /** Runs a command on the engine thread, or the other on any thread if that one has ended. */
        void tell(LongConsumer command, Runnable ifClosed);

        /** Whether all queues that are this proxy's are owned. */
        boolean ownsAll();

        /** Nothing can be written for the queue any more, though it is not lost as far as is known. */
        void streamLost(BrokerQueue queue, Throwable reason);
    }

    /** One owned queue. */
    private static final class Writer {
        final int slot;
        final BrokerQueue queue;
        final JournalStream stream;
        boolean isBusy;
        boolean needsSnapshot;
        boolean inSnapshot;
        boolean isFirstPart;
        long nextFlushNanos;
        long nextLookNanos;
        /** Completed when what has changed until now is stored. */
        List<CompletableFuture<Void>> waiting = new ArrayList<>();

        Writer(int slot, BrokerQueue queue, JournalStream stream, long nowNanos) {
            this.slot = slot;
            this.queue = queue;
            this.stream = stream;
            this.nextFlushNanos = nowNanos;
            this.nextLookNanos = nowNanos;
        }
    }

    private final String group;
    private final long flushNanos;
    private final Owner owner;
    private final GroupStatistics statistics;
    private final Map<Integer, Writer> writers = new TreeMap<>();
    private long newestSubscriptions = LiteTopicState.NONE;
    private boolean isStalled;

    GroupJournal(String group, Duration flushInterval, Owner owner, GroupStatistics statistics) {
        this.group = group;
        this.flushNanos = flushInterval.toNanos();
        this.owner = owner;
        this.statistics = statistics;
    }

    /** The engine has the queue, as {@code opened} says. */
    void acquired(int slot, BrokerQueue queue, OpenedQueue opened, long nowNanos) {
        Writer writer = new Writer(slot, queue, opened.stream(), nowNanos);
        writers.put(slot, writer);
        long since = opened.state().subscriptionsSince();
        if (since > newestSubscriptions) {
            newestSubscriptions = since;
            owner.engine().restoreSubscriptions(opened.state().subscriptions(), nowNanos);
            owner.engine().carrySubscriptionsWith(slot, since, true);
        }
    }

    /** Nothing of the queue is written any more. */
    void lost(int slot) {
        Writer writer = writers.remove(slot);
        if (writer != null) {
            writer.stream.close();
            writer.waiting.forEach(one -> one.completeExceptionally(
                    new UnavailableException("the queue has gone to another proxy before that was written")));
        }
    }

    /**
     * Completes, on the engine thread, when all that has changed of the queue until now is stored; fails if the queue is lost before.
     */
    CompletableFuture<Void> stored(int slot, long nowNanos) {
        Writer writer = writers.get(slot);
        if (writer == null || (!writer.isBusy && !owner.engine().hasChanges(slot))) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> result = new CompletableFuture<>();
        writer.waiting.add(result);
        writer.nextFlushNanos = nowNanos;
        return result;
    }

    /** Time of the broker of an owned queue, in ms since 1970; not later. */
    long nowMillis(int slot) {
        Writer writer = writers.get(slot);
        if (writer == null) {
            throw new IllegalStateException("not owned: slot=" + slot);
        }
        return writer.stream.earliestNowMillis();
    }

    /** Writes what is due. */
    void dispatch(long nowNanos) {
        if (writers.isEmpty()) {
            return;
        }
        carrySubscriptions();
        GroupEngine engine = owner.engine();
        long changes = engine.changesNotTaken();
        boolean isMuch = changes > MAX_WAITING_CHANGES / 2;
        for (Writer writer : writers.values()) {
            if (writer.isBusy) {
                continue;
            }
            boolean flushes = (isMuch || nowNanos - writer.nextFlushNanos >= 0) && engine.hasChanges(writer.slot);
            if (flushes || writer.inSnapshot || writer.needsSnapshot || nowNanos - writer.nextLookNanos >= 0) {
                write(writer, nowNanos);
            } else if (!writer.waiting.isEmpty() && !engine.hasChanges(writer.slot)) {
                List<CompletableFuture<Void>> waiting = writer.waiting;
                writer.waiting = new ArrayList<>();
                complete(waiting);
            }
        }
        lookWhetherItKeepsUp(engine, changes);
    }

    /** When {@link #dispatch} is due next. */
    long nextDeadlineNanos() {
        long next = Long.MAX_VALUE;
        GroupEngine engine = owner.engine();
        for (Writer writer : writers.values()) {
            if (writer.isBusy) {
                continue; // what comes next is decided when that is over
            }
            if (writer.inSnapshot || writer.needsSnapshot) {
                return EngineLoop.nowNanos();
            }
            if (engine.hasChanges(writer.slot)) {
                next = Math.min(next, writer.nextFlushNanos);
            }
        }
        return next;
    }

    private void write(Writer writer, long nowNanos) {
        GroupEngine engine = owner.engine();
        long nowMillis = writer.stream.latestNowMillis();
        CompletableFuture<Void> last = null;
        if (engine.hasChanges(writer.slot)) {
            last = writer.stream.append(engine.takeChanges(writer.slot, nowNanos, nowMillis));
        }
        writer.nextLookNanos = nowNanos + SNAPSHOT_LOOK_NANOS;
        if (writer.needsSnapshot || writer.stream.wantsSnapshot()) {
            writer.needsSnapshot = false;
            writer.inSnapshot = true;
            writer.isFirstPart = true;
            engine.beginSnapshot(writer.slot);
            last = writer.stream.beginSnapshot();
        }
        CompletableFuture<Void> lastPart = appendSnapshotParts(writer, nowNanos, nowMillis);
        last = lastPart == null ? last : lastPart;
        writer.nextFlushNanos = nowNanos + flushNanos;
        List<CompletableFuture<Void>> waiting = writer.waiting;
        writer.waiting = new ArrayList<>();
        if (last == null) {
            complete(waiting);
            return;
        }
        writer.isBusy = true;
        Callbacks.onDone(
                last,
                (done, failure) ->
                        owner.tell(now -> written(writer, waiting, failure), () -> complete(waiting, failure)));
    }

    /** Null if there was nothing to append. */
    private @Nullable CompletableFuture<Void> appendSnapshotParts(Writer writer, long nowNanos, long nowMillis) {
        CompletableFuture<Void> last = null;
        int parts = 0;
        long started = System.nanoTime();
        while (writer.inSnapshot && parts < SNAPSHOT_TURN_PARTS && System.nanoTime() - started < SNAPSHOT_TURN_NANOS) {
            StateChanges part = owner.engine().nextSnapshotPart(writer.slot, nowNanos, nowMillis);
            if (part == null) {
                writer.inSnapshot = false;
                last = writer.stream.endSnapshot();
            } else if (!part.isEmpty() || writer.isFirstPart) { // the first one has the watermark in any case
                writer.isFirstPart = false;
                last = writer.stream.appendSnapshotPart(part);
                parts++;
            }
        }
        return last;
    }

    private void written(Writer writer, List<CompletableFuture<Void>> waiting, @Nullable Throwable failure) {
        writer.isBusy = false;
        if (failure == null && writers.get(writer.slot) == writer) {
            owner.engine().changesStored(writer.slot);
        }
        complete(waiting, failure);
        if (failure != null && writers.get(writer.slot) == writer) {
            owner.streamLost(writer.queue, failure);
        }
    }

    private static void complete(List<CompletableFuture<Void>> waiting) {
        complete(waiting, null);
    }

    private static void complete(List<CompletableFuture<Void>> waiting, @Nullable Throwable failure) {
        for (CompletableFuture<Void> one : waiting) {
            if (failure == null) {
                one.complete(null);
            } else {
                one.completeExceptionally(failure);
            }
        }
    }

    /** Subscriptions are written down with one of the queues: that which has the newest, else the first. */
    private void carrySubscriptions() {
        if (owner.engine().subscriptionCarrier() < 0 && owner.ownsAll()) {
            Writer writer = writers.values().iterator().next();
            newestSubscriptions = Math.max(writer.stream.latestNowMillis(), newestSubscriptions + 1);
            owner.engine().carrySubscriptionsWith(writer.slot, newestSubscriptions, false);
            writer.needsSnapshot = true;
        }
    }

    private void lookWhetherItKeepsUp(GroupEngine engine, long changes) {
        boolean isSlow = false;
        for (Writer writer : writers.values()) {
            isSlow |= writer.isBusy && writer.stream.oldestPendingNanos() > SLOW_NANOS;
        }
        if (isSlow && changes > MAX_WAITING_CHANGES && !isStalled) {
            isStalled = true;
            statistics.countJournalStall();
            engine.stopDelivering(true);
            log.warn(
                    "the journal does not keep up, nothing is delivered until it does consumerGroup={} waitingChanges={}",
                    group,
                    changes);
        } else if (isStalled && (!isSlow || changes < MAX_WAITING_CHANGES / 2)) {
            isStalled = false;
            engine.stopDelivering(false);
            log.info("the journal keeps up again, deliveries go on consumerGroup={}", group);
        }
    }

    /** Nothing is written any more. */
    void close() {
        new ArrayList<>(writers.keySet()).forEach(this::lost);
    }
}
