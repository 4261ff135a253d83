package io.litetopic.proxy.engine;

/** Why a client loses a subscription that it did not give up. */
public enum UnsubscribeReason {
    /** Another client subscribed to the lite topic in an exclusive group. */
    TAKEN_OVER,
    /** The time to live of the lite topic is over. */
    EXPIRED,
    /** The client's user may not receive from the lite topic any more. */
    NOT_PERMITTED
}
