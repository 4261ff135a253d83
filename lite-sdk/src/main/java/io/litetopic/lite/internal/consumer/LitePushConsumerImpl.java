package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.LiteTopicName;
import java.time.Duration;
import java.util.Set;
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
    private final ExecutorService workers;
    private final LossReporter losses;
    private final LiteSubscriptions subscriptions;
    private final ConsumerLoop loop;
    private final boolean plainFifo;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LitePushConsumerImpl(
            ConsumerSettings settings,
            MessageListener listener,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            SchedulerTimer timer,
            ExecutorService workers,
            boolean plainFifo) {
        this.settings = settings;
        this.transport = transport;
        this.timer = timer;
        this.workers = workers;
        this.losses = new LossReporter(settings.consumerGroup(), unsubscribeListener, timer);
        this.subscriptions = new LiteSubscriptions(transport, timer, this::giveBackWaiting, this::lost);
        this.loop = new ConsumerLoop(
                settings, listener, transport, timer, workers, subscriptions::accepts, subscriptions::sync);
        this.plainFifo = plainFifo;
    }

    /**
     * Starts a consumer over a connected transport; closes the transport if that fails.
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
        String name = "lite-consumer-" + settings.consumerGroup();
        SchedulerTimer timer = SchedulerTimer.start(name + "-timer");
        ExecutorService workers = Executors.newFixedThreadPool(settings.threads(), NamedThreads.of(name));
        LitePushConsumerImpl consumer =
                new LitePushConsumerImpl(settings, listener, unsubscribeListener, transport, timer, workers, false);
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
                LiteTransport plain = new PlainFifoTransport(transport, timer);
                consumer =
                        new LitePushConsumerImpl(settings, listener, unsubscribeListener, plain, timer, workers, true);
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
                "lite push consumer started bindTopic={} consumerGroup={} threads={}",
                settings.bindTopic(),
                settings.consumerGroup(),
                settings.threads());
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
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        subscriptions.close();
        losses.close();
        loop.stop();
        boolean done = awaitDone();
        transport.close();
        timer.close();
        if (done) {
            workers.shutdown();
        } else {
            log.warn(
                    "closed before all messages were done, they will be delivered again consumerGroup={}",
                    settings.consumerGroup());
            workers.shutdownNow();
        }
        log.info(
                "lite push consumer closed bindTopic={} consumerGroup={}",
                settings.bindTopic(),
                settings.consumerGroup());
    }

    private boolean awaitDone() {
        try {
            return loop.awaitDone(ConsumerSettings.CLOSE_TIMEOUT, RESULT_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
}
