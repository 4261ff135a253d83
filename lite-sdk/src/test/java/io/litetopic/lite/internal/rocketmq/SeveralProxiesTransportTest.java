package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.internal.consumer.Delivery;
import io.litetopic.lite.internal.rocketmq.RawServer.Receive;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole consumer over real connections to proxies that come and go. */
class SeveralProxiesTransportTest {

    /** Longer than gRPC's first pauses between attempts to connect, so that its next one would be late. */
    private static final Duration AWAY = Duration.ofSeconds(6);

    private final List<String> consumed = new CopyOnWriteArrayList<>();
    private RawServer one;
    private RawServer two;
    private RawServer three;
    private LitePushConsumer consumer;

    @BeforeEach
    void start() throws Exception {
        one = new RawServer();
        two = new RawServer();
        three = new RawServer();
        route(one, two);
        consumer = LiteClientServiceProvider.loadService()
                .newLitePushConsumerBuilder()
                .setClientConfiguration(ClientConfiguration.newBuilder()
                        .setEndpoints(one.endpoints())
                        .enableSsl(false)
                        .build())
                .bindTopic("bind-topic")
                .setConsumerGroup("workers")
                .setMessageListener(message -> {
                    consumed.add(
                            StandardCharsets.UTF_8.decode(message.getBody()).toString());
                    return ConsumeResult.SUCCESS;
                })
                .setConsumptionThreadCount(4)
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        consumer.close();
        one.close();
        two.close();
        three.close();
    }

    @Test
    void receivesFromEveryProxyAndAcksThere() throws Exception {
        consumer.subscribeLite("a");
        consumer.subscribeLite("b");

        nextReceive(one).answer(Code.OK, RawServer.message("a", "from-one", 1));
        nextReceive(two).answer(Code.OK, RawServer.message("b", "from-two", 1));

        await().until(() -> one.acks.size() == 1 && two.acks.size() == 1);
        assertThat(consumed).containsExactlyInAnyOrder("from-one", "from-two");
        assertThat(one.acks.get(0).getEntries(0).getReceiptHandle()).isEqualTo("handle-from-one");
        assertThat(two.acks.get(0).getEntries(0).getReceiptHandle()).isEqualTo("handle-from-two");
        for (RawServer proxy : List.of(one, two)) {
            assertThat(proxy.syncs)
                    .filteredOn(sync -> sync.request().getAction() == LiteSubscriptionAction.PARTIAL_ADD)
                    .extracting(sync -> sync.request().getLiteTopicSet(0))
                    .containsExactly("a", "b");
        }
    }

    @Test
    void followsTheRouteToANewProxyWhenTheAccessPointDies() throws Exception {
        consumer.subscribeLite("a");
        nextReceive(one);
        long diedNanos = System.nanoTime();

        one.goAway();
        route(two, three);

        Receive receive = nextReceive(three);
        assertThat(Duration.ofNanos(System.nanoTime() - diedNanos)).isLessThan(Duration.ofSeconds(2));
        assertThat(three.clients).isNotEmpty();
        assertThat(three.syncs.get(0).request().getAction()).isEqualTo(LiteSubscriptionAction.COMPLETE_ADD);
        assertThat(three.syncs.get(0).request().getLiteTopicSetList()).containsExactly("a");
        receive.answer(Code.OK, RawServer.message("a", "moved", 1));
        await().until(() -> three.acks.size() == 1);
    }

    /** It can be given back then; if it were dropped, it would wait there for the end of its delivery. */
    @Test
    void messageThatAProxyDeliversWhileItLeavesTheRouteArrives() throws Exception {
        OfficialClientTransport transport = connect();
        try {
            String leaving = transport.proxies().stream()
                    .filter(proxy -> proxy.endsWith(two.endpoints()))
                    .findFirst()
                    .orElseThrow();
            CompletableFuture<List<Delivery>> received =
                    transport.receive(leaving, 1, Duration.ofSeconds(30), Duration.ofSeconds(10));
            Receive underWay = nextReceive(two);
            while (!underWay.request().getGroup().getName().equals("other-workers")) {
                underWay = nextReceive(two); // one of the consumer that all tests have
            }
            route(one);
            transport.refreshRoute().get();
            assertThat(transport.proxies()).hasSize(1);

            underWay.answer(Code.OK, RawServer.message("a", "late", 1));

            assertThat(received.get(10, TimeUnit.SECONDS))
                    .singleElement()
                    .satisfies(delivery -> assertThat(delivery.liteTopic()).isEqualTo("a"));
        } finally {
            transport.close();
        }
    }

