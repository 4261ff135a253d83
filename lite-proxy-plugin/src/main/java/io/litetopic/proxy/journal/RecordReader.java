package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.RecordBatch;
import io.litetopic.proxy.concurrent.Callbacks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads records that are known to be stored, all of a range. Thread-safe; never blocks. */
final class RecordReader {
    private static final int MAX_RECORDS = 32;
    /** Brokers confirm a record before their readers see it. */
    private static final long VISIBLE_AFTER_MILLIS = 10;

    private static final long VISIBLE_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final String group;
    private final BrokerGateway gateway;
    private final ScheduledExecutorService scheduler;

    /** Takes what is read. Called by one thread at a time. */
    interface Sink {
        void record(RecordBatch.Record record) throws JournalException;

        /** The broker does not have offsets {@code from} to {@code end}, exclusive. */
        void hole(long from, long end) throws JournalException;
    }

    RecordReader(String group, BrokerGateway gateway, ScheduledExecutorService scheduler) {
        this.group = group;
        this.gateway = gateway;
        this.scheduler = scheduler;
    }

    /**
     * @param end exclusive
     * @return fails with a {@link JournalException}: that of {@code sink}, or a retryable one if the broker does not answer
     */
    CompletableFuture<Void> read(BrokerQueue stream, long from, long end, Sink sink) {
        Reading reading = new Reading(stream, from, end, sink);
        reading.step();
        return reading.result;
    }

    private final class Reading {
        private final BrokerQueue stream;
        private final long end;
        private final Sink sink;
        private final CompletableFuture<Void> result = new CompletableFuture<>();
        private long next;
        private long lastProgressNanos = System.nanoTime();

        Reading(BrokerQueue stream, long from, long end, Sink sink) {
            this.stream = stream;
            this.next = from;
            this.end = end;
            this.sink = sink;
        }

        void step() {
            if (next >= end) {
                result.complete(null);
                return;
            }
            CompletableFuture<RecordBatch> answer;
            try {
                answer = gateway.readRecords(group, stream, next, (int) Math.min(MAX_RECORDS, end - next));
            } catch (RuntimeException e) {
                result.completeExceptionally(unreadable(e));
                return;
            }
            Callbacks.onDone(
                    answer,
                    (batch, failure) -> {
                        if (failure != null) {
                            result.completeExceptionally(unreadable(failure));
                        } else {
                            take(batch);
                        }
                    },
                    scheduler);
        }

        private void take(RecordBatch batch) {
            long before = next;
            try {
                for (RecordBatch.Record record : batch.records()) {
                    if (record.queueOffset() >= next && record.queueOffset() < end) {
                        skipTo(record.queueOffset());
                        sink.record(record);
                        next = record.queueOffset() + 1;
                    }
                }
                if (next == before && batch.minOffset() > next) {
                    throw new JournalException(
                            "stream " + stream + " was cut while it was read: queue offset " + next
                                    + " is gone, the first is " + batch.minOffset(),
                            null,
                            true);
                }
                if (next == before && batch.maxOffset() > next) {
                    skipTo(Math.min(end, batch.nextOffset()));
                }
            } catch (JournalException e) {
                result.completeExceptionally(e);
                return;
            } catch (RuntimeException e) {
                result.completeExceptionally(new JournalException(
                        "cannot read stream " + stream + " at queue offset " + next + ": " + e, e, false));
                return;
            }
            if (next > before) {
                lastProgressNanos = System.nanoTime();
                step();
            } else if (System.nanoTime() - lastProgressNanos < VISIBLE_WITHIN_NANOS) {
                Callbacks.later(scheduler, VISIBLE_AFTER_MILLIS, this::step);
            } else {
                result.completeExceptionally(new JournalException(
                        "the broker does not show queue offset " + next + " of stream " + stream + ", which it has"
                                + " confirmed; its readers see offsets " + batch.minOffset() + " to "
                                + (batch.maxOffset() - 1) + "; if that lasts, look for errors in the broker's log",
                        null,
                        true));
            }
        }

        private void skipTo(long offset) throws JournalException {
            if (offset > next) {
                sink.hole(next, offset);
                next = offset;
            }
        }

        private JournalException unreadable(@Nullable Throwable failure) {
            return new JournalException(
                    "cannot read stream " + stream + " at queue offset " + next + ": "
                            + (failure == null ? "" : failure.getMessage()),
                    failure,
                    true);
        }
    }
}
