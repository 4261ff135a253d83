package io.litetopic.lite;

import io.litetopic.lite.internal.LiteClientServiceProviderImpl;
import io.litetopic.lite.observability.LiteObserver;
import org.apache.rocketmq.client.apis.consumer.PushConsumerBuilder;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumerBuilder;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.ProducerBuilder;

/**
 * Entry point of the SDK: makes builders for lite clients and, through the same object, for ordinary ones.
 *
 * <p>It mirrors the official {@code ClientServiceProvider}. Client settings are the official
 * {@link org.apache.rocketmq.client.apis.ClientConfiguration}.
 *
 * <p>Thread-safe; making a builder does no I/O.
 */
public interface LiteClientServiceProvider {

    /**
     * Returns the provider on top of the official client found on the class path. Every call returns the same one.
     *
     * @throws UnsupportedOperationException if there is no official client on the class path
     */
    static LiteClientServiceProvider loadService() {
        return LiteClientServiceProviderImpl.instance();
    }

    /**
     * Returns a provider like this one, whose lite clients tell {@code observer} of what they do, after those who are told by clients of
     * this one. Builders and clients made before do not.
     *
     * @param observer metrics, traces, or the application's own
     */
    LiteClientServiceProvider observedBy(LiteObserver observer);

    /** Returns a new builder for consumers of lite topics whose listener is called with the messages. */
    LitePushConsumerBuilder newLitePushConsumerBuilder();

    /** Returns a new builder for consumers of lite topics that are asked for messages. */
    LiteSimpleConsumerBuilder newLiteSimpleConsumerBuilder();

    /**
     * Returns a new builder for producers that accept messages with and without a lite topic.
     *
     * <p>A message with a lite topic is sent as a FIFO message of its topic, in the message group named like the lite
     * topic; its name is checked before any I/O ({@link IllegalArgumentException}). Every other message goes out
     * unchanged. Besides what the official producer throws, {@code send} fails with
     * {@link LiteTopicQuotaExceededException} when the lite topic does not exist yet and its topic is full;
     * {@code sendAsync} reports the same through its future.
     */
    ProducerBuilder newProducerBuilder();

    /**
     * Returns a new builder for messages. {@link MessageBuilder#setLiteTopic} refuses names that are not 1 to 63 bytes
     * of UTF-8, blank ones and those with control characters.
     */
    MessageBuilder newMessageBuilder();

    /** Returns a new official builder for ordinary push consumers. They cannot join a lite consumer group. */
    PushConsumerBuilder newPushConsumerBuilder();

    /** Returns a new official builder for ordinary simple consumers. */
    SimpleConsumerBuilder newSimpleConsumerBuilder();
}
