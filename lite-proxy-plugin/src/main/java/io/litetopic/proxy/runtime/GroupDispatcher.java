package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.StartPoint;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.journal.Journal;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import io.litetopic.proxy.state.LiteTopicState;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * One lite group at work: its engine on its loop, its queues, its reads and its progress.
 *
 * <p>Thread-safe: every call becomes a command of the engine. Should the engine fail, which is a bug, it is replaced by a new
 * one that goes on where the journal ends: what was acked since the last flush is delivered again, nothing is lost.
 */
public final class GroupDispatcher implements EngineLoop.Machine, AutoCloseable {
    private static final String SHUTTING_DOWN = "the proxy is shutting down or has stopped dispatching";
    private static final long DRAIN_LOOK_MILLIS = 10;
    /** Lite topics of a journal in one command of the engine. */
    private static final int RESTORED_AT_ONCE = 2_000;

    private static final long SHORTEST_SUSPEND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String topic;
    private final String group;
    private final EngineSettings settings;
    private final EngineLoop loop;
    private final LiteTopicRegistry registry;
    private final OffsetCommits commits;
    private final ScheduledExecutorService scheduler;
    private final QueueOpening opening;
    private final QueueOwnership ownership;
    private final Duration flushInterval;
    private final long drainNanos;
    private final StartOffsets startOffsets;
    private final BrokerEffects effects;
    private final GroupStatistics statistics = new GroupStatistics();

    // engine thread
    private GroupEngine engine;
    private GroupJournal journal;
    private long failures;

    /** Nothing new is delivered; what is in hand may be settled. */
    private volatile boolean closing;

    private volatile boolean closed;

    /** Queues that became others from an offset on, until they are opened again. */
    private final Map<BrokerQueue, Long> cuts = new ConcurrentHashMap<>();

    public GroupDispatcher(
            String topic,
            String group,
            QueueClaims claims,
            ClusterTimings timings,
            EngineSettings settings,
            EngineLoop loop,
            BrokerGateway gateway,
            LiteTopicRegistry registry,
            Journal journal,
            Duration flushInterval,
            ScheduledExecutorService scheduler,
            UnsubscribeNotifier notifier) {
        this.topic = topic;
        this.group = group;
        this.settings = settings;
        this.loop = loop;
        this.registry = registry;
        this.scheduler = scheduler;
        this.commits = new OffsetCommits(group, gateway, scheduler);
        this.startOffsets = new StartOffsets(gateway);
        this.effects = new BrokerEffects(group, gateway, registry, commits, scheduler, notifier, statistics, this);
        this.engine = new GroupEngine(settings, effects);
        this.opening = new QueueOpening(group, gateway, journal, commits, scheduler);
        this.flushInterval = flushInterval;
        this.journal = newJournal();
        // most of the time that a hand-over may take; the rest is for writing
        this.drainNanos = TimeUnit.MILLISECONDS.toNanos(timings.closeMillis() * 3 / 5);
        this.ownership =
                new QueueOwnership(topic, group, gateway, claims, timings, scheduler, new QueueOwnership.Listener() {
                    @Override
                    public CompletableFuture<@Nullable Void> acquired(BrokerQueue queue, long lease) {
                        return acquire(queue, lease);
                    }

                    @Override
                    public void lost(BrokerQueue queue) {
                        tell(now -> onLost(queue, now));
                    }

                    @Override
                    public CompletableFuture<@Nullable Void> release(BrokerQueue queue) {
                        return GroupDispatcher.this.release(queue);
                    }
                });
    }

    private final class JournalOwner implements GroupJournal.Owner {
        @Override
        public GroupEngine engine() {
            return engine;
        }

        @Override
        public void tell(LongConsumer command, Runnable ifClosed) {
            GroupDispatcher.this.tell(command, ifClosed);
        }

        @Override
        public boolean ownsAll() {
            return ownership.ownsAll();
        }

        @Override
        public void streamLost(BrokerQueue queue, Throwable reason) {
            log.error(
                    "journal of a queue lost, the queue is opened again consumerGroup={} queue={}",
                    group,
                    queue,
                    reason);
            openAnew(queue, EngineLoop.nowNanos());
        }
    }

