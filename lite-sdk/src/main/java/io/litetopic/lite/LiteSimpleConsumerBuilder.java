package io.litetopic.lite;

import java.time.Duration;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;

/**
 * Collects the settings of a {@link LiteSimpleConsumer} and starts it. Bind topic, consumer group, client configuration
 * and await duration are mandatory. Not thread-safe.
 */
public interface LiteSimpleConsumerBuilder {

    /**
     * Sets the topic that carries the lite topics.
     *
     * @throws IllegalArgumentException if {@code bindTopic} is blank
     */
    LiteSimpleConsumerBuilder bindTopic(String bindTopic);

    /** Sets access point, credentials and timeouts. */
    LiteSimpleConsumerBuilder setClientConfiguration(ClientConfiguration clientConfiguration);

    /**
     * Sets the consumer group: consumers of the same group share the messages of the lite topics they subscribe to.
     *
     * @param consumerGroup letters, digits, {@code %}, {@code _} and {@code -}
     * @throws IllegalArgumentException if {@code consumerGroup} has other characters or is empty
     */
    LiteSimpleConsumerBuilder setConsumerGroup(String consumerGroup);

    /**
     * Sets how long {@link LiteSimpleConsumer#receive} waits for messages if there are none. An await duration shorter than
     * a round trip to the server waits for the server's answer all the same.
     *
     * @param awaitDuration positive, at most 1 day
     * @throws IllegalArgumentException if {@code awaitDuration} is out of range
     */
    LiteSimpleConsumerBuilder setAwaitDuration(Duration awaitDuration);

    /**
     * Sets who is told of subscriptions that the server has ended; nobody by default, and a line is logged at level WARN
     * instead, for one loss every 30 seconds at most.
     */
    LiteSimpleConsumerBuilder setUnsubscribeListener(LiteUnsubscribeListener unsubscribeListener);

    /**
     * Starts a consumer and blocks until the server has accepted it. Every call starts another one; a failed call
     * leaves nothing behind.
     *
     * @return a running consumer with an empty set of lite topics
     * @throws NullPointerException if a mandatory setting is missing
     * @throws LitePluginMissingException if the server runs without the LiteTopic plugin
     * @throws LiteException if the client library on the class path is not supported, if the server cannot be reached
     *     (retry) or if it refuses the bind topic or the consumer group (do not retry); the message says which
     * @throws ClientException if the server refuses for another reason, such as credentials
     */
    LiteSimpleConsumer build() throws ClientException;
}
