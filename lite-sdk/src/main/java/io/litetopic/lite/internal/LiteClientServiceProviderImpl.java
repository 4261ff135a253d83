package io.litetopic.lite.internal;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.LiteSimpleConsumerBuilder;
import io.litetopic.lite.internal.producer.LiteMessageBuilder;
import io.litetopic.lite.internal.producer.LiteProducerBuilder;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.PushConsumerBuilder;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumerBuilder;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.ProducerBuilder;

/** The provider on top of the official one. */
public final class LiteClientServiceProviderImpl implements LiteClientServiceProvider {

    private final ClientServiceProvider official;

    private LiteClientServiceProviderImpl(ClientServiceProvider official) {
        this.official = official;
    }

    public static LiteClientServiceProvider instance() {
        return Holder.INSTANCE;
    }

    @Override
    public LitePushConsumerBuilder newLitePushConsumerBuilder() {
        return new LitePushConsumerBuilderImpl(official);
    }

    @Override
    public LiteSimpleConsumerBuilder newLiteSimpleConsumerBuilder() {
        return new LiteSimpleConsumerBuilderImpl(official);
    }

    @Override
    public ProducerBuilder newProducerBuilder() {
        return new LiteProducerBuilder(official);
    }

    @Override
    public MessageBuilder newMessageBuilder() {
        return new LiteMessageBuilder(official.newMessageBuilder());
    }

    @Override
    public PushConsumerBuilder newPushConsumerBuilder() {
        return official.newPushConsumerBuilder();
    }

    @Override
    public SimpleConsumerBuilder newSimpleConsumerBuilder() {
        return official.newSimpleConsumerBuilder();
    }

    // loaded on first use; a failed load is not remembered as a success
    private static final class Holder {
        private static final LiteClientServiceProvider INSTANCE =
                new LiteClientServiceProviderImpl(ClientServiceProvider.loadService());
    }
}
