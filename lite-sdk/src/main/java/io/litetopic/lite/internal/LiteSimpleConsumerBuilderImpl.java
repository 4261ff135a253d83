package io.litetopic.lite.internal;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.LiteSimpleConsumer;
import io.litetopic.lite.LiteSimpleConsumerBuilder;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.internal.consumer.LiteSimpleConsumerImpl;
import io.litetopic.lite.internal.rocketmq.OfficialClient;
import java.time.Duration;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.jspecify.annotations.Nullable;

/** Checks the settings and starts the consumer over the official client. */
final class LiteSimpleConsumerBuilderImpl implements LiteSimpleConsumerBuilder {

    private static final Duration MAX_AWAIT = Duration.ofDays(1);

    private final ClientServiceProvider official;
    private final Observers observers;
    private @Nullable ClientConfiguration clientConfiguration;
    private @Nullable String bindTopic;
    private @Nullable String consumerGroup;
    private @Nullable Duration awaitDuration;
    private @Nullable LiteUnsubscribeListener unsubscribeListener;

    LiteSimpleConsumerBuilderImpl(ClientServiceProvider official, Observers observers) {
        this.official = official;
        this.observers = observers;
    }

    @Override
    public LiteSimpleConsumerBuilder bindTopic(String bindTopic) {
        this.bindTopic = BuilderArguments.bindTopic(bindTopic);
        return this;
    }

    @Override
    public LiteSimpleConsumerBuilder setClientConfiguration(ClientConfiguration clientConfiguration) {
        this.clientConfiguration = requireNonNull(clientConfiguration, "clientConfiguration should not be null");
        return this;
    }

    @Override
    public LiteSimpleConsumerBuilder setConsumerGroup(String consumerGroup) {
        this.consumerGroup = BuilderArguments.consumerGroup(consumerGroup);
        return this;
    }

    @Override
    public LiteSimpleConsumerBuilder setAwaitDuration(Duration awaitDuration) {
        requireNonNull(awaitDuration, "awaitDuration should not be null");
        if (awaitDuration.isZero() || awaitDuration.isNegative() || awaitDuration.compareTo(MAX_AWAIT) > 0) {
            throw new IllegalArgumentException("awaitDuration is out of range [awaitDuration=" + awaitDuration
                    + ", max=" + MAX_AWAIT + "]; pass a positive Duration in that range");
        }
        this.awaitDuration = awaitDuration;
        return this;
    }

    @Override
    public LiteSimpleConsumerBuilder setUnsubscribeListener(LiteUnsubscribeListener unsubscribeListener) {
        this.unsubscribeListener = requireNonNull(unsubscribeListener, "unsubscribeListener should not be null");
        return this;
    }

    @Override
    public LiteSimpleConsumer build() throws ClientException {
        ClientConfiguration configuration =
                requireNonNull(clientConfiguration, "clientConfiguration has not been set yet");
        String group = requireNonNull(consumerGroup, "consumerGroup has not been set yet");
        Duration await = requireNonNull(awaitDuration, "awaitDuration has not been set yet");
        String topic = requireNonNull(bindTopic, "bindTopic has not been set yet");
        return LiteSimpleConsumerImpl.start(
                topic,
                group,
                await,
                unsubscribeListener,
                OfficialClient.connect(official, configuration, topic, group),
                observers);
    }
}
