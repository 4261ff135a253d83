package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.concurrent.Callbacks;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/** {@link Journal} in an internal topic of its own, see {@link JournalTopics}. */
public final class TopicJournal implements Journal {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String group;
    private final String ownerId;
    private final BrokerGateway gateway;
    private final ScheduledExecutorService scheduler;
    private final Supplier<CompletableFuture<Void>> provision;
    private final boolean skipDamaged;
    private final LongSupplier nanoClock;
    private final RecordReader reader;

    /**
     * @param group exists at the brokers
     * @param ownerId what this process is called in the records, for people who read them
     * @param scheduler encodes, decodes and runs what waits for futures of this journal; close streams before it
     * @param provision makes sure that the topic of the journal has all queues; called when that of a stream is not there
     * @param skipDamaged whether damaged records are skipped with an error in the log; otherwise a stream that has one cannot be
     *     opened
     * @param nanoClock monotonic, like {@link System#nanoTime()}
     */
    public TopicJournal(
            String group,
            String ownerId,
            BrokerGateway gateway,
            ScheduledExecutorService scheduler,
            Supplier<CompletableFuture<Void>> provision,
            boolean skipDamaged,
            LongSupplier nanoClock) {
        this.group = group;
        this.ownerId = ownerId;
        this.gateway = gateway;
        this.scheduler = scheduler;
        this.provision = provision;
        this.skipDamaged = skipDamaged;
        this.nanoClock = nanoClock;
        this.reader = new RecordReader(group, gateway, scheduler);
    }

    /**
     * {@inheritDoc}
     *
     * <p>One attempt, which ends within a few seconds plus the time for reading; a topic or queue that is missing is created then,
     * so that the next attempt finds it.
     */
    @Override
    public CompletableFuture<JournalStream> open(BrokerQueue queue) {
        BrokerQueue stream = JournalTopics.streamOf(group, queue);
        CompletableFuture<JournalStream> result = new CompletableFuture<>();
        StreamOpening opening = new StreamOpening(
                stream, ownerId, RANDOM.nextLong(), skipDamaged, gateway, reader, scheduler, nanoClock);
        Callbacks.onDone(opening.start(), (opened, failure) -> {
            if (failure == null) {
                result.complete(new TopicStream(stream, opened, gateway, reader, scheduler, nanoClock));
                return;
            }
            JournalException known = journalException(failure);
            BrokerException answer = brokerException(failure);
            if (answer != null && answer.isQueueMissing()) {
                provisionThenFail(stream, known == null ? failure : known, result);
            } else { // the brokers need not be looked at, which takes a while and fails if one of them is away
                result.completeExceptionally(known == null ? failure : known);
            }
        });
        return result;
    }

    private void provisionThenFail(BrokerQueue stream, Throwable failure, CompletableFuture<JournalStream> result) {
        CompletableFuture<Void> provisioned;
        try {
            provisioned = provision.get();
        } catch (RuntimeException e) {
            log.warn("journal: its topic cannot be prepared stream={}", stream, e);
            result.completeExceptionally(failure);
            return;
        }
        Callbacks.onDone(provisioned, (done, problem) -> {
            if (problem != null) {
                log.warn("journal: its topic cannot be prepared stream={}", stream, problem);
            }
            result.completeExceptionally(failure);
        });
    }

    /** The broker's answer behind a failure, {@code null} if there is none. */
    static @Nullable BrokerException brokerException(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof BrokerException)) {
            cause = cause.getCause();
        }
        return (BrokerException) cause;
    }

    /** The {@link JournalException} behind a future's failure, {@code null} if it is of another kind. */
    static @Nullable JournalException journalException(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof JournalException ? (JournalException) cause : null;
    }
}
