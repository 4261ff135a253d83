package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteClientServiceProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a producer's messages go when proxies come and go, over real connections. */
class ProducerRoutesTest {

    /** Far below the 30 s after which the official producer asks by itself. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final List<String> LITE_TOPICS =
            IntStream.range(0, 16).mapToObj(number -> "user-" + number).toList();

    private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
    private final ExecutorService answering = Executors.newCachedThreadPool();
    private final AtomicInteger atAccessPoint = new AtomicInteger();
    private final AtomicInteger atOther = new AtomicInteger();
    private RawServer accessPoint;
    private RawServer other;
    private Producer producer;

    @BeforeEach
    void start() throws Exception {
        accessPoint = new RawServer();
        other = new RawServer();
        route(accessPoint, other);
        producer = provider.newProducerBuilder()
                .setClientConfiguration(ClientConfiguration.newBuilder()
                        .setEndpoints(accessPoint.endpoints())
                        .enableSsl(false)
                        .build())
                .setTopics("bind-topic")
                .build();
        answering.execute(() -> answerSends(accessPoint, atAccessPoint));
        answering.execute(() -> answerSends(other, atOther));
        for (String liteTopic : LITE_TOPICS) {
            send(liteTopic);
        }
        assertThat(atAccessPoint).hasPositiveValue();
        assertThat(atOther).hasPositiveValue();
    }

    @AfterEach
    void stop() throws Exception {
        producer.close();
        answering.shutdownNow();
        accessPoint.close();
        other.close();
    }

    @Test
    void sendsToTheOtherProxySoonAfterOneHasGone() throws Exception {
        other.goAway();
        route(accessPoint);

        assertThat(LITE_TOPICS)
                .anySatisfy(
                        liteTopic -> assertThatThrownBy(() -> send(liteTopic)).isInstanceOf(ClientException.class));
        awaitAllSent();
    }

    @Test
    void asksTheOthersWhenItsAccessPointHasGone() throws Exception {
        accessPoint.goAway();
        route(other);

        awaitAllSent();
    }

    @Test
    void sendsToAProxyThatIsBack() throws Exception {
        other.goAway();
        route(accessPoint);
        awaitAllSent();
        other.comeBack();
        route(other);
        accessPoint.goAway();

        awaitAllSent();
    }

    private void awaitAllSent() {
        for (String liteTopic : LITE_TOPICS) {
            await().atMost(SOON).ignoreExceptions().until(() -> {
                send(liteTopic);
                return true;
            });
        }
    }

    private void send(String liteTopic) throws ClientException {
        producer.send(provider.newMessageBuilder()
                .setTopic("bind-topic")
                .setLiteTopic(liteTopic)
                .setBody(new byte[] {1})
                .build());
    }

    private void route(RawServer... owners) {
        accessPoint.setRoute(owners);
        other.setRoute(owners);
    }

    private static void answerSends(RawServer proxy, AtomicInteger answered) {
        try {
            while (true) {
                proxy.sends.take().answer();
                answered.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
