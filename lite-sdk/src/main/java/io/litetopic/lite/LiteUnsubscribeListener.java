package io.litetopic.lite;

/**
 * Is told which subscriptions a {@link LitePushConsumer} or {@link LiteSimpleConsumer} has lost without having given them up.
 */
@FunctionalInterface
public interface LiteUnsubscribeListener {

    /**
     * The consumer is not subscribed to the lite topic any more. By the time of the call it is not in
     * {@link LitePushConsumer#getLiteTopicSet()}, unless the application has subscribed again meanwhile, and the {@link
     * MessageListener} call that was running for it has ended; its result counted. Messages in hand that the listener
     * had not seen have gone back to the server. Messages that a {@link LiteSimpleConsumer} has received stay with it and
     * may be acked.
     *
     * <p>Called once for each loss, one call at a time, on a thread that is used for nothing else and holds no lock: it
     * may block, subscribe again or close the consumer. What it throws is logged. Not called for lite topics that the
     * application unsubscribed from itself, and not once the consumer is closed, which does not wait for a call that
     * runs.
     *
     * <p>In an exclusive group, subscribing again takes the lite topic away from the consumer that has just taken it: two
     * consumers that both do so at once do nothing else.
     *
     * @param liteTopic the lite topic that is no longer subscribed
     * @param reason why, as far as this is known
     */
    void onUnsubscribed(String liteTopic, UnsubscribeReason reason);
}
