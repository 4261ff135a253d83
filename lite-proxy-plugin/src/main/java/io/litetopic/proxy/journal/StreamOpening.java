package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.RecordBatch;
import io.litetopic.proxy.concurrent.Callbacks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes one stream over. Steps: find where recovery starts from the last records; read from there; if the snapshot there turns out
 * incomplete, read everything; append {@link RecordType#ACQUIRED}, whose queue offset is the epoch; read what came in between, up to
 * that record. So a stream that cannot be read does not grow with each attempt. One step after the other, each on a thread of the
 * scheduler.
 */
final class StreamOpening {
    /** So many records are looked at, from the last one back, for one that says where recovery starts. */
    static final int MAX_RECORDS_BACK = 16;

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final BrokerQueue stream;
    private final String ownerId;
    private final long writer;
    private final boolean skipDamaged;
    private final BrokerGateway gateway;
    private final RecordReader reader;
    private final ScheduledExecutorService scheduler;
    private final LongSupplier nanoClock;
    private final CompletableFuture<Opened> result = new CompletableFuture<>();

    private long minOffset;
    private long maxOffset;
    private long start;
    private long epoch;
    private long acquireSentNanos;
    private long acquiredNanos;
    private long acquiredMillis;

    /** A stream that is taken over. */
    static final class Opened {
        final long epoch;
        final long writer;
        /** For the records of this epoch, until it has a snapshot of its own. */
        final long recoverFrom;

        final StreamFold fold;
        final StreamClock clock;

        Opened(long epoch, long writer, long recoverFrom, StreamFold fold, StreamClock clock) {
            this.epoch = epoch;
            this.writer = writer;
            this.recoverFrom = recoverFrom;
            this.fold = fold;
            this.clock = clock;
        }
    }

    StreamOpening(
            BrokerQueue stream,
            String ownerId,
            long writer,
            boolean skipDamaged,
            BrokerGateway gateway,
            RecordReader reader,
            ScheduledExecutorService scheduler,
            LongSupplier nanoClock) {
        this.stream = stream;
        this.ownerId = ownerId;
        this.writer = writer;
        this.skipDamaged = skipDamaged;
        this.gateway = gateway;
        this.reader = reader;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
    }

    /** At most once. @return fails with a {@link JournalException} */
    CompletableFuture<Opened> start() {
        then("find the first record of", () -> gateway.minOffset(stream), min -> {
            minOffset = min;
            then("find the last record of", () -> gateway.maxOffset(stream), max -> {
                maxOffset = max;
                findStart();
            });
        });
        return result;
    }

    private void findStart() {
        LastRecords last = new LastRecords(minOffset);
        long from = Math.max(minOffset, maxOffset - MAX_RECORDS_BACK);
        then("read the last records of", () -> reader.read(stream, from, maxOffset, last), done -> {
            start = last.recoverFrom() == JournalRecord.NONE ? minOffset : last.recoverFrom();
            boolean allDeleted = maxOffset > 0 && minOffset == maxOffset;
            if (start < minOffset || allDeleted) {
                warnOfDeletedRecords();
                start = minOffset;
            }
            recover();
        });
    }

    private void recover() {
        RecoverySink sink = new RecoverySink();
        then("read", () -> reader.read(stream, start, maxOffset, sink), done -> {
            if (start > minOffset && !sink.fold.hasSnapshot(start)) {
                log.warn(
                        "journal: no complete snapshot where the last record says, all records are read instead stream={}"
                                + " queueOffset={} minOffset={}",
                        stream,
                        start,
                        minOffset);
                start = minOffset;
                recover();
                return;
            }
            acquire(sink);
        });
    }

    private void acquire(RecoverySink sink) {
        byte[] record = RecordCodec.encode(
                RecordType.ACQUIRED, JournalRecord.NONE, start, writer, 0, BodyCodec.acquired(ownerId));
        acquireSentNanos = nanoClock.getAsLong();
        then("append to", () -> gateway.append(stream, record), offset -> {
            acquiredNanos = nanoClock.getAsLong();
            epoch = offset;
            if (epoch < maxOffset) {
                fail(new JournalException(
                        "stream " + stream + " has become shorter while it was opened: it was read up to queue offset "
                                + (maxOffset - 1) + ", but the next record got offset " + epoch,
                        null,
                        true));
                return;
            }
            then("read", () -> reader.read(stream, maxOffset, epoch + 1, sink), done -> finish(sink.fold));
        });
    }

    private void finish(StreamFold fold) {
        // The writer too: a stream that lost its end gives the same offsets out again.
        if (fold.epoch() != epoch || fold.writer() != writer) {
            fail(new JournalException(
                    "stream " + stream + " has changed while it was opened: the record at queue offset " + epoch
                            + " is not the one that was appended",
                    null,
                    true));
            return;
        }
        if (fold.missing() > 0) {
            log.error(
                    "journal: the broker has lost records that it had confirmed; acked messages may be delivered again and"
                            + " suspended lite topics may resume early stream={} gaps={}",
                    stream,
                    fold.missing());
        }
        long snapshot = fold.lastCompleteSnapshot();
        log.info(
                "journal: stream taken over stream={} owner={} epoch={} readFrom={} ignoredRecords={}",
                stream,
                ownerId,
                epoch,
                start,
                fold.ignored());
        StreamClock clock = new StreamClock(acquiredMillis, acquireSentNanos, acquiredNanos, nanoClock);
        result.complete(new Opened(epoch, writer, snapshot == JournalRecord.NONE ? start : snapshot, fold, clock));
    }

    private void warnOfDeletedRecords() {
        log.warn(
                "journal: the broker has deleted records that were still needed; what they said is lost: messages acked above"
                        + " the committed offset may be delivered again, suspended lite topics may resume early, subscriptions"
                        + " return when clients next send them; raise the broker's fileReservedTime if groups rest for that"
                        + " long stream={} firstRecordLeft={}",
                stream,
                minOffset);
    }

    private interface Call<T> {
        CompletableFuture<T> start();
    }

    private interface Step<T> {
        void next(T value);
    }

    private <T> void then(String what, Call<T> call, Step<T> step) {
        CompletableFuture<T> answer;
        try {
            answer = call.start();
        } catch (RuntimeException e) {
            fail(failure(what, e));
            return;
        }
        Callbacks.onDone(
                answer,
                (value, error) -> {
                    if (error != null) {
                        fail(failure(what, error));
                        return;
                    }
                    try {
                        step.next(value);
                    } catch (RuntimeException e) {
                        fail(new JournalException("cannot open stream " + stream + ": " + e, e, false));
                    }
                },
                scheduler);
    }

    private JournalException failure(String what, Throwable error) {
        JournalException known = TopicJournal.journalException(error);
        return known != null
                ? known
                : new JournalException("cannot " + what + " stream " + stream + ": " + error.getMessage(), error, true);
    }

    private void fail(JournalException e) {
        result.completeExceptionally(e);
    }

    /** Finds the last record that says where recovery starts. What cannot be read here is reported if recovery meets it. */
    private static final class LastRecords implements RecordReader.Sink {
        private final long minOffset;
        private long recoverFrom = JournalRecord.NONE;

        LastRecords(long minOffset) {
            this.minOffset = minOffset;
        }

        @Override
        public void record(RecordBatch.Record record) {
            long said;
            try {
                said = RecordCodec.decode(record.bytes()).recoverFrom();
            } catch (DamagedRecordException | LaterFormatException expected) {
                return;
            }
            // a later one of a former owner may still say what was deleted since
            if (said <= record.queueOffset() && (said >= minOffset || recoverFrom < minOffset)) {
                recoverFrom = said;
            }
        }

        @Override
        public void hole(long from, long end) {}

        long recoverFrom() {
            return recoverFrom;
        }
    }

    private final class RecoverySink implements RecordReader.Sink {
        private final StreamFold fold = new StreamFold();

        @Override
        public void record(RecordBatch.Record record) throws JournalException {
            JournalRecord decoded;
            try {
                decoded = RecordCodec.decode(record.bytes());
            } catch (DamagedRecordException e) {
                damaged(record.queueOffset(), record.queueOffset() + 1, e.bytePosition(), e.getMessage(), e);
                return;
            } catch (LaterFormatException e) {
                throw new JournalException(
                        "stream " + stream + " was written by a later release: the record at queue offset "
                                + record.queueOffset() + " has " + e.getMessage()
                                + "; run that release, or a later one",
                        e,
                        false);
            }
            if (record.queueOffset() == epoch) {
                acquiredMillis = record.storeTimestampMillis();
            }
            fold.accept(record.queueOffset(), record.storeTimestampMillis(), record.bytes().length, decoded);
        }

        @Override
        public void hole(long from, long end) throws JournalException {
            damaged(from, end, 0, "the broker does not have it", null);
        }

        private void damaged(long from, long end, int bytePosition, @Nullable String problem, @Nullable Exception cause)
                throws JournalException {
            if (!skipDamaged) {
                throw new JournalException(
                        "journal is damaged [topic=" + stream.topic() + ", broker=" + stream.brokerName() + ", queue="
                                + stream.queueId() + ", queueOffset=" + from
                                + (end > from + 1 ? " to " + (end - 1) : "") + ", bytePosition=" + bytePosition + "]: "
                                + problem
                                + "; restore the broker's store, or set journal.onDamage to skip in the plugin's"
                                + " configuration file and restart the proxy: acked messages may then be delivered again"
                                + " and suspended lite topics resume early",
                        cause,
                        false);
            }
            fold.skip(from, end);
            log.error(
                    "journal: damaged records skipped; acked messages may be delivered again and suspended lite topics may"
                            + " resume early topic={} broker={} queue={} queueOffset={} records={} bytePosition={} problem={}",
                    stream.topic(),
                    stream.brokerName(),
                    stream.queueId(),
                    from,
                    end - from,
                    bytePosition,
                    problem);
        }
    }
}
