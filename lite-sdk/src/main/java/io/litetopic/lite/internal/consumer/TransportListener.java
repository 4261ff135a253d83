package io.litetopic.lite.internal.consumer;

import java.util.Set;

/** What a server says, or a connection shows, without having been asked. Calls may come on any thread; none may block. */
public interface TransportListener {

    /** The client is not subscribed to the lite topic any more. May be said again for a loss that is known already. */
    void unsubscribed(String liteTopic);

    /** A connection broke. The proxy gives what the client holds to others soon, unless it hears from the client. */
    void contactLost(String proxy);

    /** Other proxies own the queues of the bind topic now. */
    void routeChanged(Set<String> proxies);

    /** The server can say things unasked from now on; what it wanted to say before may have been lost. */
    void reachable();
}
