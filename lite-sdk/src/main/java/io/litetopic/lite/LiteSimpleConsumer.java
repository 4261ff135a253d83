package io.litetopic.lite;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientException;

/**
 * Receives the messages of the lite topics it subscribes to when the application asks for them. The application decides
 * how long it keeps each of them, and says what becomes of it: {@link #ack}, {@link #suspend}, or nothing, upon which it
 * is delivered again.
 *
 * <p>Promises:
 *
 * <ul>
 *   <li>Messages of one lite topic are received in the order they were stored, at least once. While some of them are
 *       held, by this or another consumer of the group, no further ones of that lite topic are delivered.
 *   <li>Different lite topics do not wait for each other.
 *   <li>A message stays with this consumer for the invisible duration it was received with, as long as the consumer's
 *       connection lasts; nothing extends that by itself.
 * </ul>
 *
 * <p>The messages of one lite topic that one call has returned are held together: they have one invisible duration. When it
 * ends, those that are not acked are delivered again, and a failed attempt is counted for the first of them. Ack them in
 * order, or at least all of them: the next ones come when none is held any more.
 *
 * <p>Subscriptions and the modes of consumer groups are those of {@link LitePushConsumer}.
 *
 * <p>Thread-safe. Methods that return a future do not block. A future completes on a thread of the client, as does what
 * is chained to it: what blocks belongs on an executor. A future fails with the exception that the method of the same name
 * throws, without a wrapper around it.
 */
public interface LiteSimpleConsumer extends Closeable {

    /** Returns the consumer group. */
    String getConsumerGroup();

    /**
     * Subscribes to a lite topic. Messages that it already holds are delivered too. Does nothing if this consumer is
     * subscribed already. Blocks for a round trip.
     *
     * @param liteTopic 1 to 63 bytes in UTF-8, not blank, without control characters
     * @throws IllegalArgumentException if {@code liteTopic} is not such a name; nothing has been sent then
     * @throws IllegalStateException if this consumer is closed
     * @throws LiteSubscriptionQuotaExceededException if the server's quota is reached; unsubscribe from idle lite
     *     topics before trying again
     * @throws ClientException if the call failed; the set is unchanged, and a retry is safe. A {@link LiteException} that
     *     is not retryable if the server refuses
     */
    void subscribeLite(String liteTopic) throws ClientException;

    /**
     * Subscribes to a lite topic and says where to start reading it, like {@link #subscribeLite(String)} otherwise. The
     * option moves the whole consumer group, and counts only if this consumer is not subscribed yet.
     *
     * @param offsetOption where to start; {@link OffsetOption#LAST_OFFSET} is what the other method does
     */
    void subscribeLite(String liteTopic, OffsetOption offsetOption) throws ClientException;

    /**
     * Unsubscribes from a lite topic. Does nothing if this consumer is not subscribed. Blocks for a round trip. Messages
     * that the application has received stay with it and may still be acked.
     *
     * @throws IllegalArgumentException if {@code liteTopic} is not a possible name
     * @throws IllegalStateException if this consumer is closed
     * @throws ClientException if the call failed; the set is unchanged, and a retry is safe
     */
    void unsubscribeLite(String liteTopic) throws ClientException;

    /**
     * Returns the lite topics that this consumer is subscribed to, as far as it knows: those that the server has
     * accepted and has not ended since. An immutable snapshot in no particular order; empty in a wildcard group.
     */
    Set<String> getLiteTopicSet();

    /**
     * Receives messages of any of the lite topics. Returns at once if there are some, and else as soon as there is one, or
     * after the {@link LiteSimpleConsumerBuilder#setAwaitDuration await duration}.
     *
     * <p>With several proxies all of them are asked. One may answer after another has; what it brings is for the next call,
     * or goes back after 0.1 s at most.
     *
     * <p>If the calling thread is interrupted, the call ends with a {@link LiteException} that is retryable, or with
     * messages that have come by then; the thread stays interrupted.
     *
     * @param maxMessageNum at least 1; no call returns more than 32
     * @param invisibleDuration for how long the messages stay with this consumer, counted from when the server sends
     *     them; positive, at most 12 hours
     * @return the messages, in order within each lite topic; empty if none came in time, or only damaged ones (their body
     *     does not match its checksum), which are logged and delivered again
     * @throws IllegalArgumentException if a parameter is out of range; nothing has been sent then
     * @throws IllegalStateException if this consumer is closed, also while the call waits
     * @throws ClientException if the server refuses, or none could be reached in the await duration; {@link
     *     LiteException#isRetryable()} says whether to call again
     */
    List<MessageView> receive(int maxMessageNum, Duration invisibleDuration) throws ClientException;

