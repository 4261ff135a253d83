package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.SubscribeResult;
import io.litetopic.proxy.journal.JournalStore;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String topic;
    private final String group;
    private final EngineSettings settings;
    private final EngineLoop loop;
    private final LiteTopicRegistry registry;
    private final JournalStore journal;
    private final QueueOwnership ownership;
    private final BrokerEffects effects;

    // engine thread
    private GroupEngine engine;
    private long failures;

    private volatile boolean closed;

    public GroupDispatcher(
            String topic,
            String group,
            String ownerId,
            EngineSettings settings,
            EngineLoop loop,
            BrokerGateway gateway,
            LiteTopicRegistry registry,
            JournalStore journal,
            ScheduledExecutorService scheduler) {
        this.topic = topic;
        this.group = group;
        this.settings = settings;
        this.loop = loop;
        this.registry = registry;
        this.journal = journal;
        this.effects = new BrokerEffects(group, gateway, registry, journal, scheduler, this);
        this.engine = new GroupEngine(settings, effects);
        this.ownership = new QueueOwnership(topic, group, ownerId, gateway, scheduler, new QueueOwnership.Listener() {
            @Override
            public void acquired(BrokerQueue queue, long startOffset) {
                loop.execute(() -> onAcquired(queue, startOffset));
            }

            @Override
            public void lost(BrokerQueue queue) {
                loop.execute(() -> onLost(queue));
            }
        });
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

    /** Whether every queue of the bind topic is dispatched here. */
    public boolean isReady() {
        return ownership.isAllOwned();
    }

    // ---- requests of clients ----

    /** Waits for messages; {@code poll.context()} must be a {@link PollListener}. */
    public void poll(Poll poll, Duration wait) {
        tell(now -> {
            if (closed) {
                listenerOf(poll).onUnavailable("the proxy is shutting down");
            } else if (!engine.knowsClient(poll.clientId())) {
                listenerOf(poll).onUnknownClient();
            } else {
                effects.pollStarted(poll);
                engine.poll(poll, now + wait.toNanos(), now);
            }
        });
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
        return ask(now -> engine.ack(clientId, handle, now));
    }

    public CompletableFuture<Settlement> suspend(String clientId, ReceiptHandle handle, Duration duration) {
        return ask(now -> engine.suspend(clientId, handle, duration.toNanos(), now));
    }

    public CompletableFuture<Settlement> changeInvisibleDuration(
            String clientId, ReceiptHandle handle, Duration duration) {
        return ask(now -> engine.changeInvisibleDuration(clientId, handle, duration.toNanos(), now));
    }

    public CompletableFuture<Settlement> forwardToDeadLetterQueue(String clientId, ReceiptHandle handle) {
        return ask(now -> engine.forwardToDeadLetterQueue(clientId, handle, now));
    }

    public CompletableFuture<SubscribeResult> subscribe(String clientId, Set<String> names) {
        return ask(now -> engine.subscribe(clientId, names, now));
    }

    public CompletableFuture<SubscribeResult> unsubscribe(String clientId, Set<String> names) {
        return ask(now -> engine.unsubscribe(clientId, names, now));
    }

    public CompletableFuture<SubscribeResult> subscribeExactly(String clientId, Set<String> names) {
        return ask(now -> engine.subscribeExactly(clientId, names, now));
    }

    public CompletableFuture<SubscribeResult> unsubscribeAll(String clientId) {
        return ask(now -> engine.unsubscribeAll(clientId, now));
    }

    public void clientSeen(String clientId) {
        tell(now -> {
            engine.clientSeen(clientId, now);
        });
    }

    /** Like {@link #clientSeen}, but for clients that may be none of the group's. */
    public void clientHeartbeat(String clientId) {
        tell(now -> {
            engine.clientHeartbeat(clientId, now);
        });
    }

    public void clientDisconnected(String clientId) {
        tell(now -> {
            engine.clientDisconnected(clientId, now);
        });
    }

    public void clientTerminated(String clientId) {
        tell(now -> engine.clientTerminated(clientId, now));
    }

    // ---- the engine's thread ----

    /** Runs a command on the engine; if that fails the engine is replaced and the future fails. */
    private <T extends @Nullable Object> CompletableFuture<T> ask(LongFunction<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(command.apply(EngineLoop.nowNanos()));
            } catch (RuntimeException | StackOverflowError | AssertionError e) {
                result.completeExceptionally(e);
                replaceEngine(e);
            }
        });
        return result;
    }

    /** Runs a command on the engine; if that fails the engine is replaced. */
    void tell(LongConsumer command) {
        loop.execute(() -> {
            try {
                command.accept(EngineLoop.nowNanos());
            } catch (RuntimeException | StackOverflowError | AssertionError e) {
                replaceEngine(e);
            }
        });
    }

    GroupEngine engine() {
        return engine;
    }

    @Override
    public void dispatch(long nowNanos) {
        try {
            engine.dispatch(nowNanos);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            replaceEngine(e);
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return engine.nextDeadlineNanos();
    }

    private void onAcquired(BrokerQueue queue, long startOffset) {
        if (closed) {
            return;
        }
        effects.queueAcquired(queue, startOffset);
        engine.acquireQueue(effects.slotOf(queue), startOffset);
    }

    private void onLost(BrokerQueue queue) {
        effects.queueLost(queue);
        engine.loseQueue(effects.slotOf(queue), EngineLoop.nowNanos());
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
        engine.liteTopics().forEach(registry::groupForgets);
        engine = new GroupEngine(settings, effects);
        effects.watermarks().forEach((slot, watermark) -> engine.acquireQueue(slot, watermark));
    }

    static PollListener listenerOf(Poll poll) {
        return (PollListener) poll.context();
    }

    /** Stops dispatching, answers who waits, writes the progress and gives the queues back. */
    @Override
    public void close() {
        CompletableFuture<@Nullable Void> stopped = ask(now -> {
            closed = true;
            effects.pollsFailed("the proxy is shutting down");
            loop.remove(this);
            return null;
        });
        try {
            stopped.get(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("dispatch did not stop in time consumerGroup={} topic={}", group, topic, e);
        }
        journal.close();
        ownership.close();
    }
}
