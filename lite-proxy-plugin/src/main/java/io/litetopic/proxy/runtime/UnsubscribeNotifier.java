package io.litetopic.proxy.runtime;

import io.litetopic.proxy.engine.UnsubscribeReason;

/** Tells clients of subscriptions that they lost without giving them up. */
public interface UnsubscribeNotifier {
    /**
     * Called on the engine thread; hands over and returns. A client that cannot be told now need not be told later: what it no
     * longer has it hears again with its next complete set.
     */
    void unsubscribed(String clientId, String group, String liteTopic, UnsubscribeReason reason);
}
