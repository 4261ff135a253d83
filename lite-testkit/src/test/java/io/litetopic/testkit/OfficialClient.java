package io.litetopic.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.awaitility.Awaitility;

/** Sends and receives through the official client, as a user's application does. */
final class OfficialClient {
    private static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();
    private static final Duration SHORTEST_LONG_POLLING = Duration.ofSeconds(5); // that stock allows
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ClientConfiguration configuration;

    OfficialClient(String grpcEndpoints) {
        this.configuration = ClientConfiguration.newBuilder()
                .setEndpoints(grpcEndpoints)
                .enableSsl(false)
                .build();
    }

    void send(String topic, String body) throws Exception {
        try (Producer producer = PROVIDER.newProducerBuilder()
                .setClientConfiguration(configuration)
                .setTopics(topic)
                .build()) {
            producer.send(PROVIDER.newMessageBuilder()
                    .setTopic(topic)
                    .setBody(body.getBytes(StandardCharsets.UTF_8))
                    .build());
        }
    }

    /** Receives and acks one message, waiting for it. */
    String receive(String topic, String group) throws Exception {
        try (SimpleConsumer consumer = PROVIDER.newSimpleConsumerBuilder()
                .setClientConfiguration(configuration)
                .setConsumerGroup(group)
                .setAwaitDuration(SHORTEST_LONG_POLLING)
                .setSubscriptionExpressions(Map.of(topic, FilterExpression.SUB_ALL))
                .build()) {
            List<MessageView> received = Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> consumer.receive(1, Duration.ofSeconds(20)), messages -> !messages.isEmpty());
            consumer.ack(received.get(0));
            ByteBuffer body = received.get(0).getBody();
            return StandardCharsets.UTF_8.decode(body).toString();
        }
    }
}
