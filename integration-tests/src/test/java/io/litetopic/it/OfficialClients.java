package io.litetopic.it;

import io.litetopic.testkit.StockCluster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;

/** The unmodified official client. */
final class OfficialClients {
    static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();

    private OfficialClients() {}

    static ClientConfiguration configuration(StockCluster cluster) {
        return ClientConfiguration.newBuilder()
                .setEndpoints(cluster.grpcEndpoints())
                .setRequestTimeout(Duration.ofSeconds(10))
                .enableSsl(false)
                .build();
    }

    static Producer producer(StockCluster cluster, String... topics) throws ClientException {
        return PROVIDER.newProducerBuilder()
                .setClientConfiguration(configuration(cluster))
                .setTopics(topics)
                .build();
    }

    static Message liteMessage(String topic, String liteTopic, int number) {
        return PROVIDER.newMessageBuilder()
                .setTopic(topic)
                .setLiteTopic(liteTopic)
                .setBody(body(number))
                .build();
    }

    static byte[] body(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.UTF_8);
    }

    static int number(MessageView message) {
        ByteBuffer body = message.getBody();
        return Integer.parseInt(StandardCharsets.UTF_8.decode(body).toString());
    }
}
