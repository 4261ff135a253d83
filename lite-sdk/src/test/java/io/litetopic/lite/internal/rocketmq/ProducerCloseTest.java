package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteClientServiceProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the producer ends, over real connections to a server that does what a test says. */
class ProducerCloseTest {

    private static final Duration SOON = Duration.ofSeconds(3);

    private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
    private RawServer server;
    private Producer producer;

    @BeforeEach
    void start() throws Exception {
        server = new RawServer();
        producer = provider.newProducerBuilder()
                .setClientConfiguration(ClientConfiguration.newBuilder()
                        .setEndpoints(server.endpoints())
                        .enableSsl(false)
                        .build())
                .setTopics("bind-topic")
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        producer.close();
        server.close();
        await().until(() -> threads("lite-client-close") == 0);
    }

    @Test
    void doesNotWaitForAServerThatHoldsItsStreamOpen() {
        server.keepsStreams = true;

        assertThat(closing()).succeedsWithin(SOON);

        assertThat(threads("lite-client-close"))
                .as("the official client still waits")
                .isPositive();
        assertThat(server.terminations).hasValue(1);
    }

    @Test
    void opensNoStreamAgainThatNobodyWouldEnd() throws Exception {
        await().until(() -> server.clients.size() == 1);
        server.goAway();
        await().until(() -> server.clients.isEmpty());
        server.comeBack();

        assertThat(closing()).succeedsWithin(SOON);

        await().until(() -> threads("lite-client-close") == 0);
        assertThat(server.clients).isEmpty();
    }

    @Test
    void sendsUnderWayGetTheirReceiptBeforeItCloses() throws Exception {
        CompletableFuture<SendReceipt> async = producer.sendAsync(message());
        RawServer.Send first = nextSend();
        CompletableFuture<SendReceipt> sync = CompletableFuture.supplyAsync(() -> {
            try {
                return producer.send(message());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        RawServer.Send second = nextSend();

        CompletableFuture<Void> closing = closing();
        await().during(Duration.ofMillis(300)).until(() -> !closing.isDone());
        first.answer();
        second.answer();

        assertThat(closing).succeedsWithin(SOON);
        assertThat(async).isCompleted();
        assertThat(sync).succeedsWithin(SOON);
    }

    private CompletableFuture<Void> closing() {
        return CompletableFuture.runAsync(() -> {
            try {
                producer.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private Message message() {
        return provider.newMessageBuilder()
                .setTopic("bind-topic")
                .setLiteTopic("user-1")
                .setBody(new byte[] {1})
                .build();
    }

    private RawServer.Send nextSend() throws InterruptedException {
        RawServer.Send send = server.sends.poll(10, TimeUnit.SECONDS);
        assertThat(send).isNotNull();
        return send;
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }
}
