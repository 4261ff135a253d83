package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.RecordBatch;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes one stream, one record at a time. The next one goes out when the last is known to be stored with no other owner's
 * {@link RecordType#ACQUIRED} before it: since the owner is the only one to write, its records get consecutive offsets, and where
 * one does not, what lies between is read.
 *
 * <p>Its monitor guards its fields, except for those of who sends; futures complete outside of it, on a thread of the scheduler.
 */
final class TopicStream implements JournalStream {
    static final long FIRST_RETRY_MILLIS = 100;
    static final long MAX_RETRY_MILLIS = 2_000;
    /** A broker that says so often that the stream's queue is not there means it. */
    static final int MAX_MISSING_ANSWERS = 3;

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");
    private static final byte[] NO_BODY = {};

    private final BrokerQueue stream;
    private final long epoch;
    private final long writer;
    private final BrokerGateway gateway;
    private final RecordReader reader;
    private final ScheduledExecutorService scheduler;
    private final StreamClock clock;
    private final LongSupplier nanoClock;

    /** The first one is being written while {@link #records} is not empty. */
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    /** What is left to write of the first pending one. */
    private final ArrayDeque<byte[]> records = new ArrayDeque<>();

    private final SnapshotNeed snapshotNeed;
    private @Nullable QueueState recovered;
    private boolean snapshotUnderWay;
    /** Those that have begun for the caller but are not written yet. */
    private int waitingSnapshots;

    private int failures;
    /** Of these the last ones that were the broker's answer that the queue is not there. */
    private int missingAnswers;

    private @Nullable StreamLostException lost;

    // one thread at a time, that which sends
    private long lastOffset;
    private long sequence;
    private long recoverFrom;
    private long snapshotBegin = JournalRecord.NONE;

    /** Something to write. */
    private static final class Pending {
        private final RecordType type;
        private final @Nullable StateChanges changes;
        private final long sinceNanos;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Pending(RecordType type, @Nullable StateChanges changes, long sinceNanos) {
            this.type = type;
            this.changes = changes;
            this.sinceNanos = sinceNanos;
        }
    }

    TopicStream(
            BrokerQueue stream,
            StreamOpening.Opened opened,
            BrokerGateway gateway,
            RecordReader reader,
            ScheduledExecutorService scheduler,
            LongSupplier nanoClock) {
        this.stream = stream;
        this.epoch = opened.epoch;
        this.writer = opened.writer;
        this.lastOffset = opened.epoch;
        this.recoverFrom = opened.recoverFrom;
        this.recovered = opened.fold.state();
        this.snapshotNeed = opened.fold.snapshotNeed();
        this.gateway = gateway;
        this.reader = reader;
        this.scheduler = scheduler;
        this.clock = opened.clock;
        this.nanoClock = nanoClock;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public synchronized QueueState recovered() {
        QueueState result = recovered;
        if (result == null) {
            throw new IllegalStateException("the recovered state of stream " + stream + " was handed over already");
        }
        recovered = null;
        return result;
    }

    @Override
    public long earliestNowMillis() {
        return clock.earliestMillis();
    }

    @Override
    public long latestNowMillis() {
        return clock.latestMillis();
    }

    @Override
    public CompletableFuture<Void> append(StateChanges changes) {
        return add(RecordType.CHANGES, changes);
    }

    @Override
    public synchronized boolean wantsSnapshot() {
        return lost == null && waitingSnapshots == 0 && snapshotNeed.isDue(clock.earliestMillis());
    }

    @Override
    public CompletableFuture<Void> beginSnapshot() {
        return add(RecordType.SNAPSHOT_BEGIN, null);
    }

    @Override
    public CompletableFuture<Void> appendSnapshotPart(StateChanges part) {
        return add(RecordType.SNAPSHOT_PART, part);
    }

    @Override
    public CompletableFuture<Void> endSnapshot() {
        return add(RecordType.SNAPSHOT_END, null);
    }

    @Override
    public synchronized long oldestPendingNanos() {
        Pending oldest = pending.peekFirst();
        return oldest == null ? 0 : nanoClock.getAsLong() - oldest.sinceNanos;
    }

    @Override
    public void close() {
        lose(new StreamLostException("stream " + stream + " is closed [epoch=" + epoch + "]"));
    }

    private CompletableFuture<Void> add(RecordType type, @Nullable StateChanges changes) {
        Pending added;
        StreamLostException failure;
        boolean idle;
        synchronized (this) {
            checkSnapshot(type);
            added = new Pending(type, changes, nanoClock.getAsLong());
            failure = lost;
            idle = pending.isEmpty();
            if (failure == null) {
                pending.addLast(added);
            }
        }
        if (failure != null) {
            added.done.completeExceptionally(failure);
        } else if (idle) {
            Callbacks.later(scheduler, 0, this::sendFirst);
        }
        return added.done;
    }

    private void checkSnapshot(RecordType type) {
        if (type == RecordType.SNAPSHOT_BEGIN) {
            snapshotUnderWay = true;
            waitingSnapshots++;
        } else if (type != RecordType.CHANGES && !snapshotUnderWay) {
            throw new IllegalStateException("no snapshot has begun; call beginSnapshot() first");
        } else if (type == RecordType.SNAPSHOT_END) {
            snapshotUnderWay = false;
        }
    }

    /** Called by one thread at a time: by who added the first one, or by who was told that the one before is stored. */
    private void sendFirst() {
        Pending first;
        synchronized (this) {
            first = pending.peekFirst();
        }
        if (first == null) {
            return;
        }
        List<byte[]> encoded = encode(first);
        synchronized (this) {
            if (lost != null) {
                return;
            }
            records.addAll(encoded);
            count(first.type, encoded);
        }
        send(encoded.get(0));
    }

    private List<byte[]> encode(Pending first) {
        List<byte[]> bodies;
        if (first.changes != null) {
            bodies = BodyCodec.changes(first.changes);
        } else if (first.type == RecordType.SNAPSHOT_END) {
            bodies = Collections.singletonList(BodyCodec.snapshotEnd(snapshotBegin));
        } else {
            bodies = Collections.singletonList(NO_BODY);
        }
        List<byte[]> encoded = new ArrayList<>(bodies.size());
        for (byte[] body : bodies) {
            encoded.add(RecordCodec.encode(first.type, epoch, recoverFrom, writer, ++sequence, body));
        }
        return encoded;
    }

    private void count(RecordType type, List<byte[]> encoded) {
        for (byte[] record : encoded) {
            if (type == RecordType.CHANGES) {
                snapshotNeed.changed(record.length);
            } else if (type == RecordType.SNAPSHOT_PART) {
                snapshotNeed.snapshotPart(record.length);
            } else if (type == RecordType.SNAPSHOT_BEGIN) {
                waitingSnapshots--;
                snapshotNeed.snapshotBegun(clock.earliestMillis());
            }
        }
    }

    private synchronized boolean isLost() {
        return lost != null;
    }

    private void send(byte[] record) {
        if (isLost()) {
            return;
        }
        CompletableFuture<Long> answer;
        try {
            answer = gateway.append(stream, record);
        } catch (RuntimeException e) {
            retry(e, () -> send(record));
            return;
        }
        Callbacks.onDone(
                answer,
                (offset, failure) -> {
                    if (failure != null) {
                        retry(failure, () -> send(record));
                    } else {
                        confirm(offset);
                    }
                },
                scheduler);
    }

    /** The record is stored, or the attempt before may have stored it too: twice is no harm. */
    private void retry(Throwable reason, Runnable again) {
        long delayMillis;
        boolean firstFailure;
        int waiting;
        BrokerException answer = TopicJournal.brokerException(reason);
        boolean isMissing = answer != null && answer.isQueueMissing() && !answer.isRetryable();
        boolean isGone;
        synchronized (this) {
            if (lost != null) {
                return;
            }
            delayMillis = Math.min(MAX_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
            firstFailure = failures++ == 0;
            missingAnswers = isMissing ? missingAnswers + 1 : 0;
            isGone = missingAnswers >= MAX_MISSING_ANSWERS;
            waiting = pending.size();
        }
        if (isGone) {
            lose(new StreamLostException(
                    "stream " + stream + " is not there any more: its topic was deleted, or its broker"
                            + " has come back with an empty store [epoch=" + epoch + "]: " + reason.getMessage()));
            return;
        }
        if (firstFailure) {
            log.warn(
                    "journal: cannot write, will try until it works stream={} epoch={} pendingChanges={} reason={}",
                    stream,
                    epoch,
                    waiting,
                    reason.getMessage());
        }
        Callbacks.later(scheduler, delayMillis, again);
    }

    private void confirm(long offset) {
        long expected = lastOffset + 1;
        if (offset == expected) {
            stored(offset);
        } else if (offset < expected) {
            lose(new StreamLostException("stream " + stream + " is shorter than it was: a record got queue offset "
                    + offset + " instead of " + expected + "; the broker has lost records or was replaced [epoch="
                    + epoch + "]"));
        } else {
            inspect(expected, offset);
        }
    }

    /** Looks for another owner between our last record and this one. */
    private void inspect(long from, long offset) {
        if (isLost()) {
            return;
        }
        Callbacks.onDone(reader.read(stream, from, offset, new OwnerSearch()), (done, failure) -> {
            if (failure == null) {
                stored(offset);
                return;
            }
            JournalException known = TopicJournal.journalException(failure);
            if (known instanceof StreamLostException) {
                lose((StreamLostException) known);
            } else {
                retry(failure, () -> inspect(from, offset));
            }
        });
    }

    private void stored(long offset) {
        Pending complete = null;
        byte[] next = null;
        boolean worksAgain;
        boolean more;
        synchronized (this) {
            if (lost != null) {
                return;
            }
            worksAgain = failures > 0;
            failures = 0;
            missingAnswers = 0;
            lastOffset = offset;
            records.removeFirst();
            next = records.peekFirst();
            if (next == null) {
                complete = pending.removeFirst();
                note(complete.type, offset);
            }
            more = !pending.isEmpty();
        }
        if (worksAgain) {
            log.info("journal: writes again stream={} epoch={}", stream, epoch);
        }
        if (complete != null) {
            complete.done.complete(null);
        }
        if (next != null) {
            send(next);
        } else if (more) {
            sendFirst();
        }
    }

    private void note(RecordType type, long offset) {
        if (type == RecordType.SNAPSHOT_BEGIN) {
            snapshotBegin = offset;
        } else if (type == RecordType.SNAPSHOT_END) {
            recoverFrom = snapshotBegin;
            snapshotNeed.snapshotEnded();
        }
    }

    private void lose(StreamLostException reason) {
        List<Pending> failed;
        synchronized (this) {
            if (lost != null) {
                return;
            }
            lost = reason;
            failed = new ArrayList<>(pending);
            pending.clear();
            records.clear();
        }
        failed.forEach(each -> each.done.completeExceptionally(reason));
    }

    /** Fails with a {@link StreamLostException} if another owner may have taken the stream over. */
    private final class OwnerSearch implements RecordReader.Sink {
        @Override
        public void record(RecordBatch.Record record) throws StreamLostException {
            JournalRecord decoded;
            try {
                decoded = RecordCodec.decode(record.bytes());
            } catch (DamagedRecordException | LaterFormatException e) {
                throw new StreamLostException("stream " + stream + " has a record at queue offset "
                        + record.queueOffset() + " that cannot be read and may be another owner's [epoch=" + epoch
                        + "]: " + e.getMessage());
            }
            if (decoded.type() == RecordType.ACQUIRED) {
                throw new StreamLostException("stream " + stream + " was taken over by '" + decoded.ownerId()
                        + "' [epoch=" + epoch + ", epoch of the new owner=" + record.queueOffset() + "]");
            }
            if (decoded.epoch() > epoch) { // its ACQUIRED record has been here, and is gone
                throw new StreamLostException("stream " + stream + " has a record of a later owner at queue offset "
                        + record.queueOffset() + " [epoch=" + epoch + ", epoch of the later owner=" + decoded.epoch()
                        + "]");
            }
        }

        @Override
        public void hole(long from, long end) throws StreamLostException {
            throw new StreamLostException("the broker does not have queue offsets " + from + " to " + (end - 1)
                    + " of stream " + stream + ", which may be another owner's [epoch=" + epoch + "]");
        }
    }
}
