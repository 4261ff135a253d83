package io.litetopic.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.SystemProperties;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.shaded.io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the proxy knew before it ended it knows when it is back: acks, suspends, subscriptions. */
class DurabilityIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String HELD = "held-";
    private static final int HELD_LITE_TOPICS = 64;
    private static final Duration SYNC_PERIOD = Duration.ofSeconds(30);
    private static final Duration SUSPEND = Duration.ofMinutes(1);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(
            StockCluster.builder().proxyMode(ProxyMode.CLUSTER).litePluginConfig("""
                    bindTopics:
                      loaded:     { groups: { loaded-workers: { mode: shared } } }
                      suspended:  { groups: { suspended-workers: { mode: shared } } }
                      subscribed: { groups: { subscribed-workers: { mode: shared } } }
                    """));

    private static Producer producer;

    @BeforeAll
    static void startProducer() throws ClientException {
        producer = LiteClients.producer(cluster.get(), "loaded", "suspended", "subscribed");
    }

    @AfterAll
    static void closeProducer() throws Exception {
        producer.close();
    }

    @Test
    void gracefulRestartUnderLoadDeliversNothingTwice() throws Exception {
        List<String> liteTopics =
                IntStream.range(0, 200).mapToObj(number -> "user-" + number).toList();
        Map<String, AtomicInteger> calls = new ConcurrentHashMap<>(); // by lite topic and queue offset
        Set<String> sent = ConcurrentHashMap.newKeySet();
        Set<String> handled = ConcurrentHashMap.newKeySet();
        Set<String> held = ConcurrentHashMap.newKeySet();
        ExecutorService sender = Executors.newSingleThreadExecutor();
        AtomicBoolean stop = new AtomicBoolean();
        try (LitePushConsumer consumer = LiteClients.consumer(cluster.get(), "loaded", "loaded-workers", message -> {
            String liteTopic = message.getLiteTopic().orElseThrow();
            if (liteTopic.startsWith(HELD)) {
                held.add(liteTopic);
                return ConsumeResultSuspend.of(LONG);
            }
            calls.computeIfAbsent(liteTopic + "@" + message.getQueueOffset(), key -> new AtomicInteger())
                    .incrementAndGet();
            handled.add(liteTopic + "#" + OfficialClients.number(message));
            return ConsumeResult.SUCCESS;
        })) {
            for (String liteTopic : liteTopics) {
                consumer.subscribeLite(liteTopic);
            }
            // the first messages of their queues stay: the group's committed offset cannot tell what was acked behind
            // them
            for (int i = 0; i < HELD_LITE_TOPICS; i++) {
                consumer.subscribeLite(HELD + i);
                send("loaded", HELD + i, 0);
            }
            await().atMost(LONG).until(() -> held.size() == HELD_LITE_TOPICS);
            Future<?> sending = sender.submit(() -> sendUntil(stop, liteTopics, sent));
            await().atMost(LONG).until(() -> handled.size() > 1_000);

            cluster.proxy().restart();

            int before = handled.size();
            await().atMost(LONG).until(() -> handled.size() > before + 1_000);
            stop.set(true);
            sending.get(LONG.toSeconds(), TimeUnit.SECONDS);
            await().atMost(LONG).until(() -> handled.containsAll(sent));
            assertThat(calls)
                    .allSatisfy((message, count) ->
                            assertThat(count.get()).as(message).isEqualTo(1));
        } finally {
            sender.shutdownNow();
        }
    }

    /** A send that fails while the proxy is away may have been stored or not; the message after it has another number. */
    private static void sendUntil(AtomicBoolean stop, List<String> liteTopics, Set<String> sent) {
        for (int number = 0; !stop.get(); number++) {
            String liteTopic = liteTopics.get(number % liteTopics.size());
            try {
                producer.send(LiteClients.message("loaded", liteTopic, number));
                sent.add(liteTopic + "#" + number);
            } catch (ClientException expected) { // the proxy is away
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void suspendOfAMinuteEndsOnTimeThroughRestartsOfProxyBrokerAndConsumer() throws Exception {
        RawClient.Address address = new RawClient.Address("suspended", "suspended-workers");
        String[] liteTopics = {"before-the-proxy", "before-the-broker", "before-the-consumer"};
        Map<String, Long> suspendedAt = new HashMap<>();
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            connect(client, address);
            subscribe(client, address, liteTopics);
            suspendedAt.put(liteTopics[0], suspendNext(client, address, liteTopics[0]));
            cluster.proxy().kill();
            cluster.proxy().restart();
            connect(client, address);
            subscribe(client, address, liteTopics);
            suspendedAt.put(liteTopics[1], suspendNext(client, address, liteTopics[1]));
            cluster.broker().kill();
            cluster.broker().restart();
            suspendedAt.put(liteTopics[2], suspendNext(client, address, liteTopics[2]));
        }

        try (RawClient other = new RawClient(cluster.grpcEndpoints())) {
            connect(other, address);
            subscribe(other, address, liteTopics);
            for (int i = 0; i < liteTopics.length; i++) {
                String liteTopic = ack(other, address, receive(other, address));
                assertThat(Duration.ofNanos(System.nanoTime() - requireNonNull(suspendedAt.remove(liteTopic))))
                        .as(liteTopic)
                        .isBetween(SUSPEND, SUSPEND.plusSeconds(3));
            }
        }
    }

    /** When the suspend was sent, which the server has accepted. */
    private static long suspendNext(RawClient client, RawClient.Address address, String liteTopic) {
        send("suspended", liteTopic, 0);
        SystemProperties received = receive(client, address).getSystemProperties();
        assertThat(received.getLiteTopic()).isEqualTo(liteTopic);
        long now = System.nanoTime();
        assertThat(client.suspend(address, liteTopic, received.getReceiptHandle(), SUSPEND))
                .matches(RawClient::isOk);
        return now;
    }

    @Test
    void subscriptionsAreThereAgainBeforeAnybodySendsThem() throws Exception {
        RawClient.Address address = new RawClient.Address("subscribed", "subscribed-workers");
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            connect(client, address);
            subscribe(client, address, "kept");
            send("subscribed", "kept", 1);
            assertThat(ack(client, address, receive(client, address))).isEqualTo("kept");

            cluster.proxy().kill();
            cluster.proxy().restart();

            long readyNanos = System.nanoTime();
            connect(client, address);
            send("subscribed", "kept", 2);
            Message received = receive(client, address);
            Duration sinceReady = Duration.ofNanos(System.nanoTime() - readyNanos);
            if (received.getBody().toStringUtf8().equals("1")) { // its ack was not a flush interval old
                ack(client, address, received);
                received = receive(client, address);
            }
            System.out.println("measured: first delivery after kill -9 and start of the proxy: " + sinceReady.toMillis()
                    + " ms after it was ready");
            assertThat(received.getBody().toStringUtf8()).isEqualTo("2");
            assertThat(sinceReady).isLessThan(SYNC_PERIOD);
        }
    }

    private static void connect(RawClient client, RawClient.Address address) throws InterruptedException {
        assertThat(client.declare(ClientType.LITE_SIMPLE_CONSUMER, address).poll(10, TimeUnit.SECONDS))
                .as("the server's settings")
                .isNotNull();
    }

    private static void subscribe(RawClient client, RawClient.Address address, String... liteTopics) {
        await().atMost(LONG)
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(() -> RawClient.isOk(client.sync(LiteSubscriptionAction.PARTIAL_ADD, address, liteTopics)));
    }

    private static void send(String bindTopic, String liteTopic, int number) {
        await().atMost(LONG)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(ClientException.class)
                .until(() -> producer.send(LiteClients.message(bindTopic, liteTopic, number)) != null);
    }

    private static Message receive(RawClient client, RawClient.Address address) {
        return await().atMost(LONG)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(() -> client.receive(address, 1).messages(), messages -> !messages.isEmpty())
                .get(0);
    }

    /** The lite topic of the message. */
    private static String ack(RawClient client, RawClient.Address address, Message message) {
        SystemProperties properties = message.getSystemProperties();
        assertThat(client.ack(address, properties.getLiteTopic(), properties.getReceiptHandle()))
                .matches(RawClient::isOk);
        return properties.getLiteTopic();
    }
}
