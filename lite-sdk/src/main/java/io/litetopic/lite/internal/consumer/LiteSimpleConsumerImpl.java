package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteDeliveryGoneException;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LiteSimpleConsumer;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.LiteTopicName;
import io.litetopic.lite.internal.Observers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running consumer: subscriptions, receive calls, and what the application says about messages. */
@SuppressWarnings("CollectionUndefinedEquality") // each call is itself only
public final class LiteSimpleConsumerImpl implements LiteSimpleConsumer {

    private static final Logger log = LoggerFactory.getLogger(LiteSimpleConsumerImpl.class);

    private static final Duration RESULT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration MAX_INVISIBLE = Duration.ofHours(12);

    private final String bindTopic;
    private final String consumerGroup;
    private final Duration awaitDuration;
    private final Observers observers;
    private final LiteTransport transport;
    private final SchedulerTimer timer;
    private final LossReporter losses;
    private final LiteSubscriptions subscriptions;
    private final SimpleReceiver receiver;
    private final Set<CompletableFuture<Void>> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private LiteSimpleConsumerImpl(
            String bindTopic,
            String consumerGroup,
            Duration awaitDuration,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            SchedulerTimer timer,
            Observers observers) {
        this.bindTopic = bindTopic;
        this.consumerGroup = consumerGroup;
        this.awaitDuration = awaitDuration;
        this.transport = transport;
        this.timer = timer;
        this.observers = observers;
        this.losses = new LossReporter(consumerGroup, unsubscribeListener, timer);
        this.subscriptions = new LiteSubscriptions(transport, timer, this::giveBackSpare, this::lost);
        this.receiver = new SimpleReceiver(transport, timer, subscriptions, consumerGroup);
    }

    /** Starts a consumer over a connected transport; closes the transport if that fails. */
    public static LiteSimpleConsumer start(
            String bindTopic,
            String consumerGroup,
            Duration awaitDuration,
            @Nullable LiteUnsubscribeListener unsubscribeListener,
            LiteTransport transport,
            Observers observers)
            throws ClientException {
        LiteSimpleConsumerImpl consumer = new LiteSimpleConsumerImpl(
                bindTopic,
                consumerGroup,
                awaitDuration,
                unsubscribeListener,
                transport,
                SchedulerTimer.start("lite-consumer-" + consumerGroup + "-timer"),
                observers);
        boolean started = false;
        try {
            transport.listen(consumer.new ServerNews());
            consumer.subscriptions.start();
            consumer.receiver.start();
            started = true;
        } finally {
            if (!started) {
                consumer.close();
            }
        }
        log.info("lite simple consumer started bindTopic={} consumerGroup={}", bindTopic, consumerGroup);
        return consumer;
    }

    @Override
    public String getConsumerGroup() {
        return consumerGroup;
    }

    @Override
    public void subscribeLite(String liteTopic) throws ClientException {
        subscriptions.subscribe(LiteTopicName.check(liteTopic), null);
    }

    @Override
    public void subscribeLite(String liteTopic, OffsetOption offsetOption) throws ClientException {
        subscriptions.subscribe(
                LiteTopicName.check(liteTopic), requireNonNull(offsetOption, "offsetOption should not be null"));
    }

    @Override
    public void unsubscribeLite(String liteTopic) throws ClientException {
        subscriptions.unsubscribe(LiteTopicName.check(liteTopic));
    }

    @Override
    public Set<String> getLiteTopicSet() {
        return subscriptions.snapshot();
    }

    @Override
    public List<MessageView> receive(int maxMessageNum, Duration invisibleDuration) throws ClientException {
        CompletableFuture<List<MessageView>> messages = receiveAsync(maxMessageNum, invisibleDuration);
        try {
            return get(messages, "receive");
        } catch (LiteException e) {
            // Interrupted: whatever came just before that is the caller's, nobody else has it.
            if (e.getCause() instanceof InterruptedException && !messages.cancel(false) && hasValue(messages)) {
                return messages.join();
            }
            throw e;
        }
    }

    @Override
    public CompletableFuture<List<MessageView>> receiveAsync(int maxMessageNum, Duration invisibleDuration) {
        if (maxMessageNum <= 0) {
            throw new IllegalArgumentException("maxMessageNum should be positive [maxMessageNum=" + maxMessageNum
                    + "]; ask for 1 to " + LiteTransport.MAX_RECEIVE);
        }
        Duration duration = checkInvisible(invisibleDuration, Duration.ofMillis(1));
        CompletableFuture<List<Delivery>> deliveries = receiver.receive(maxMessageNum, duration, awaitDuration);
        CompletableFuture<List<MessageView>> result = new CompletableFuture<>();
        Futures.onDone(
                deliveries,
                received -> {
                    if (!result.complete(views(received))) {
                        receiver.giveBack(received);
                    }
                },
                result::completeExceptionally);
        Futures.onDone(result, done -> {}, failure -> deliveries.cancel(false));
        return result;
    }

    private List<MessageView> views(List<Delivery> deliveries) {
        List<MessageView> views = new ArrayList<>(deliveries.size());
        for (Delivery delivery : deliveries) {
            observers.received(consumerGroup, delivery.message());
            views.add(new ReceivedMessage(this, new HeldDelivery(delivery, timer.nanoTime())));
        }
        return views;
    }

    @Override
    public void ack(org.apache.rocketmq.client.apis.message.MessageView messageView) throws ClientException {
        get(ackAsync(messageView), "ack");
    }

    @Override
    public CompletableFuture<Void> ackAsync(org.apache.rocketmq.client.apis.message.MessageView messageView) {
        return settle("ack", messageView, transport::ack);
    }