    public void start() {
        commits.start();
        loop.add(this);
        ownership.start();
    }

    public String topic() {
        return topic;
    }

    public String group() {
        return group;
    }

    /** Whether every queue of the bind topic that is this proxy's is dispatched here, or was once. */
    public boolean hasServed() {
        return ownership.hasOwnedAll();
    }

    /** Number of queues that this proxy dispatches at the moment. */
    public int ownedQueues() {
        return ownership.ownedQueues();
    }

    /** How often this proxy has taken a queue over from another that had died. */
    public long takeOvers() {
        return ownership.takeOvers();
    }

    /** What the group has done since the proxy started. */
    public GroupStatistics statistics() {
        return statistics;
    }

    // ---- requests of clients ----

    /**
     * Waits for messages; {@code poll.context()} must be a {@link PollListener}.
     *
     * @param filter which lite topics the client may receive from; see {@link #clientSeen}
     */
    public void poll(Poll poll, Duration wait, LiteTopicFilter filter) {
        Runnable ifClosed = () -> listenerOf(poll).onUnavailable(SHUTTING_DOWN);
        tell(now -> poll(poll, wait, filter, now), ifClosed);
    }

    private void poll(Poll poll, Duration wait, LiteTopicFilter filter, long now) {
        if (closing || closed) {
            listenerOf(poll).onUnavailable(SHUTTING_DOWN);
        } else if (!engine.knowsClient(poll.clientId())) {
            listenerOf(poll).onUnknownClient();
        } else {
            engine.clientSeen(poll.clientId(), filter, now);
            effects.pollStarted(poll);
            engine.poll(poll, now + wait.toNanos(), now);
        }
    }

    /** The receiver is gone. Without effect once the poll is answered. */
    public void cancelPoll(Poll poll) {
        tell(now -> {
            engine.cancelPoll(poll);
        });
    }

    /** The answer did not reach its receiver. */
    public void returnDeliveries(List<Delivery> deliveries) {
        tell(now -> {
            engine.returnDeliveries(deliveries, now);
        });
    }

    public CompletableFuture<Settlement> ack(String clientId, ReceiptHandle handle) {
        return settle(handle, false, now -> {
            Settlement settlement = engine.ack(clientId, handle, now);
            if (settlement == Settlement.OK) {
                statistics.countAcked();
            }
            return settlement;
        });
    }

    public CompletableFuture<Settlement> suspend(String clientId, ReceiptHandle handle, Duration duration) {
        return settle(handle, true, now -> {
            Settlement settlement = engine.suspend(clientId, handle, duration.toNanos(), now);
            if (settlement == Settlement.OK) {
                statistics.countSuspended();
            }
            return settlement;
        });
    }

    /** The delivery did not reach the client: it and the later ones of its lite topic return, not as a further attempt. */
    public CompletableFuture<Settlement> giveBack(String clientId, ReceiptHandle handle) {
        return settle(handle, true, now -> engine.suspend(clientId, handle, SHORTEST_SUSPEND_NANOS, now));
    }

    public CompletableFuture<Settlement> changeInvisibleDuration(
            String clientId, ReceiptHandle handle, Duration duration) {
        return settle(handle, true, now -> engine.changeInvisibleDuration(clientId, handle, duration.toNanos(), now));
    }

    /**
     * The message goes to the dead letter queue. The answer says that this is taken on, not that the copy is stored: after a crash in
     * between, the message is delivered again.
     */
    public CompletableFuture<Settlement> forwardToDeadLetterQueue(String clientId, ReceiptHandle handle) {
        return settle(handle, false, now -> engine.forwardToDeadLetterQueue(clientId, handle, now));
    }

