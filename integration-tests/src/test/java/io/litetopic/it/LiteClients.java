package io.litetopic.it;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageListener;
import io.litetopic.testkit.StockCluster;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;

/** Our own client. */
final class LiteClients {
    static final LiteClientServiceProvider PROVIDER = LiteClientServiceProvider.loadService();

    private LiteClients() {}

    static Producer producer(StockCluster cluster, String... topics) throws ClientException {
        return PROVIDER.newProducerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster))
                .setTopics(topics)
                .build();
    }

    static LitePushConsumer consumer(StockCluster cluster, String bindTopic, String group, MessageListener listener)
            throws ClientException {
        return PROVIDER.newLitePushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster))
                .bindTopic(bindTopic)
                .setConsumerGroup(group)
                .setMessageListener(listener)
                .build();
    }

    static Message message(String topic, String liteTopic, int number) {
        return PROVIDER.newMessageBuilder()
                .setTopic(topic)
                .setLiteTopic(liteTopic)
                .setBody(OfficialClients.body(number))
                .build();
    }
}
