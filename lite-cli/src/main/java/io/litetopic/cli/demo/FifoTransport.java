package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.Tenant;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.jspecify.annotations.Nullable;

/** Without lite topics: a FIFO topic with a message group per tenant, the official client, sleep in the listener. */
final class FifoTransport implements Transport {
    private final ClientServiceProvider provider = ClientServiceProvider.loadService();
    private final ClientConfiguration configuration;
    private final String topic;
    private final String consumerGroup;
    private final int workers;
    private @Nullable Producer producer;
    private @Nullable PushConsumer consumer;

    FifoTransport(ClientConfiguration configuration, String topic, String consumerGroup, int workers) {
        this.configuration = configuration;
        this.topic = topic;
        this.consumerGroup = consumerGroup;
        this.workers = workers;
    }

    @Override
    public void start(Gateway gateway) throws ClientException {
        producer = provider.newProducerBuilder()
                .setClientConfiguration(configuration)
                .setTopics(topic)
                .setMaxAttempts(1) // a second attempt could overtake or repeat the first
                .build();
        consumer = provider.newPushConsumerBuilder()
                .setClientConfiguration(configuration)
                .setConsumerGroup(consumerGroup)
                .setSubscriptionExpressions(Map.of(topic, FilterExpression.SUB_ALL))
                .setConsumptionThreadCount(workers)
                .setMessageListener(message -> {
                    try {
                        gateway.serveSleeping(message.getBody());
                        return ConsumeResult.SUCCESS;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return ConsumeResult.FAILURE;
                    }
                })
                .build();
    }

    @Override
    public CompletableFuture<?> send(Tenant tenant, byte[] body) {
        if (producer == null) {
            throw new IllegalStateException("not started");
        }
        return producer.sendAsync(provider.newMessageBuilder()
                .setTopic(topic)
                .setMessageGroup(tenant.name())
                .setBody(body)
                .build());
    }

    @Override
    public void close() throws IOException {
        try (Producer closing = producer) {
            if (consumer != null) {
                consumer.close();
            }
        }
    }
}