    /** The official client would wait for the streams of such a connection, half an hour later, and hang. */
    @Test
    void connectionToAProxyThatHasLeftTheRouteAndLivesIsEnded() throws Exception {
        OfficialClientTransport transport = connect();
        try {
            await().until(() -> two.clients.size() == 2);
            transport.endUnusedConnections();
            transport.endUnusedConnections();
            assertThat(two.clients).as("in the route").hasSize(2);

            route(one);
            transport.refreshRoute().get();
            transport.endUnusedConnections();
            assertThat(two.clients).as("results may still be under way").hasSize(2);
            transport.endUnusedConnections();

            await().until(() -> two.clients.size() == 1);
        } finally {
            transport.close();
        }
    }

    @Test
    void asksForTheRouteAgainAfterAnAnswerThatIsNotComplete() throws Exception {
        consumer.subscribeLite("a");
        nextReceive(one);
        two.forgetMessageTypes();
        one.goAway();
        await().until(() -> two.routeQueries.get() > 1);

        route(two, three);

        assertThat(nextReceive(three)).isNotNull();
    }

    @Test
    void subscribesWhileAProxyIsDead() throws Exception {
        one.goAway();
        CompletableFuture<Void> subscribing = CompletableFuture.runAsync(() -> {
            try {
                consumer.subscribeLite("a");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() ->
                two.syncs.stream().anyMatch(sync -> sync.request().getAction() == LiteSubscriptionAction.PARTIAL_ADD));
        assertThat(subscribing).isNotDone();

        route(two);

        assertThat(subscribing).succeedsWithin(Duration.ofSeconds(3));
        assertThat(consumer.getLiteTopicSet()).containsExactly("a");
    }

    @Test
    void receivesAgainAsSoonAsItsProxyIsBack() throws Exception {
        consumer.subscribeLite("a");
        nextReceive(one);
        one.goAway();
        one.receives.clear();
        long awayNanos = System.nanoTime();
        await().until(() -> System.nanoTime() - awayNanos > AWAY.toNanos());
        int syncsBefore = one.syncs.size();
        long backNanos = System.nanoTime();

        one.comeBack();

        nextReceive(one);
        assertThat(Duration.ofNanos(System.nanoTime() - backNanos)).isLessThan(Duration.ofMillis(1500));
        assertThat(one.syncs.get(syncsBefore).request().getLiteTopicSetList()).containsExactly("a");
    }

    @Test
    void closeTellsTheLiveProxiesAndDoesNotWaitForDeadOnes() throws Exception {
        one.goAway();
        long startNanos = System.nanoTime();

        consumer.close();

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(3));
        assertThat(two.terminations).hasValue(1);
    }

    /** What all proxies say from now on. */
    private OfficialClientTransport connect() throws ClientException {
        return (OfficialClientTransport) OfficialClient.connect(
                ClientServiceProvider.loadService(),
                ClientConfiguration.newBuilder()
                        .setEndpoints(one.endpoints())
                        .enableSsl(false)
                        .build(),
                "bind-topic",
                "other-workers");
    }

    private void route(RawServer... owners) {
        for (RawServer proxy : List.of(one, two, three)) {
            proxy.setRoute(owners);
        }
    }

    private static Receive nextReceive(RawServer proxy) throws InterruptedException {
        Receive receive = proxy.receives.poll(10, TimeUnit.SECONDS);
        assertThat(receive).isNotNull();
        return receive;
    }
}
