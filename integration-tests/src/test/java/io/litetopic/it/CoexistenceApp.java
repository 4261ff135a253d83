package io.litetopic.it;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LiteSimpleConsumer;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.OffsetOption;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.producer.Producer;

/**
 * An application that runs with whatever official client is on its class path: see {@link ClientVersionsIT}. It does all that a
 * lite application does once, or finds out that it cannot, then what an ordinary one does; and writes a line for each. It uses the
 * JDK, our SDK and the official API only.
 */
final class CoexistenceApp {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final LiteClientServiceProvider PROVIDER = LiteClientServiceProvider.loadService();

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final ClientConfiguration configuration;

    private CoexistenceApp(String endpoints) {
        this.configuration = ClientConfiguration.newBuilder()
                .setEndpoints(endpoints)
                .setRequestTimeout(Duration.ofSeconds(20))
                .enableSsl(false)
                .build();
    }

    /** @param args endpoints, lite topic; the bind topic is "inference", its group "workers", the ordinary topic "plain" */
    public static void main(String[] args) throws Exception {
        CoexistenceApp app = new CoexistenceApp(args[0]);
        app.push(args[1] + "-pushed");
        app.simple(args[1] + "-pulled");
        app.ordinary();
        app.out.println("END");
    }

    private void push(String liteTopic) throws Exception {
        BlockingQueue<String> handled = new LinkedBlockingQueue<>();
        AtomicBoolean suspended = new AtomicBoolean();
        try (LitePushConsumer consumer = PROVIDER.newLitePushConsumerBuilder()
                .setClientConfiguration(configuration)
                .bindTopic("inference")
                .setConsumerGroup("workers")
                .setMessageListener(message -> {
                    if (suspended.compareAndSet(false, true)) {
                        handled.add("suspended");
                        return ConsumeResultSuspend.of(Duration.ofMillis(200));
                    }
                    handled.add(message.getLiteTopic().orElse("none") + " " + body(message));
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            consumer.subscribeLite(liteTopic, OffsetOption.MIN_OFFSET);
            send(liteTopic, "1");
            send(liteTopic, "2");
            for (int i = 0; i < 3; i++) {
                out.println("PUSH " + handled.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            consumer.unsubscribeLite(liteTopic);
        } catch (ClientException e) {
            out.println("PUSH REFUSED " + e.getMessage());
        }
    }

    private void simple(String liteTopic) throws Exception {
        try (LiteSimpleConsumer consumer = PROVIDER.newLiteSimpleConsumerBuilder()
                .setClientConfiguration(configuration)
                .bindTopic("inference")
                .setConsumerGroup("workers")
                .setAwaitDuration(PATIENCE)
                .build()) {
            consumer.subscribeLite(liteTopic);
            send(liteTopic, "1");
            MessageView message = consumer.receive(1, PATIENCE).get(0);
            consumer.suspend(message, Duration.ofMillis(100));
            message = consumer.receive(1, PATIENCE).get(0);
            consumer.changeInvisibleDuration(message, Duration.ofMinutes(1));
            consumer.ack(message);
            out.println("SIMPLE " + message.getLiteTopic().orElse("none") + " " + body(message));
        } catch (ClientException e) {
            out.println("SIMPLE REFUSED " + e.getMessage());
        }
    }

    private void ordinary() throws Exception {
        try (Producer producer = producer("plain");
                SimpleConsumer consumer = PROVIDER.newSimpleConsumerBuilder()
                        .setClientConfiguration(configuration)
                        .setConsumerGroup("readers")
                        .setAwaitDuration(Duration.ofSeconds(5))
                        .setSubscriptionExpressions(Map.of("plain", FilterExpression.SUB_ALL))
                        .build()) {
            producer.send(PROVIDER.newMessageBuilder()
                    .setTopic("plain")
                    .setBody("hello".getBytes(StandardCharsets.UTF_8))
                    .build());
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            List<org.apache.rocketmq.client.apis.message.MessageView> received = List.of();
            while (received.isEmpty() && System.nanoTime() < giveUp) {
                received = consumer.receive(1, PATIENCE);
            }
            consumer.ack(received.get(0));
            out.println("ORDINARY " + body(received.get(0)));
        }
    }

    private void send(String liteTopic, String body) throws Exception {
        try (Producer producer = producer("inference")) {
            producer.send(PROVIDER.newMessageBuilder()
                    .setTopic("inference")
                    .setLiteTopic(liteTopic)
                    .setBody(body.getBytes(StandardCharsets.UTF_8))
                    .build());
        }
    }

    private Producer producer(String topic) throws ClientException {
        return PROVIDER.newProducerBuilder()
                .setClientConfiguration(configuration)
                .setTopics(topic)
                .build();
    }

    private static String body(org.apache.rocketmq.client.apis.message.MessageView message) {
        return StandardCharsets.UTF_8.decode(message.getBody()).toString();
    }
}
