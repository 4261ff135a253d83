package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.UnsubscribeReason;
import io.litetopic.lite.internal.consumer.LiteTransport;
import io.litetopic.lite.internal.rocketmq.RawServer.Receive;
import io.litetopic.lite.internal.rocketmq.RawServer.Sync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole consumer over real connections to a server that does what a test says. */
class OfficialClientTransportTest {

    /** The server takes a client whose connection broke for dead after half a second. */
    private static final Duration SIGN_OF_LIFE = Duration.ofMillis(400);

    private RawServer server;
    private final List<LitePushConsumer> started = new ArrayList<>();
    private final List<String> unsubscribed = new CopyOnWriteArrayList<>();

    @BeforeEach
    void startServer() throws IOException {
        server = new RawServer();
    }

    @AfterEach
    void stop() throws Exception {
        for (LitePushConsumer consumer : started) {
            consumer.close();
        }
        server.close();
    }

    @Test
    void messagesReachTheListenerAndAreAcked() throws Exception {
        List<String> consumed = new CopyOnWriteArrayList<>();
        LitePushConsumer consumer = start(message -> {
            consumed.add(message.getLiteTopic().orElseThrow() + " " + StandardCharsets.UTF_8.decode(message.getBody())
                    + " " + message.getQueueOffset());
            return ConsumeResult.SUCCESS;
        });
        consumer.subscribeLite("user-1");

        Receive receive = nextReceive();
        receive.answer(Code.OK, RawServer.message("user-1", "one", 41), RawServer.message("user-1", "two", 1L << 40));

        await().until(() -> server.acks.size() == 2);
        assertThat(consumed).containsExactly("user-1 one 41", "user-1 two 1099511627776");
        assertThat(server.acks)
                .extracting(ack -> ack.getEntries(0).getReceiptHandle())
                .containsExactlyInAnyOrder("handle-one", "handle-two");
        assertThat(receive.request().getBatchSize()).isEqualTo(2);
        assertThat(receive.request().getInvisibleDuration().getSeconds()).isEqualTo(30);
        assertThat(receive.request().getLongPollingTimeout().getSeconds()).isEqualTo(15);
        assertThat(receive.request().getAutoRenew()).isFalse();
        assertThat(receive.request().getFilterExpression().getExpression()).isEqualTo("*");
    }

    @Test
    void receivesAgainAfterNoMessageCame() throws Exception {
        start(message -> ConsumeResult.SUCCESS);

        for (int i = 0; i < 3; i++) {
            nextReceive().answer(Code.MESSAGE_NOT_FOUND);
        }

        assertThat(wholeSets()).isEqualTo(1);
    }

    @Test
    void sendsItsSetAgainToAServerThatDoesNotKnowIt() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        consumer.subscribeLite("user-1");

        nextReceive().answer(Code.PRECONDITION_FAILED);

