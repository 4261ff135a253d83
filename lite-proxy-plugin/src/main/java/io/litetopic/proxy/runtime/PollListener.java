package io.litetopic.proxy.runtime;

import io.litetopic.proxy.engine.Delivery;
import java.util.List;

/** Who waits for the outcome of a poll. Exactly one method is called, on the engine thread; it must hand over and return. */
public interface PollListener {
    /** One or more messages. */
    void onDeliveries(List<Delivery> deliveries);

    /** No message came in time. */
    void onNothing();

    /** The group does not know the client: it has to synchronize its subscriptions first. */
    void onUnknownClient();

    /** The group cannot serve now; a retry helps. */
    void onUnavailable(String reason);
}