    /**
     * Runs a command on a delivery; completes when what it changes is stored if that is what the configuration wants.
     *
     * @param notesLiteTopic whether it changes what is remembered of the lite topic, beside which messages are done
     */
    private CompletableFuture<Settlement> settle(
            ReceiptHandle handle, boolean notesLiteTopic, LongFunction<Settlement> command) {
        if (!flushInterval.isZero()) {
            return ask(command);
        }
        CompletableFuture<Settlement> answer = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> ran = ask(now -> {
            Settlement settlement = command.apply(now);
            if (settlement == Settlement.OK) {
                CompletableFuture<Void> stored =
                        storedWith(handle.slot(), notesLiteTopic ? handle.liteTopic() : null, now);
                Callbacks.onDone(stored, (done, failure) -> complete(answer, settlement, failure));
            } else {
                answer.complete(settlement);
            }
            return null;
        });
        Callbacks.onDone(ran, (done, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /**
     * Completes when what has changed with the queue is stored, and what is remembered of the lite topic, which may be with another
     * queue, also by the time that the first is stored.
     */
    private CompletableFuture<Void> storedWith(int slot, @Nullable String liteTopic, long now) {
        CompletableFuture<Void> stored = journal.stored(slot, now);
        if (liteTopic == null) {
            return stored;
        }
        // The journal completes it on the engine thread.
        return stored.thenCompose(done -> {
            int slotOfNotes = engine.slotOfNotes(liteTopic);
            return slotOfNotes == slot || slotOfNotes == GroupEngine.NO_SLOT
                    ? CompletableFuture.completedFuture(null)
                    : storedWith(slotOfNotes, liteTopic, EngineLoop.nowNanos());
        });
    }

    private static <T> void complete(CompletableFuture<T> future, T value, @Nullable Throwable failure) {
        if (failure == null) {
            future.complete(value);
        } else {
            future.completeExceptionally(failure);
        }
    }

    /** Goes on where the group is. */
    public CompletableFuture<SubscribeResult> subscribe(String clientId, Set<String> names) {
        return ask(now -> engine.subscribe(clientId, names, null, now));
    }

    /**
     * Like {@link #subscribe(String, Set)}, but names that the client did not want before start where {@code start} says.
     *
     * @return fails with {@link UnavailableException} if it cannot be found out where that is; nothing has changed then
     */
    public CompletableFuture<SubscribeResult> subscribe(String clientId, Set<String> names, StartOption start) {
        return atStart(start, (point, now) -> engine.subscribe(clientId, names, point, now));
    }

    public CompletableFuture<SubscribeResult> unsubscribe(String clientId, Set<String> names) {
        return ask(now -> engine.unsubscribe(clientId, names, now));
    }

    public CompletableFuture<SubscribeResult> subscribeExactly(String clientId, Set<String> names) {
        return ask(now -> engine.subscribeExactly(clientId, names, null, now));
    }

    /**
     * Like {@link #subscribeExactly(String, Set)}, but names that the client did not want before start where {@code start} says.
     *
     * @return fails with {@link UnavailableException} if it cannot be found out where that is; nothing has changed then
     */
    public CompletableFuture<SubscribeResult> subscribeExactly(String clientId, Set<String> names, StartOption start) {
        return atStart(start, (point, now) -> engine.subscribeExactly(clientId, names, point, now));
    }

    public CompletableFuture<SubscribeResult> unsubscribeAll(String clientId) {
        return ask(now -> engine.unsubscribeAll(clientId, now));
    }

    /**
     * A lite client of the group shows that it lives, and is known from now on.
     *
     * @param filter which lite topics it may receive from; its answer may change only together with {@link #filtersChanged}
     */
    public void clientSeen(String clientId, LiteTopicFilter filter) {
        tell(now -> {
            engine.clientSeen(clientId, filter, now);
        });
    }

    /** What clients may receive has changed. Those that wait are answered with nothing, so that they come with their new filter. */
    public void filtersChanged() {
        tell(now -> {
            effects.waitingPolls().forEach(engine::cancelPoll);
            engine.recheckFilters(now);
        });
    }

    /** Like {@link #clientSeen}, but for clients that may be none of the group's. */
    public void clientHeartbeat(String clientId) {
        tell(now -> {
            engine.clientHeartbeat(clientId, now);
        });
    }

    /** The client, of the group's or not, has a connection again; see {@link GroupEngine#clientConnected}. */
    public void clientConnected(String clientId) {
        tell(now -> engine.clientConnected(clientId, now));
    }

    public void clientDisconnected(String clientId) {
        tell(now -> {
            engine.clientDisconnected(clientId, now);
        });
    }

    public void clientTerminated(String clientId) {
        tell(now -> engine.clientTerminated(clientId, now));
    }

    // ---- where subscriptions start ----

    /** A command that needs to know where a subscription starts. */
    private interface StartCommand {
        SubscribeResult run(StartPoint start, long nowNanos);
    }

    /**
     * Finds the offsets that the option means in every queue of the bind topic, then runs the command. What is owned must not
     * change meanwhile: a queue that comes later would be read without the option.
     */
    private CompletableFuture<SubscribeResult> atStart(StartOption option, StartCommand command) {
        return ask(now -> effects.ownedQueues()).thenCompose(owned -> {
            if (!ownership.ownsAll()) {
                throw unavailable(option, "this proxy does not own every queue that is its own at the moment");
            }
            return startOffsets
                    .of(owned.queues(), option)
                    .exceptionally(failure -> {
                        throw unavailable(option, messageOf(failure));
                    })
                    .thenCompose(offsets -> ask(now -> runAt(option, command, owned, offsets, now)))
                    .thenApply(result -> {
                        if (result == null) {
                            throw unavailable(option, "queues have changed hands meanwhile");
                        }
                        return result;
                    });
        });
    }

    /** Null if what is owned has changed. */
    private @Nullable SubscribeResult runAt(
            StartOption option, StartCommand command, OwnedQueues owned, Map<BrokerQueue, Long> offsets, long now) {
        if (!effects.owns(owned)) {
            return null;
        }
        long[] bySlot = effects.bySlot(offsets);
        boolean isTail = option.kind() == StartOption.Kind.TAIL;
        return command.run(isTail ? StartPoint.tail((int) option.value(), bySlot) : StartPoint.at(bySlot), now);
    }

    private UnavailableException unavailable(StartOption option, String reason) {
        return new UnavailableException("cannot find where to start: " + reason + " [consumerGroup=" + group
                + ", bindTopic=" + topic + ", offsetOption=" + option
                + "]; nothing has changed: try again, or subscribe without an offset option");
    }

    private static String messageOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage());
    }

    // ---- the engine's thread ----

    /** Runs a command on the engine; if that fails the engine is replaced and the future fails. */
    private <T extends @Nullable Object> CompletableFuture<T> ask(LongFunction<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable ifClosed = () -> result.completeExceptionally(unavailable());
        loop.execute(
                () -> {
                    if (closed) {
                        ifClosed.run();
                        return;
                    }
                    try {
                        result.complete(command.apply(fencedNow()));
                    } catch (RuntimeException | StackOverflowError | AssertionError e) {
                        result.completeExceptionally(e);
                        replaceEngine(e);
                    } catch (Throwable fatal) {
                        result.completeExceptionally(fatal);
                        throw fatal;
                    }
                },
                ifClosed);
        return result;
    }

    /** Runs a command on the engine; if that fails the engine is replaced. Nothing happens once the loop is closed. */
    void tell(LongConsumer command) {
        tell(command, () -> {});
    }

    private void tell(LongConsumer command, Runnable ifClosed) {
        loop.execute(
                () -> {
                    try {
                        command.accept(fencedNow());
                    } catch (RuntimeException | StackOverflowError | AssertionError e) {
                        replaceEngine(e);
                    }
                },
                ifClosed);
    }

    private long fencedNow() {
        long now = EngineLoop.nowNanos();
        fence(now);
        return now;
    }

    /** A process that was stopped for a while finds out here that its queues may be another's now, before it does anything. */
    private void fence(long now) {
        if (ownership.leaseEndNanos() - now < 0) {
            for (BrokerQueue queue : ownership.takeExpired(now)) {
                if (engine.ownsQueue(effects.slotOf(queue)) && !closing) {
                    log.error("queue given up: its lease is over consumerGroup={} queue={}", group, queue);
                }
                onLost(queue, now);
            }
        }
    }

    private UnavailableException unavailable() {
        return new UnavailableException(SHUTTING_DOWN + " [consumerGroup=" + group + ", bindTopic=" + topic
                + "]; try again with another proxy or once it is back");
    }

    boolean isClosed() {
        return closed;
    }

    GroupEngine engine() {
        return engine;
    }

    /** Time of the broker of an owned queue, in ms since 1970. */
    long nowMillis(int slot) {
        return journal.nowMillis(slot);
    }

    List<BrokerQueue> allQueues() {
        return ownership.allQueues();
    }

    @Override
    public void dispatch(long nowNanos) {
        try {
            fence(nowNanos);
            journal.dispatch(nowNanos);
            engine.dispatch(nowNanos);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            replaceEngine(e);
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return Math.min(engine.nextDeadlineNanos(), journal.nextDeadlineNanos());
    }

    // ---- queues come and go ----

    private CompletableFuture<@Nullable Void> acquire(BrokerQueue queue, long lease) {
        Long cut = cuts.get(queue);
        return opening.open(queue, cut == null ? Long.MAX_VALUE : cut).thenCompose(opened -> {
            if (cut != null) {
                cuts.remove(queue, cut); // what is stored says so now
            }
            CompletableFuture<Boolean> taken = new CompletableFuture<>();
            CompletableFuture<@Nullable Void> begun = ask(now -> {
                onAcquired(queue, lease, opened, taken, now);
                return null;
            });
            Callbacks.onDone(begun, (done, failure) -> {
                if (failure != null) {
                    taken.completeExceptionally(failure);
                }
            });
            return taken.<@Nullable Void>handle((isTaken, failure) -> {
                if (failure != null || !isTaken) {
                    opened.stream().close();
                }
                if (failure != null) {
                    throw new CompletionException(failure);
                }
                return null;
            });
        });
    }

    /** @param taken told whether the queue is dispatched: when all that its journal knows is restored, or when it is lost before */
    private void onAcquired(
            BrokerQueue queue, long lease, OpenedQueue opened, CompletableFuture<Boolean> taken, long now) {
        if (closing || !ownership.holds(queue, lease)) { // an opening may end after a later one of the same queue
            taken.complete(false);
            return;
        }
        int slot = effects.slotOf(queue);
        if (engine.ownsQueue(slot)) {
            log.warn("queue acquired again, its progress starts anew consumerGroup={} queue={}", group, queue);
            onLost(queue, now);
        }
        effects.queueAcquired(queue, opened);
        engine.beginAcquiring(slot, opened.state());
        restore(queue, opened, opened.state().liteTopics().iterator(), effects.generation(slot), taken, now);
    }

    /** Restores some lite topics and comes back for more: there may be a million, and the group's other queues are to go on. */
    private void restore(
            BrokerQueue queue,
            OpenedQueue opened,
            Iterator<LiteTopicState> liteTopics,
            long generation,
            CompletableFuture<Boolean> taken,
            long now) {
        int slot = effects.slotOf(queue);
        if (effects.generation(slot) != generation) { // lost meanwhile
            taken.complete(false);
            return;
        }
        try {
            // First the time of the stream: what passes before the other is read makes a suspend end later, never
            // earlier.
            long nowMillis = opened.stream().earliestNowMillis();
            engine.restore(slot, liteTopics, RESTORED_AT_ONCE, EngineLoop.nowNanos(), nowMillis);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            taken.completeExceptionally(e);
            throw e;
        }
        if (liteTopics.hasNext()) {
            Runnable again = () -> tell(
                    later -> restore(queue, opened, liteTopics, generation, taken, later), () -> taken.complete(false));
            Callbacks.later(scheduler, 0, again);
            return;
        }
        engine.endAcquiring(slot);
        journal.acquired(slot, queue, opened, now);
        taken.complete(true);
    }

    private void onLost(BrokerQueue queue, long now) {
        effects.queueLost(queue);
        int slot = effects.slotOf(queue);
        journal.lost(slot);
        if (engine.ownsQueue(slot)) {
            engine.loseQueue(slot, now);
        }
    }

    /** Deliveries of the queue stop; when those in hand are settled, or have had their time, its state is written. */
    private CompletableFuture<@Nullable Void> release(BrokerQueue queue) {
        if (closed) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
        releaseStep(released, now -> {
            int slot = effects.slotOf(queue);
            if (!engine.ownsQueue(slot)) { // lost in between
                released.complete(null);
                return;
            }
            engine.drainQueue(slot);
            awaitSettled(queue, effects.generation(slot), now + drainNanos, released, now);
        });
        return released;
    }

    /** Runs a command on the engine; if that fails so does the release. */
    private void releaseStep(CompletableFuture<@Nullable Void> released, LongConsumer step) {
        CompletableFuture<Boolean> ran = ask(now -> {
            step.accept(now);
            return true;
        });
        Callbacks.onDone(ran, (done, failure) -> {
            if (failure != null) {
                released.completeExceptionally(failure);
            }
        });
    }

    private void awaitSettled(
            BrokerQueue queue,
            long generation,
            long deadlineNanos,
            CompletableFuture<@Nullable Void> released,
            long now) {
        int slot = effects.slotOf(queue);
        if (effects.generation(slot) != generation) { // lost meanwhile
            released.complete(null);
            return;
        }
        int inHand = engine.inHandOf(slot);
        if (inHand > 0 && now - deadlineNanos < 0) {
            Runnable again = () ->
                    releaseStep(released, later -> awaitSettled(queue, generation, deadlineNanos, released, later));
            Callbacks.later(scheduler, DRAIN_LOOK_MILLIS, again);
            return;
        }
        if (inHand > 0) {
            log.warn(
                    "queue is handed over with messages in hand, they are delivered again consumerGroup={} queue={} messages={}",
                    group,
                    queue,
                    inHand);
        }
        engine.dispatch(now); // reports the progress that acks have made since the last time
        engine.refuseSettlements(slot); // an ack that is answered OK must be in what is written now
        CompletableFuture<Void> written = journal.stored(slot, now).thenCompose(stored -> commits.commitNow(queue));
        Callbacks.onDone(written, (done, failure) -> {
            if (failure != null) {
                log.warn("state of a released queue was not written consumerGroup={} queue={}", group, queue, failure);
            }
            releaseStep(released, later -> {
                if (effects.generation(slot) == generation) {
                    onLost(queue, later);
                }
                released.complete(null);
            });
        });
    }

    /** The queue cannot go on as it is: it is dropped, and acquired again with what is stored. */
    private void openAnew(BrokerQueue queue, long now) {
        effects.opensAnew(queue);
        onLost(queue, now);
        ownership.startAnew(queue);
    }

    /** The queue holds other messages than it did from {@code cut} on: what is known of these is dropped. */
    void openAnewFrom(BrokerQueue queue, long cut, long now) {
        cuts.merge(queue, cut, Math::min);
        effects.forgetTrail(queue);
        openAnew(queue, now);
    }

    @Override
    public void loopFailed(Throwable cause) {
        closed = true;
        effects.pollsFailed("dispatch has stopped because of a fatal error");
        journal.close();
        commits.close(); // nothing may be written once another proxy can have the queues
        ownership.close();
    }

    private void replaceEngine(Throwable cause) {
        failures++;
        log.error(
                "dispatch failed and starts again from the journal; messages acked since it was last written are delivered again,"
                        + " none is lost consumerGroup={} topic={} failures={}",
                group,
                topic,
                failures,
                cause);
        effects.pollsFailed("dispatch of the group starts again");
        engine.forEachLiteTopic(registry::groupForgets);
        journal.close();
        engine = new GroupEngine(settings, effects, engine.lastReadId());
        journal = newJournal();
        for (BrokerQueue queue : effects.ownedQueues().queues()) {
            effects.queueLost(queue);
            ownership.startAnew(queue);
        }
    }

    private GroupJournal newJournal() {
        return new GroupJournal(group, flushInterval, new JournalOwner(), statistics);
    }

    static PollListener listenerOf(Poll poll) {
        return (PollListener) poll.context();
    }

    /**
     * Answers who waits, lets clients settle what they have in hand, writes the state of all queues and gives them back. Blocks for
     * a few seconds at most.
     */
    @Override
    public void close() {
        closing = true;
        tell(now -> {
            List<Poll> waiting = effects.waitingPolls();
            effects.pollsFailed(SHUTTING_DOWN);
            waiting.forEach(engine::cancelPoll); // nothing is delivered to who has been answered
        });
        ownership.close();
        CompletableFuture<@Nullable Void> stopped = ask(now -> {
            closed = true; // from here on nothing is read or settled
            loop.remove(this);
            journal.close();
            return null;
        });
        try {
            stopped.get(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("dispatch did not stop in time consumerGroup={} topic={}", group, topic, e);
        }
        closed = true;
        effects.flushLog();
        commits.close();
    }
}
