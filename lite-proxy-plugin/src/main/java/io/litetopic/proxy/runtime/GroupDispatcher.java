package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.StartPoint;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.journal.JournalStore;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 * one that starts at the committed offsets: messages in between are delivered again, none is lost.
 */
public final class GroupDispatcher implements EngineLoop.Machine, AutoCloseable {
    private static final String SHUTTING_DOWN = "the proxy is shutting down or has stopped dispatching";
    private static final long SHORTEST_SUSPEND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String topic;
    private final String group;
    private final EngineSettings settings;
    private final EngineLoop loop;
    private final LiteTopicRegistry registry;
    private final JournalStore journal;
    private final QueueOwnership ownership;
    private final StartOffsets startOffsets;
    private final BrokerEffects effects;
    private final GroupStatistics statistics = new GroupStatistics();

    // engine thread
    private GroupEngine engine;
    private long failures;

    private volatile boolean closed;

    public GroupDispatcher(
            String topic,
            String group,
            QueueClaims claims,
            ClusterTimings timings,
            EngineSettings settings,
            EngineLoop loop,
            BrokerGateway gateway,
            LiteTopicRegistry registry,
            JournalStore journal,
            ScheduledExecutorService scheduler,
            UnsubscribeNotifier notifier) {
        this.topic = topic;
        this.group = group;
        this.settings = settings;
        this.loop = loop;
        this.registry = registry;
        this.journal = journal;
        this.startOffsets = new StartOffsets(gateway);
        this.effects = new BrokerEffects(group, gateway, registry, journal, scheduler, notifier, statistics, this);
        this.engine = new GroupEngine(settings, effects);
        QueueStart queueStart = new QueueStart(group, gateway);
        this.ownership =
                new QueueOwnership(topic, group, gateway, claims, timings, scheduler, new QueueOwnership.Listener() {
                    @Override
                    public CompletableFuture<@Nullable Void> acquired(BrokerQueue queue) {
                        return queueStart
                                .of(queue)
                                .thenCompose(startOffset -> GroupDispatcher.this.<@Nullable Void>ask(now -> {
                                    if (holds(queue)) {
                                        onAcquired(queue, startOffset, now);
                                    }
                                    return null;
                                }));
                    }

                    @Override
                    public void lost(BrokerQueue queue) {
                        tell(now -> onLost(queue, now));
                    }

                    @Override
                    public CompletableFuture<@Nullable Void> release(BrokerQueue queue) {
                        if (closed) {
                            return CompletableFuture.completedFuture(null);
                        }
                        return ask(now -> {
                            onLost(queue, now);
                            return null;
                        });
                    }
                });
    }

    private boolean holds(BrokerQueue queue) {
        return ownership.holds(queue);
    }

    public void start() {
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
        if (closed) {
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
        return ask(now -> {
            Settlement settlement = engine.ack(clientId, handle, now);
            if (settlement == Settlement.OK) {
                statistics.countAcked();
            }
            return settlement;
        });
    }

    public CompletableFuture<Settlement> suspend(String clientId, ReceiptHandle handle, Duration duration) {
        return ask(now -> {
            Settlement settlement = engine.suspend(clientId, handle, duration.toNanos(), now);
            if (settlement == Settlement.OK) {
                statistics.countSuspended();
            }
            return settlement;
        });
    }

    /** The delivery did not reach the client: it and the later ones of its lite topic return, not as a further attempt. */
    public CompletableFuture<Settlement> giveBack(String clientId, ReceiptHandle handle) {
        return ask(now -> engine.suspend(clientId, handle, SHORTEST_SUSPEND_NANOS, now));
    }

    public CompletableFuture<Settlement> changeInvisibleDuration(
            String clientId, ReceiptHandle handle, Duration duration) {
        return ask(now -> engine.changeInvisibleDuration(clientId, handle, duration.toNanos(), now));
    }

    public CompletableFuture<Settlement> forwardToDeadLetterQueue(String clientId, ReceiptHandle handle) {
        return ask(now -> engine.forwardToDeadLetterQueue(clientId, handle, now));
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
                log.error("queue given up: its lease is over consumerGroup={} queue={}", group, queue);
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

    @Override
    public void dispatch(long nowNanos) {
        try {
            fence(nowNanos);
            engine.dispatch(nowNanos);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            replaceEngine(e);
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return engine.nextDeadlineNanos();
    }

    private void onAcquired(BrokerQueue queue, long startOffset, long now) {
        if (closed) {
            return;
        }
        int slot = effects.slotOf(queue);
        if (engine.ownsQueue(slot)) {
            log.warn("queue acquired again, its progress starts anew consumerGroup={} queue={}", group, queue);
            onLost(queue, now);
        }
        effects.queueAcquired(queue, startOffset);
        engine.acquireQueue(slot, startOffset);
    }

    private void onLost(BrokerQueue queue, long now) {
        effects.queueLost(queue);
        int slot = effects.slotOf(queue);
        if (engine.ownsQueue(slot)) {
            engine.loseQueue(slot, now);
        }
    }

    /** What was read of the queue does not exist any more: it goes on at {@code startOffset}, with the lock it has. */
    void restartQueue(BrokerQueue queue, long startOffset, long now) {
        onLost(queue, now);
        onAcquired(queue, startOffset, now);
    }

    @Override
    public void loopFailed(Throwable cause) {
        closed = true;
        effects.pollsFailed("dispatch has stopped because of a fatal error");
        journal.close(); // nothing may be written once another proxy can have the queues
        ownership.close();
    }

    private void replaceEngine(Throwable cause) {
        failures++;
        log.error(
                "dispatch failed and starts again from the committed offsets; messages since then are delivered again, none is"
                        + " lost consumerGroup={} topic={} failures={}",
                group,
                topic,
                failures,
                cause);
        effects.pollsFailed("dispatch of the group starts again");
        engine.forEachLiteTopic(registry::groupForgets);
        effects.engineReplaced();
        engine = new GroupEngine(settings, effects, engine.lastReadId());
        effects.watermarks().forEach((slot, watermark) -> engine.acquireQueue(slot, watermark));
    }

    static PollListener listenerOf(Poll poll) {
        return (PollListener) poll.context();
    }

    /** Stops dispatching, answers who waits, writes the progress and gives the queues back. */
    @Override
    public void close() {
        CompletableFuture<@Nullable Void> stopped = ask(now -> {
            effects.pollsFailed(SHUTTING_DOWN);
            closed = true; // from here on nothing is read or settled
            loop.remove(this);
            engine.dispatch(now); // reports the progress that acks have made since the last time
            return null;
        });
        try {
            stopped.get(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("dispatch did not stop in time consumerGroup={} topic={}", group, topic, e);
        }
        effects.flushLog();
        journal.close();
        ownership.close();
    }
}
