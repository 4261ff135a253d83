package io.litetopic.lite.internal;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.LiteSimpleConsumerBuilder;
import io.litetopic.lite.internal.producer.LiteMessageBuilder;
import io.litetopic.lite.internal.producer.LiteProducerBuilder;
import io.litetopic.lite.observability.LiteObserver;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.PushConsumerBuilder;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumerBuilder;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.ProducerBuilder;

/** The provider on top of the official one. */
public final class LiteClientServiceProviderImpl implements LiteClientServiceProvider {

    private final ClientServiceProvider official;
    private final Observers observers;

    private LiteClientServiceProviderImpl(ClientServiceProvider official, Observers observers) {
        this.official = official;
        this.observers = observers;
    }

    public static LiteClientServiceProvider instance() {
        return Holder.INSTANCE;
    }

    @Override
    public LiteClientServiceProvider observedBy(LiteObserver observer) {
        return new LiteClientServiceProviderImpl(
                official, observers.and(requireNonNull(observer, "observer should not be null")));
    }

    @Override
    public LitePushConsumerBuilder newLitePushConsumerBuilder() {
        return new LitePushConsumerBuilderImpl(official, observers);
    }

    @Override
    public LiteSimpleConsumerBuilder newLiteSimpleConsumerBuilder() {
        return new LiteSimpleConsumerBuilderImpl(official, observers);
    }

    @Override
    public ProducerBuilder newProducerBuilder() {
        return new LiteProducerBuilder(official, observers);
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
                new LiteClientServiceProviderImpl(ClientServiceProvider.loadService(), Observers.NONE);
    }
}
