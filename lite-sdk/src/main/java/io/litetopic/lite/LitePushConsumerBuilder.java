package io.litetopic.lite;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;

/**
 * Collects the settings of a {@link LitePushConsumer} and starts it. Bind topic, consumer group, client configuration
 * and one of both message listeners are mandatory. Not thread-safe.
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

    /** Sets the listener that handles the messages, each on a thread. */
    LitePushConsumerBuilder setMessageListener(MessageListener messageListener);

    /**
     * Sets the listener that handles the messages without holding threads, instead of a
     * {@link #setMessageListener MessageListener}. How many it handles at a time is set with {@link #setMaxConcurrency}.
     */
    LitePushConsumerBuilder setAsyncMessageListener(AsyncMessageListener messageListener);

    /**
     * Sets who is told of subscriptions that the server has ended; nobody by default, and a line is logged at level WARN
     * instead, for one loss every 30 seconds at most.
     */
    LitePushConsumerBuilder setUnsubscribeListener(LiteUnsubscribeListener unsubscribeListener);

    /**
     * Sets a safety bound on the number of messages in hand: received, and their listener call not ended. By default 1024,
     * or what {@link #setMaxConcurrency} says if that is more.
     *
     * <p>The consumer asks only for as many messages as it can handle at once, so the bound is not reached unless one
     * lite topic is handed over in long runs. While it is reached, no further messages are asked for.
     *
     * @param count at least 1
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    LitePushConsumerBuilder setMaxCacheMessageCount(int count);

    /**
     * Sets a safety bound on the bytes of the message bodies in hand; 64 MiB by default. Works like
     * {@link #setMaxCacheMessageCount}; with many large messages in flight it is what limits them.
     *
     * @param bytes at least 1
     * @throws IllegalArgumentException if {@code bytes} is not positive
     */
    LitePushConsumerBuilder setMaxCacheMessageSizeInBytes(int bytes);

    /**
     * Sets how many threads call the listener; 20 by default. With a {@link #setMessageListener MessageListener} this is
     * how many lite topics are handled at the same time, also if the threads are those of a
     * {@link #setConsumptionExecutor consumption executor}. With an
     * {@link #setAsyncMessageListener AsyncMessageListener} a few suffice, as they only start its work.
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
     * Sets how many lite topics an {@link #setAsyncMessageListener AsyncMessageListener} handles at the same time, each
     * with one message whose stage is not done; 1000 by default. The consumer asks for no more messages than that. The
     * server may allow one client less ({@code inFlightPerClient} in the plugin's configuration).
     *
     * @param count at least 1
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    LitePushConsumerBuilder setMaxConcurrency(int count);

    /**
     * Sets the executor on which the listener is called, instead of threads of the consumer's own: virtual threads, or a
     * pool that the application shares out. Several consumers may share one. The consumer never shuts it down, and interrupts
     * its threads only while they are in the listener, when {@link LitePushConsumer#close} has waited for long enough.
     *
     * <p>It must either run what it is given, on a thread of its own, or refuse it with a
     * {@link java.util.concurrent.RejectedExecutionException}: one that drops work silently takes the place of a lite topic
     * for good. When it refuses, or has found no thread for 100 ms, the message goes back to the server unseen, as another
     * node may be free; after a refusal the consumer asks again 100 ms later, then less often, down to once a second.
     */
    LitePushConsumerBuilder setConsumptionExecutor(Executor executor);

    /**
     * Sets how long {@link LitePushConsumer#close} waits for listener calls that run, and for stages that are not done; 30
     * seconds by default. After that they are interrupted or cancelled, and their messages go back to the server.
     *
     * @param timeout zero, to wait for none, or positive; at most 365 days
     * @throws IllegalArgumentException if {@code timeout} is out of range
     */
    LitePushConsumerBuilder setCloseTimeout(Duration timeout);

    /**
     * Starts a consumer and blocks until the server has accepted it. Every call starts another one; a failed call
     * leaves nothing behind.
     *
     * @return a running consumer with an empty set of lite topics
     * @throws NullPointerException if a mandatory setting is missing
     * @throws IllegalStateException if settings contradict each other: both listeners, {@link #setMaxConcurrency} without
     *     an asynchronous listener, or {@link #setConsumptionThreadCount} for one that is called on an executor
     * @throws LitePluginMissingException if the server runs without the LiteTopic plugin, and {@link #requirePlugin} is set or a
     *     plain FIFO consumer would not keep order or would get into the way of the plugin; the message says which and what to do
     * @throws LiteException if the client library on the class path is not supported, if the server cannot be reached
     *     (retry) or if it refuses the bind topic or the consumer group (do not retry); the message says which
     * @throws ClientException if the server refuses for another reason, such as credentials
     */
    LitePushConsumer build() throws ClientException;
}
