package io.litetopic.lite;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import org.apache.rocketmq.client.apis.ClientException;

/**
 * Receives the messages of the lite topics it subscribes to and hands them to its {@link MessageListener}
 * or {@link AsyncMessageListener}.
 *
 * <p>Promises:
 *
 * <ul>
 *   <li>Messages of one lite topic reach the listener in the order they were stored, one at a time, at least once.
 *   <li>Different lite topics are handled in parallel; none waits for another that is slow, failing or suspended.
 *   <li>A message stays with this consumer for as long as the listener runs, or the stage it returned is not done, however
 *       long that is.
 *   <li>It asks only for messages that it can hand to the listener at once, so that none waits here while another node
 *       is free.
 * </ul>
 *
 * <p>How consumers of one group share lite topics is set for the group at the server:
 *
 * <ul>
 *   <li>shared: several may subscribe to a lite topic, and one at a time holds its messages;
 *   <li>exclusive: the last subscriber of a lite topic takes it over, and the one before loses its subscription;
 *   <li>wildcard: every consumer serves all lite topics of the bind topic. Nobody subscribes, {@link #subscribeLite} is
 *       refused and {@link #getLiteTopicSet} stays empty.
 * </ul>
 *
 * <p>The server may end a subscription: another consumer took the lite topic over, its time to live is over, or the
 * permission was withdrawn. The lite topic leaves {@link #getLiteTopicSet} then, messages in hand that the listener has
 * not seen go back, a listener call that is running is finished and its result counts, and the
 * {@link LitePushConsumerBuilder#setUnsubscribeListener listener for it} is called. If the connection was broken when it
 * happened, this consumer learns of it when it is connected again, or at most 30 seconds after that.
 *
 * <p>At a server without the LiteTopic plugin there are no subscriptions: all lite topics of the bind topic come, and
 * subscribing is refused; see {@link LitePushConsumerBuilder#requirePlugin}.
 *
 * <p>Thread-safe. Subscribing and unsubscribing block for one round trip and may be called from the listener.
 */
public interface LitePushConsumer extends Closeable {

    /**
     * Subscribes to a lite topic. Messages that it already holds are delivered too. Does nothing if this consumer is
     * subscribed already.
     *
     * @param liteTopic 1 to 63 bytes in UTF-8, not blank, without control characters
     * @throws IllegalArgumentException if {@code liteTopic} is not such a name; nothing has been sent then
     * @throws IllegalStateException if this consumer is closed
     * @throws LitePluginMissingException if the consumer was built at a server without the plugin
     * @throws LiteSubscriptionQuotaExceededException if the server's quota is reached; unsubscribe from idle lite
     *     topics before trying again
     * @throws ClientException if the call failed; the set is unchanged, and a retry is safe. A {@link LiteException} that
     *     is not retryable if the server refuses, for example because the group is a wildcard group ({@code BAD_REQUEST})
     *     or the permission is missing ({@code FORBIDDEN}); the message says which
     */
    void subscribeLite(String liteTopic) throws ClientException;

    /**
     * Subscribes to a lite topic and says where to start reading it, like {@link #subscribeLite(String)} otherwise.
     *
     * <p>The option counts only if this consumer is not subscribed yet: for one that is, this does nothing. It moves the
     * whole consumer group, as the group has one position in a lite topic.
     *
     * @param offsetOption where to start; {@link OffsetOption#LAST_OFFSET} is what the other method does
     */
    void subscribeLite(String liteTopic, OffsetOption offsetOption) throws ClientException;

    /**
     * Unsubscribes from a lite topic. Does nothing if this consumer is not subscribed.
     *
     * <p>Once this returns, the listener is not called for the lite topic any more; a call that is running is finished
     * and its result counts. Messages in hand that the listener has not seen go back to the server.
     *
     * @throws IllegalArgumentException if {@code liteTopic} is not a possible name
     * @throws LitePluginMissingException if the consumer was built at a server without the plugin
     * @throws IllegalStateException if this consumer is closed
     * @throws ClientException if the call failed; the set is unchanged, and a retry is safe
     */
    void unsubscribeLite(String liteTopic) throws ClientException;

    /**
     * Returns the lite topics that this consumer is subscribed to, as far as it knows: those that the server has
     * accepted and has not ended since. An immutable snapshot in no particular order; empty in a wildcard group.
     */
    Set<String> getLiteTopicSet();

    /** Returns the consumer group. */
    String getConsumerGroup();

    /**
     * Asks for no more messages until {@link #resume}. Once this returns, no listener call starts any more; those that
     * run are finished and their results count. Messages in hand that the listener has not seen go back to the server, which
     * may give them to other consumers of the group, and so does what calls under way still bring.
     *
     * <p>All subscriptions stay, and may be changed meanwhile. Nobody else gets the messages of an exclusive lite topic, so
     * they wait. Does nothing if this consumer is paused or closed. Does not block.
     */
    void pause();

    /** Asks for messages again after {@link #pause}. Does nothing if this consumer is not paused. Does not block. */
    void resume();

    /** Whether {@link #pause} was called, and {@link #resume} was not called since. */
    boolean isPaused();

    /**
     * Stops the consumer for good. No listener call starts any more; those that run, and stages that are not done, get the
     * {@link LitePushConsumerBuilder#setCloseTimeout close timeout}, 30 seconds by default, to end. After that threads that
     * are in the listener are interrupted, stages are cancelled, their results do not count any more, and their messages go
     * back to the server, as do those that the listener has not seen. A listener that ignores its interrupt may so run
     * while another consumer handles the same message.
     *
     * <p>Blocks until all this is done and the results are sent: well under a second if no listener call runs. The threads
     * of the consumer end, an executor of the application is left as it is. When the listener itself calls it, that one call
     * is not waited for: its message goes back. A stage must not wait for it: both would wait for each other until the
     * timeout. Further calls do nothing.
     */
    @Override
    void close() throws IOException;
}
