package io.litetopic.lite;

import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;

/**
 * Collects the settings of a {@link LitePushConsumer} and starts it. Bind topic, consumer group, client configuration
 * and message listener are mandatory. Not thread-safe.
 */
public interface LitePushConsumerBuilder {

    /**
     * Sets the topic that carries the lite topics.
     *
     * @throws IllegalArgumentException if {@code bindTopic} is blank
     */
    LitePushConsumerBuilder bindTopic(String bindTopic);

    /** Sets access point, credentials and timeouts. */
    LitePushConsumerBuilder setClientConfiguration(ClientConfiguration clientConfiguration);

    /**
     * Sets the consumer group: consumers of the same group share the messages of the lite topics they subscribe to.
     *
     * @param consumerGroup letters, digits, {@code %}, {@code _} and {@code -}
     * @throws IllegalArgumentException if {@code consumerGroup} has other characters or is empty
     */
    LitePushConsumerBuilder setConsumerGroup(String consumerGroup);

    /** Sets the listener that handles the messages. */
    LitePushConsumerBuilder setMessageListener(MessageListener messageListener);

    /**
     * Sets who is told of subscriptions that the server has ended; nobody by default, and a line is logged at level WARN
     * instead, for one loss every 30 seconds at most.
     */
    LitePushConsumerBuilder setUnsubscribeListener(LiteUnsubscribeListener unsubscribeListener);

    /**
     * Sets a safety bound on the number of messages in hand, received and not yet handled; 1024 by default.
     *
     * <p>The consumer asks only for as many messages as it has free threads, so the bound is not reached unless one
     * lite topic is handed over in long runs. While it is reached, no further messages are asked for.
     *
     * @param count at least 1
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    LitePushConsumerBuilder setMaxCacheMessageCount(int count);

    /**
     * Sets a safety bound on the bytes of the message bodies in hand; 64 MiB by default. Works like
     * {@link #setMaxCacheMessageCount}.
     *
     * @param bytes at least 1
     * @throws IllegalArgumentException if {@code bytes} is not positive
     */
    LitePushConsumerBuilder setMaxCacheMessageSizeInBytes(int bytes);

    /**
     * Sets how many lite topics are handled at the same time, each on a thread of its own; 20 by default.
     *
     * @param count at least 1
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    LitePushConsumerBuilder setConsumptionThreadCount(int count);

    /**
     * Sets whether {@link #build} fails on a server without the LiteTopic plugin; false by default: the consumer is a plain FIFO
     * consumer of the bind topic then, which logs one line at level WARN that says what is off.
     *
     * <p>A plain FIFO consumer gets all lite topics of the bind topic, and other messages of it too, and refuses {@link
     * LitePushConsumer#subscribeLite} and {@link LitePushConsumer#unsubscribeLite} with {@link LitePluginMissingException}. Order
     * within a lite topic, suspends (12 h at most), retries and dead letters are kept; but a whole queue of the bind topic waits
     * for the first unfinished message of it, whatever its lite topic. Its {@link LitePushConsumer#close} takes up to 7 s.
     */
    LitePushConsumerBuilder requirePlugin(boolean requirePlugin);

    /**
     * Starts a consumer and blocks until the server has accepted it. Every call starts another one; a failed call
     * leaves nothing behind.
     *
     * @return a running consumer with an empty set of lite topics
     * @throws NullPointerException if a mandatory setting is missing
     * @throws LitePluginMissingException if the server runs without the LiteTopic plugin, and {@link #requirePlugin} is set or a
     *     plain FIFO consumer would not keep order or would get into the way of the plugin; the message says which and what to do
     * @throws LiteException if the client library on the class path is not supported, if the server cannot be reached
     *     (retry) or if it refuses the bind topic or the consumer group (do not retry); the message says which
     * @throws ClientException if the server refuses for another reason, such as credentials
     */
    LitePushConsumer build() throws ClientException;
}