    @Override
    public void changeInvisibleDuration(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration invisibleDuration)
            throws ClientException {
        get(changeInvisibleDurationAsync(messageView, invisibleDuration), "change the invisible duration");
    }

    @Override
    public CompletableFuture<Void> changeInvisibleDurationAsync(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration invisibleDuration) {
        Duration duration = checkInvisible(invisibleDuration, Duration.ZERO);
        return settle(
                "change the invisible duration",
                messageView,
                delivery -> transport.changeInvisibleDuration(delivery, duration));
    }

    @Override
    public void suspend(org.apache.rocketmq.client.apis.message.MessageView messageView, Duration suspendTime)
            throws ClientException {
        get(suspendAsync(messageView, suspendTime), "suspend");
    }

    @Override
    public CompletableFuture<Void> suspendAsync(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration suspendTime) {
        Duration duration = ConsumeResultSuspend.of(suspendTime).getSuspendTime();
        return settle("suspend", messageView, delivery -> transport.suspend(delivery, duration));
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        subscriptions.close();
        losses.close();
        receiver.close();
        awaitCalls();
        transport.close();
        timer.close();
        log.info("lite simple consumer closed bindTopic={} consumerGroup={}", bindTopic, consumerGroup);
    }

    private void awaitCalls() {
        CompletableFuture<?>[] calls = underWay.toArray(new CompletableFuture<?>[0]);
        try {
            CompletableFuture.allOf(calls).get(RESULT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException expected) {
            // Each call tells its own caller.
        } catch (TimeoutException e) {
            log.warn(
                    "closed before all calls were answered, their messages may be delivered again consumerGroup={}"
                            + " calls={}",
                    consumerGroup,
                    underWay.size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells the server about a message, once what was said about it before has been answered. */
    private CompletableFuture<Void> settle(
            String what,
            org.apache.rocketmq.client.apis.message.MessageView messageView,
            Function<Delivery, CompletableFuture<Void>> call) {
        HeldDelivery held = ReceivedMessage.of(this, consumerGroup, messageView);
        CompletableFuture<Void> result = new CompletableFuture<>();
        underWay.add(result);
        Futures.onDone(result, done -> underWay.remove(result), failure -> underWay.remove(result));
        if (closed.get()) {
            result.completeExceptionally(new IllegalStateException("consumer is closed [consumerGroup=" + consumerGroup
                    + ", messageId=" + messageView.getMessageId()
                    + "]; what was not acked before is delivered again"));
            return result;
        }
        Futures.onDone(
                held.call(() -> call.apply(held.delivery())),
                result::complete,
                failure -> result.completeExceptionally(mapped(what, held.delivery(), failure)));
        return result;
    }

    private Throwable mapped(String what, Delivery delivery, Throwable failure) {
        // No retry reaches a proxy that has left the route; the new owner of the queue delivers the message again.
        boolean proxyLeft =
                RouteSync.isUnanswered(failure) && !transport.proxies().contains(delivery.proxy());
        if (!proxyLeft && !(failure instanceof DeliveryGoneException)) {
            return failure;
        }
        return new LiteDeliveryGoneException(
                "cannot " + what + ": the message is not with this consumer any more, as "
                        + (proxyLeft
                                ? "the proxy that delivered it is gone"
                                : "it was acked or suspended, or its invisible duration is over")
                        + " [bindTopic=" + bindTopic + ", consumerGroup=" + consumerGroup + ", liteTopic="
                        + delivery.liteTopic() + ", messageId="
                        + delivery.message().getMessageId() + ", attempt="
                        + delivery.message().getDeliveryAttempt() + ", proxy=" + delivery.proxy()
                        + "]; do not retry: it comes again if it is not done. If handling takes longer, pass a longer"
                        + " invisible duration, or change it in time",
                ((LiteException) failure).getRequestId().orElse(null),
                failure);
    }

    private static Duration checkInvisible(Duration duration, Duration min) {
        if (duration == null || duration.compareTo(min) < 0 || duration.compareTo(MAX_INVISIBLE) > 0) {
            throw new IllegalArgumentException("invisibleDuration is out of range [invisibleDuration=" + duration
                    + ", min=" + min + ", max=" + MAX_INVISIBLE + "]; pass a Duration in that range");
        }
        return duration;
    }

    private <T> T get(CompletableFuture<T> future, String what) throws ClientException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LiteException(
                    "interrupted while waiting for the server [call=" + what + ", consumerGroup=" + consumerGroup
                            + "]; what came of the call is not known, try again",
                    true,
                    null,
                    e);
        } catch (ExecutionException e) {
            Throwable cause = Futures.causeOf(e);
            if (cause instanceof ClientException) {
                throw (ClientException) cause;
            }
            if (cause instanceof IllegalStateException) {
                throw (IllegalStateException) cause;
            }
            throw new LiteException("cannot " + what + ": " + cause, true, null, cause);
        }
    }

    private static boolean hasValue(CompletableFuture<?> future) {
        return future.isDone() && !future.isCompletedExceptionally();
    }

    private void giveBackSpare(String liteTopic) {
        receiver.giveBackSpare(liteTopic);
    }

    private void lost(String liteTopic) {
        receiver.giveBackSpare(liteTopic);
        losses.report(liteTopic);
    }

    /** Hands what the server says to whom it concerns. */
    private final class ServerNews implements TransportListener {
        @Override
        public void unsubscribed(String liteTopic) {
            subscriptions.lost(liteTopic);
        }

        @Override
        public void contactLost(String proxy) {
            receiver.contactLost(proxy);
        }

        @Override
        public void routeChanged(Set<String> proxies) {
            receiver.routeChanged(proxies);
        }

        @Override
        public void reachable() {
            subscriptions.reachable();
        }
    }
}
