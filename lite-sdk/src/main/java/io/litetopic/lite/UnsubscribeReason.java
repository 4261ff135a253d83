package io.litetopic.lite;

/**
 * Why a consumer lost a subscription. The protocol carries the name of the lite topic and nothing else, so there is one
 * value; others may follow when servers say more, so a {@code switch} over it needs a default.
 */
public enum UnsubscribeReason {
    /**
     * The server ended the subscription and did not say why. Possible are: another consumer of an exclusive group
     * subscribed to the lite topic, the lite topic's time to live is over, or the permission to receive from it was
     * withdrawn.
     */
    UNKNOWN
}
