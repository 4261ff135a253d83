package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.Tenant;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.jspecify.annotations.Nullable;

/** With lite topics: one per tenant, and a listener that suspends the tenant until its next request is allowed. */
final class LiteTransport implements Transport {
    private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
    private final ClientConfiguration configuration;
    private final String bindTopic;
    private final String consumerGroup;
    private final List<Tenant> tenants;
    private final int workers;
    private @Nullable Producer producer;
    private @Nullable LitePushConsumer consumer;

    LiteTransport(
            ClientConfiguration configuration,
            String bindTopic,
            String consumerGroup,
            List<Tenant> tenants,
            int workers) {
        this.configuration = configuration;
        this.bindTopic = bindTopic;
        this.consumerGroup = consumerGroup;
        this.tenants = tenants;
        this.workers = workers;
    }

    @Override
    public void start(Gateway gateway) throws ClientException {
        producer = provider.newProducerBuilder()
                .setClientConfiguration(configuration)
                .setTopics(bindTopic)
                .setMaxAttempts(1) // a second attempt could overtake or repeat the first
                .build();
        LitePushConsumer started = provider.newLitePushConsumerBuilder()
                .setClientConfiguration(configuration)
                .bindTopic(bindTopic)
                .setConsumerGroup(consumerGroup)
                .setConsumptionThreadCount(workers)
                .setMessageListener(message -> gateway.serve(message.getBody())
                        .<ConsumeResult>map(ConsumeResultSuspend::of)
                        .orElse(ConsumeResult.SUCCESS))
                .build();
        consumer = started;
        for (Tenant tenant : tenants) {
            started.subscribeLite(tenant.name());
        }
    }

    @Override
    public CompletableFuture<?> send(Tenant tenant, byte[] body) {
        if (producer == null) {
            throw new IllegalStateException("not started");
        }
        return producer.sendAsync(provider.newMessageBuilder()
                .setTopic(bindTopic)
                .setLiteTopic(tenant.name())
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
