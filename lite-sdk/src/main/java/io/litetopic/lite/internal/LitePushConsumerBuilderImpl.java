package io.litetopic.lite.internal;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.internal.consumer.ConsumerSettings;
import io.litetopic.lite.internal.consumer.LitePushConsumerImpl;
import io.litetopic.lite.internal.rocketmq.OfficialClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.jspecify.annotations.Nullable;

/** Checks the settings and starts the consumer over the official client. */
final class LitePushConsumerBuilderImpl implements LitePushConsumerBuilder {

    private static final int DEFAULT_CACHE_MESSAGE_COUNT = 1024;
    private static final int DEFAULT_THREAD_COUNT = 20;
    private static final int DEFAULT_CONCURRENCY = 1000;
    private static final Duration MAX_CLOSE_TIMEOUT = Duration.ofDays(365);

    private final ClientServiceProvider official;
    private final Observers observers;
    private @Nullable ClientConfiguration clientConfiguration;
    private @Nullable String bindTopic;
    private @Nullable String consumerGroup;
    private @Nullable MessageListener messageListener;
    private @Nullable LiteUnsubscribeListener unsubscribeListener;
    private boolean requirePlugin;
    private @Nullable AsyncMessageListener asyncMessageListener;
    private @Nullable Integer maxCacheMessageCount;
    private int maxCacheMessageSizeInBytes = 64 * 1024 * 1024;
    private @Nullable Integer consumptionThreadCount;
    private @Nullable Integer maxConcurrency;
    private @Nullable Executor consumptionExecutor;
    private Duration closeTimeout = ConsumerSettings.CLOSE_TIMEOUT;

    LitePushConsumerBuilderImpl(ClientServiceProvider official, Observers observers) {
        this.official = official;
        this.observers = observers;
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
    public LitePushConsumerBuilder setAsyncMessageListener(AsyncMessageListener messageListener) {
        this.asyncMessageListener = requireNonNull(messageListener, "messageListener should not be null");
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
    public LitePushConsumerBuilder setMaxConcurrency(int count) {
        this.maxConcurrency = positive("maxConcurrency", count);
        return this;
    }

    @Override
    public LitePushConsumerBuilder setConsumptionExecutor(Executor executor) {
        this.consumptionExecutor = requireNonNull(executor, "executor should not be null");
        return this;
    }

    @Override
    public LitePushConsumerBuilder setCloseTimeout(Duration timeout) {
        requireNonNull(timeout, "timeout should not be null");
        if (timeout.isNegative() || timeout.compareTo(MAX_CLOSE_TIMEOUT) > 0) {
            throw new IllegalArgumentException("closeTimeout is out of range [closeTimeout=" + timeout
                    + ", min=PT0S, max=" + MAX_CLOSE_TIMEOUT + "]; pass zero to wait for no listener call");
        }
        this.closeTimeout = timeout;
        return this;
    }

    @Override
    public LitePushConsumer build() throws ClientException {
        ClientConfiguration configuration =
                requireNonNull(clientConfiguration, "clientConfiguration has not been set yet");
        String group = requireNonNull(consumerGroup, "consumerGroup has not been set yet");
        checkContradictions();
        AsyncMessageListener listener = messageListener == null
                ? requireNonNull(asyncMessageListener, "messageListener or asyncMessageListener has not been set yet")
                : LitePushConsumerImpl.blocking(messageListener);
        String topic = requireNonNull(bindTopic, "bindTopic has not been set yet");
        return LitePushConsumerImpl.start(
                settings(topic, group),
                listener,
                consumptionExecutor,
                unsubscribeListener,
                OfficialClient.connect(official, configuration, topic, group),
                requirePlugin);
    }

    private void checkContradictions() {
        if (messageListener != null && asyncMessageListener != null) {
            throw new IllegalStateException(
                    "both messageListener and asyncMessageListener have been set; a consumer has one listener, set one");
        }
        if (messageListener != null && maxConcurrency != null) {
            throw new IllegalStateException(
                    "maxConcurrency has been set without an asyncMessageListener [maxConcurrency=" + maxConcurrency
                            + "]; set consumptionThreadCount, which is what limits a messageListener");
        }
        if (asyncMessageListener != null && consumptionExecutor != null && consumptionThreadCount != null) {
            throw new IllegalStateException("consumptionThreadCount has been set for an asyncMessageListener that has a"
                    + " consumptionExecutor [consumptionThreadCount=" + consumptionThreadCount
                    + "]; set maxConcurrency to limit the messages in flight, and the threads at the executor");
        }
    }

    private ConsumerSettings settings(String topic, String group) {
        int threads = orDefault(consumptionThreadCount, DEFAULT_THREAD_COUNT);
        int concurrency = asyncMessageListener == null ? threads : orDefault(maxConcurrency, DEFAULT_CONCURRENCY);
        int cached = orDefault(maxCacheMessageCount, Math.max(DEFAULT_CACHE_MESSAGE_COUNT, concurrency));
        return ConsumerSettings.of(topic, group, threads, cached, maxCacheMessageSizeInBytes)
                .with(consumptionExecutor == null ? threads : 0, concurrency)
                .readingAhead(asyncMessageListener == null && consumptionExecutor == null)
                .withCloseTimeout(closeTimeout)
                .observedBy(observers);
    }

    private static int orDefault(@Nullable Integer value, int defaultValue) {
        return value == null ? defaultValue : value;
    }

    private static int positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    name + " should be positive [" + name + "=" + value + "]; pass 1 or more");
        }
        return value;
    }
}