    /**
     * Like {@link #receive}, without blocking. To cancel the future takes the call back; messages that are on their way
     * then are for the next call, or go back.
     *
     * @throws IllegalArgumentException if a parameter is out of range
     */
    CompletableFuture<List<MessageView>> receiveAsync(int maxMessageNum, Duration invisibleDuration);

    /**
     * Says that a message is done: it is not delivered again. Blocks for a round trip; tried once.
     *
     * @param messageView as this consumer has received it
     * @throws IllegalArgumentException if {@code messageView} was not received by this consumer
     * @throws IllegalStateException if this consumer is closed
     * @throws LiteDeliveryGoneException if the delivery is over: acked, suspended, or its time has passed. The message may
     *     be delivered again; a retry does not help
     * @throws ClientException if the call failed; a retry is safe if {@link LiteException#isRetryable()}
     */
    void ack(org.apache.rocketmq.client.apis.message.MessageView messageView) throws ClientException;

    /**
     * Like {@link #ack}, without blocking.
     *
     * @throws IllegalArgumentException if {@code messageView} was not received by this consumer
     */
    CompletableFuture<Void> ackAsync(org.apache.rocketmq.client.apis.message.MessageView messageView);

    /**
     * Restarts the time for which a message stays with this consumer, and with it all that were received of its lite
     * topic in the same call. Blocks for a round trip; tried once. Shorter than what is left makes the messages come again
     * earlier, which is how to give one up with a pause: the attempt counts as failed.
     *
     * @param messageView as this consumer has received it
     * @param invisibleDuration counted from when the server gets the call; 0 to 12 hours
     * @throws IllegalArgumentException if {@code messageView} was not received by this consumer, or the duration is out of
     *     range
     * @throws IllegalStateException if this consumer is closed
     * @throws LiteDeliveryGoneException if the delivery is over; a retry does not help
     * @throws ClientException if the call failed; a retry is safe if {@link LiteException#isRetryable()}
     */
    void changeInvisibleDuration(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration invisibleDuration)
            throws ClientException;

    /**
     * Like {@link #changeInvisibleDuration}, without blocking.
     *
     * @throws IllegalArgumentException if a parameter is out of range
     */
    CompletableFuture<Void> changeInvisibleDurationAsync(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration invisibleDuration);

    /**
     * Pauses the lite topic of a message, as {@link ConsumeResultSuspend} does for a push consumer. The message and all later
     * ones of its lite topic go back, those that this consumer holds included, and are delivered again, to whichever consumer
     * is subscribed, once the time has passed. No attempt is counted, other lite topics are not affected, and the
     * pause outlives this consumer. Earlier messages of the lite topic that are held may still be acked. Blocks for a
     * round trip; tried once.
     *
     * @param messageView as this consumer has received it
     * @param suspendTime 1 ms to 365 days, counted from when the server gets the call; parts of a millisecond are rounded up
     * @throws IllegalArgumentException if {@code messageView} was not received by this consumer, or the duration is out of
     *     range
     * @throws IllegalStateException if this consumer is closed
     * @throws LiteDeliveryGoneException if the delivery is over; a retry does not help
     * @throws ClientException if the call failed; a retry is safe if {@link LiteException#isRetryable()}
     */
    void suspend(org.apache.rocketmq.client.apis.message.MessageView messageView, Duration suspendTime)
            throws ClientException;

    /**
     * Like {@link #suspend}, without blocking.
     *
     * @throws IllegalArgumentException if a parameter is out of range
     */
    CompletableFuture<Void> suspendAsync(
            org.apache.rocketmq.client.apis.message.MessageView messageView, Duration suspendTime);

    /**
     * Stops the consumer for good. Calls that wait for messages fail with {@link IllegalStateException}; acks and other
     * calls about messages that are under way get up to 3 seconds. Messages that are not acked go back to the server at once,
     * without an attempt being counted. Blocks until all this is done; further calls do nothing.
     */
    @Override
    void close() throws IOException;
}