        nextReceive().answer(Code.MESSAGE_NOT_FOUND);
        assertThat(lastSync().request().getAction()).isEqualTo(LiteSubscriptionAction.COMPLETE_ADD);
        assertThat(lastSync().request().getLiteTopicSetList()).containsExactly("user-1");
    }

    @Test
    void offsetOptionsAreSentAsTheProtocolHasThem() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);

        consumer.subscribeLite("last", OffsetOption.LAST_OFFSET);
        assertThat(lastSync().request().getOffsetOption().getPolicy())
                .isEqualTo(apache.rocketmq.v2.OffsetOption.Policy.LAST);
        consumer.subscribeLite("min", OffsetOption.MIN_OFFSET);
        assertThat(lastSync().request().getOffsetOption().getPolicy())
                .isEqualTo(apache.rocketmq.v2.OffsetOption.Policy.MIN);
        consumer.subscribeLite("max", OffsetOption.MAX_OFFSET);
        assertThat(lastSync().request().getOffsetOption().getPolicy())
                .isEqualTo(apache.rocketmq.v2.OffsetOption.Policy.MAX);
        consumer.subscribeLite("offset", OffsetOption.ofOffset(1L << 40));
        assertThat(lastSync().request().getOffsetOption().getOffset()).isEqualTo(1L << 40);
        consumer.subscribeLite("tail", OffsetOption.ofTailN(7));
        assertThat(lastSync().request().getOffsetOption().getTailN()).isEqualTo(7);
        consumer.subscribeLite("timestamp", OffsetOption.ofTimestamp(1_700_000_000_000L));
        assertThat(lastSync().request().getOffsetOption().getTimestamp()).isEqualTo(1_700_000_000_000L);
        consumer.subscribeLite("none");
        assertThat(lastSync().request().hasOffsetOption()).isFalse();
        assertThatThrownBy(() -> OffsetOption.ofTailN(-1)).hasMessageContaining("tailN=-1");
    }

    @Test
    void applicationIsToldOfASubscriptionThatTheServerEnded() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        consumer.subscribeLite("user-1");
        consumer.subscribeLite("user-2");

        // Soon after subscribing it may be about a former subscription, and has to be said again.
        await().until(() -> {
            server.sayUnsubscribed("user-1");
            return !unsubscribed.isEmpty();
        });

        assertThat(unsubscribed).containsExactly("user-1 " + UnsubscribeReason.UNKNOWN);
        assertThat(consumer.getLiteTopicSet()).containsExactly("user-2");
    }

    @Test
    void isHeardOfAtOnceWhenItsConnectionBreaks() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        consumer.subscribeLite("user-1");
        nextReceive();

        Duration silence = cutAndWaitForWholeSet();

        assertThat(silence).isLessThan(SIGN_OF_LIFE);
        nextReceive().answer(Code.OK, RawServer.message("user-1", "one", 1));
        await().until(() -> server.acks.size() == 1);
    }

    @Test
    void isHeardOfAtOnceWhenItsConnectionBreaksWhileAllThreadsAreBusy() throws Exception {
        CountDownLatch running = new CountDownLatch(2);
        CountDownLatch mayEnd = new CountDownLatch(1);
        LitePushConsumer consumer = start(message -> {
            running.countDown();
            awaitLatch(mayEnd);
            return ConsumeResult.SUCCESS;
        });
        consumer.subscribeLite("user-1");
        consumer.subscribeLite("user-2");
        nextReceive().answer(Code.OK, RawServer.message("user-1", "one", 1), RawServer.message("user-2", "two", 2));
        awaitLatch(running);
        assertThat(server.receives).isEmpty();

        Duration silence = cutAndWaitForWholeSet();

        assertThat(silence).isLessThan(SIGN_OF_LIFE);
        mayEnd.countDown();
        await().until(() -> server.acks.size() == 2);
    }

    @Test
    void learnsWhatItMissedWhenTheServerCanReachItAgain() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        consumer.subscribeLite("user-1");
        cutAndWaitForWholeSet();
        long cutNanos = System.nanoTime();

        // The telemetry stream comes back a second later.
        await().atMost(Duration.ofSeconds(45)).until(() -> server.lastClientNanos - cutNanos > 0);
        // At once; on a machine that is too busy for that, with the next of the periodic ones.
        await().atMost(Duration.ofSeconds(45)).until(() -> lastSync().nanoTime() - server.lastClientNanos > 0);

        assertThat(lastSync().request().getLiteTopicSetList()).containsExactly("user-1");
        await().until(() -> {
            server.sayUnsubscribed("user-1");
            return unsubscribed.contains("user-1 UNKNOWN");
        });
    }

    @Test
    void callsThatFollowFromAReceiveDoNotEndWithReceiving() throws Exception {
        LiteTransport transport =
                OfficialClient.connect(ClientServiceProvider.loadService(), configuration(), "bind-topic", "workers");
        String proxy = transport.proxies().iterator().next();
        try {
            CompletableFuture<Void> acked = transport
                    .receive(proxy, 1, Duration.ofSeconds(60), Duration.ofSeconds(15))
                    .thenCompose(deliveries -> {
                        transport.stopReceiving();
                        return transport.ack(deliveries.get(0));
                    });

            nextReceive().answer(Code.OK, RawServer.message("user-1", "one", 1));

            assertThat(acked).succeedsWithin(Duration.ofSeconds(5));
            assertThat(transport.receive(proxy, 1, Duration.ofSeconds(60), Duration.ofSeconds(15)))
                    .failsWithin(Duration.ofSeconds(5));
        } finally {
            transport.close();
        }
    }

    @Test
    void closesSoonThoughStreamsAreOpen() throws Exception {
        LitePushConsumer consumer = start(message -> ConsumeResult.SUCCESS);
        nextReceive();
        long startNanos = System.nanoTime();

        consumer.close();

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(2));
    }

    /** Returns after how long the server has heard of the consumer over another connection. */
    private Duration cutAndWaitForWholeSet() throws IOException {
        int before = server.syncs.size();
        long cutNanos = System.nanoTime();
        server.cutConnections();
        await().pollInterval(Duration.ofMillis(5)).until(() -> server.syncs.size() > before);
        Sync sync = server.syncs.get(before);
        assertThat(sync.request().getAction()).isEqualTo(LiteSubscriptionAction.COMPLETE_ADD);
        return Duration.ofNanos(sync.nanoTime() - cutNanos);
    }

    private LitePushConsumer start(MessageListener listener) throws Exception {
        LiteUnsubscribeListener unsubscribeListener = (liteTopic, reason) -> unsubscribed.add(liteTopic + " " + reason);
        LitePushConsumer consumer = LiteClientServiceProvider.loadService()
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration())
                .bindTopic("bind-topic")
                .setConsumerGroup("workers")
                .setMessageListener(listener)
                .setUnsubscribeListener(unsubscribeListener)
                .setConsumptionThreadCount(2)
                .build();
        started.add(consumer);
        return consumer;
    }

    private ClientConfiguration configuration() {
        return ClientConfiguration.newBuilder()
                .setEndpoints(server.endpoints())
                .enableSsl(false)
                .build();
    }

    private Receive nextReceive() throws InterruptedException {
        Receive receive = server.receives.poll(10, TimeUnit.SECONDS);
        assertThat(receive).isNotNull();
        return receive;
    }

    private Sync lastSync() {
        return server.syncs.get(server.syncs.size() - 1);
    }

    private int wholeSets() {
        return (int) server.syncs.stream()
                .filter(sync -> sync.request().getAction() == LiteSubscriptionAction.COMPLETE_ADD)
                .count();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
