package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.LiteTopicName;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running consumer: owns its threads, and starts and stops subscriptions, loop and transport in order. */
public final class LitePushConsumerImpl implements LitePushConsumer {

    private static final Logger log = LoggerFactory.getLogger(LitePushConsumerImpl.class);

    private static final Duration RESULT_TIMEOUT = Duration.ofSeconds(3);

    private final ConsumerSettings settings;
    private final LiteTransport transport;
    private final SchedulerTimer timer;
    private final @Nullable ExecutorService ownWorkers; // null if the threads are the application's
    private final LossReporter losses;
    private final LiteSubscriptions subscriptions;
    private final ConsumerLoop loop;
    private final boolean plainFifo;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LitePushConsumerImpl(
            ConsumerSettings settings,
            AsyncMessageListener listener,
            Threads threads,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            boolean plainFifo) {
        this.settings = settings;
        this.transport = transport;
        this.timer = threads.timer;
        this.ownWorkers = threads.ownWorkers;
        this.losses = new LossReporter(settings.consumerGroup(), unsubscribeListener, timer);
        this.subscriptions = new LiteSubscriptions(transport, timer, this::giveBackWaiting, this::lost);
        this.loop = new ConsumerLoop(
                settings, listener, transport, timer, threads.workers, subscriptions::accepts, subscriptions::sync);
        this.plainFifo = plainFifo;
    }

    /** A listener whose calls have ended when they return. */
    public static AsyncMessageListener blocking(MessageListener listener) {
        return ListenerCalls.blocking(listener);
    }

    /**
     * Starts a consumer with threads of its own over a connected transport; closes the transport if that fails.
     *
     * @param requirePlugin whether to fail on a server without plugin, rather than to be a plain FIFO consumer there
     */
    public static LitePushConsumer start(
            ConsumerSettings settings,
            MessageListener listener,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            boolean requirePlugin)
            throws ClientException {
        return start(settings, blocking(listener), null, unsubscribeListener, transport, requirePlugin);
    }

    /**
     * Starts a consumer over a connected transport; closes the transport if that fails.
     *
     * @param executor what calls the listener; null for threads of the consumer's own
     * @param requirePlugin whether to fail on a server without plugin, rather than to be a plain FIFO consumer there
     */
    public static LitePushConsumer start(
            ConsumerSettings settings,
            AsyncMessageListener listener,
            @Nullable Executor executor,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            boolean requirePlugin)
            throws ClientException {
        Threads threads = new Threads(settings, executor);
        LitePushConsumerImpl consumer =
                new LitePushConsumerImpl(settings, listener, threads, unsubscribeListener, transport, false);
        boolean started = false;
        try {
            transport.listen(consumer.new ServerNews());
            try {
                consumer.subscriptions.start();
            } catch (LitePluginMissingException e) {
                if (requirePlugin) {
                    throw e;
                }
                PlainFifo.check(settings, transport, e);
                LiteTransport plain = new PlainFifoTransport(transport, threads.timer);
                consumer = new LitePushConsumerImpl(settings, listener, threads, unsubscribeListener, plain, true);
                plain.listen(consumer.new ServerNews());
                consumer.subscriptions.start();
                PlainFifo.warn(settings);
            }
            consumer.loop.start();
            started = true;
        } finally {
            if (!started) {
                consumer.close();
            }
        }
        log.info(
                "lite push consumer started bindTopic={} consumerGroup={} threads={} concurrency={}",
                settings.bindTopic(),
                settings.consumerGroup(),
                executor == null ? settings.threads() : "of the application",
                settings.concurrency());
        return consumer;
    }

    @Override
    public void subscribeLite(String liteTopic) throws ClientException {
        LiteTopicName.check(liteTopic);
        requireSubscriptions("subscribe to", liteTopic);
        subscriptions.subscribe(liteTopic, null);
    }

    @Override
    public void subscribeLite(String liteTopic, OffsetOption offsetOption) throws ClientException {
        LiteTopicName.check(liteTopic);
        requireNonNull(offsetOption, "offsetOption should not be null");
        requireSubscriptions("subscribe to", liteTopic);
        subscriptions.subscribe(liteTopic, offsetOption);
    }

    @Override
    public void unsubscribeLite(String liteTopic) throws ClientException {
        LiteTopicName.check(liteTopic);
        requireSubscriptions("unsubscribe from", liteTopic);
        subscriptions.unsubscribe(liteTopic);
    }

    private void requireSubscriptions(String what, String liteTopic) throws ClientException {
        if (plainFifo) {
            throw PlainFifo.noSubscriptions(what, liteTopic, settings);
        }
    }

    @Override
    public Set<String> getLiteTopicSet() {
        return subscriptions.snapshot();
    }

    @Override
    public String getConsumerGroup() {
        return settings.consumerGroup();
    }

    @Override
    public void pause() {
        loop.pause();
        log.info("lite push consumer paused consumerGroup={}", settings.consumerGroup());
    }

    @Override
    public void resume() {
        loop.resume();
        log.info("lite push consumer resumed consumerGroup={}", settings.consumerGroup());
    }

    @Override
    public boolean isPaused() {
        return loop.isPaused();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        subscriptions.close();
        losses.close();
        loop.stop();
        awaitOrInterrupt(() -> loop.awaitCalls(settings.closeTimeout()));
        int abandoned = loop.abandonCalls();
        boolean sent = awaitOrInterrupt(() -> loop.awaitSent(RESULT_TIMEOUT));
        transport.close();
        timer.close();
        if (ownWorkers != null) {
            ownWorkers.shutdown();
        }
        if (abandoned > 0 || !sent) {
            log.warn(
                    "closed before all messages were done, they will be delivered again consumerGroup={} runningCalls={}"
                            + " allResultsSent={}",
                    settings.consumerGroup(),
                    abandoned,
                    sent);
        }
        log.info(
                "lite push consumer closed bindTopic={} consumerGroup={}",
                settings.bindTopic(),
                settings.consumerGroup());
    }

    private static boolean awaitOrInterrupt(InterruptibleWait wait) {
        try {
            return wait.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private interface InterruptibleWait {
        boolean await() throws InterruptedException;
    }

    private void giveBackWaiting(String liteTopic) {
        loop.giveBackWaiting(liteTopic);
    }

    private void lost(String liteTopic) {
        loop.giveBackWaiting(liteTopic, () -> losses.report(liteTopic));
    }

    /** Hands what the server says to whom it concerns. */
    private final class ServerNews implements TransportListener {
        @Override
        public void unsubscribed(String liteTopic) {
            subscriptions.lost(liteTopic);
        }

        @Override
        public void contactLost(String proxy) {
            loop.contactLost(proxy);
        }

        @Override
        public void routeChanged(Set<String> proxies) {
            loop.routeChanged(proxies);
        }

        @Override
        public void reachable() {
            subscriptions.reachable();
        }
    }

    /** The consumer's timer, and who calls the listener. */
    private static final class Threads {
        private final SchedulerTimer timer;
        private final @Nullable ExecutorService ownWorkers;
        private final Executor workers;

        Threads(ConsumerSettings settings, @Nullable Executor executor) {
            String name = "lite-consumer-" + settings.consumerGroup();
            timer = SchedulerTimer.start(name + "-timer");
            ownWorkers =
                    executor == null ? Executors.newFixedThreadPool(settings.threads(), NamedThreads.of(name)) : null;
            workers = ownWorkers == null ? requireNonNull(executor) : ownWorkers;
        }
    }
}
