package io.litetopic.lite.internal;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.internal.consumer.ConsumerSettings;
import io.litetopic.lite.internal.consumer.LitePushConsumerImpl;
import io.litetopic.lite.internal.rocketmq.OfficialClient;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.jspecify.annotations.Nullable;

/** Checks the settings and starts the consumer over the official client. */
final class LitePushConsumerBuilderImpl implements LitePushConsumerBuilder {

    private final ClientServiceProvider official;
    private @Nullable ClientConfiguration clientConfiguration;
    private @Nullable String bindTopic;
    private @Nullable String consumerGroup;
    private @Nullable MessageListener messageListener;
    private @Nullable LiteUnsubscribeListener unsubscribeListener;
    private boolean requirePlugin;
    private int maxCacheMessageCount = 1024;
    private int maxCacheMessageSizeInBytes = 64 * 1024 * 1024;
    private int consumptionThreadCount = 20;

    LitePushConsumerBuilderImpl(ClientServiceProvider official) {
        this.official = official;
    }

    @Override
    public LitePushConsumerBuilder bindTopic(String bindTopic) {
        this.bindTopic = BuilderArguments.bindTopic(bindTopic);
        return this;
    }

    @Override
    public LitePushConsumerBuilder setClientConfiguration(ClientConfiguration clientConfiguration) {
        this.clientConfiguration = requireNonNull(clientConfiguration, "clientConfiguration should not be null");
        return this;
    }

    @Override
    public LitePushConsumerBuilder setConsumerGroup(String consumerGroup) {
        this.consumerGroup = BuilderArguments.consumerGroup(consumerGroup);
        return this;
    }

    @Override
    public LitePushConsumerBuilder setMessageListener(MessageListener messageListener) {
        this.messageListener = requireNonNull(messageListener, "messageListener should not be null");
        return this;
    }

    @Override
    public LitePushConsumerBuilder setUnsubscribeListener(LiteUnsubscribeListener unsubscribeListener) {
        this.unsubscribeListener = requireNonNull(unsubscribeListener, "unsubscribeListener should not be null");
        return this;
    }

    @Override
    public LitePushConsumerBuilder setMaxCacheMessageCount(int count) {
        this.maxCacheMessageCount = positive("maxCacheMessageCount", count);
        return this;
    }

    @Override
    public LitePushConsumerBuilder setMaxCacheMessageSizeInBytes(int bytes) {
        this.maxCacheMessageSizeInBytes = positive("maxCacheMessageSizeInBytes", bytes);
        return this;
    }

    @Override
    public LitePushConsumerBuilder setConsumptionThreadCount(int count) {
        this.consumptionThreadCount = positive("consumptionThreadCount", count);
        return this;
    }

    @Override
    public LitePushConsumerBuilder requirePlugin(boolean requirePlugin) {
        this.requirePlugin = requirePlugin;
        return this;
    }

    @Override
    public LitePushConsumer build() throws ClientException {
        ClientConfiguration configuration =
                requireNonNull(clientConfiguration, "clientConfiguration has not been set yet");
        String group = requireNonNull(consumerGroup, "consumerGroup has not been set yet");
        MessageListener listener = requireNonNull(messageListener, "messageListener has not been set yet");
        String topic = requireNonNull(bindTopic, "bindTopic has not been set yet");
        ConsumerSettings settings = ConsumerSettings.of(
                topic, group, consumptionThreadCount, maxCacheMessageCount, maxCacheMessageSizeInBytes);
        return LitePushConsumerImpl.start(
                settings,
                listener,
                unsubscribeListener,
                OfficialClient.connect(official, configuration, topic, group),
                requirePlugin);
    }

    private static int positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    name + " should be positive [" + name + "=" + value + "]; pass 1 or more");
        }
        return value;
    }
}
