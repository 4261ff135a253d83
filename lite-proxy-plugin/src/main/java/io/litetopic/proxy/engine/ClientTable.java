package io.litetopic.proxy.engine;

import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of the group and whether they live. Owner: engine thread.
 *
 * <p>Every request is a sign of life. A client whose connection broke has a grace period to come back, and only a new connection
 * ends that; then its deliveries go to others, and its subscriptions wait for it. After a longer silence it is forgotten.
 */
final class ClientTable {
    private final EngineSettings settings;
    private final EngineEffects effects;
    private final Deliveries deliveries;
    private final SubscriptionTable subscriptions;
    private final SubscriptionTable.Wanted wanted;
    private final Dispatcher dispatcher;
    private final TimerQueue<Poll> pollTimers;
    private final TimerQueue<ClientSession> timers = new TimerQueue<>();
    private final Map<String, ClientSession> clients = new HashMap<>();
    private long lastNumber;

    ClientTable(
            EngineSettings settings,
            EngineEffects effects,
            Deliveries deliveries,
            SubscriptionTable subscriptions,
            SubscriptionTable.Wanted wanted,
            Dispatcher dispatcher,
            TimerQueue<Poll> pollTimers) {
        this.settings = settings;
        this.effects = effects;
        this.deliveries = deliveries;
        this.subscriptions = subscriptions;
        this.wanted = wanted;
        this.dispatcher = dispatcher;
        this.pollTimers = pollTimers;
    }

    /** A client shows that it lives; it is known from now on. */
    ClientSession seen(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client == null) {
            client = new ClientSession(clientId, ++lastNumber, nowNanos);
            clients.put(clientId, client);
            schedule(client);
            if (wanted.isWildcard()) {
                wanted.clientCame();
                dispatcher.wildcardClientCame(client);
            }
        }
        client.lastSeenNanos = nowNanos; // its timer looks at it when it fires
        return client;
    }

    @Nullable
    ClientSession get(String clientId) {
        return clients.get(clientId);
    }

    void forEach(Consumer<ClientSession> action) {
        clients.values().forEach(action);
    }

    void connected(ClientSession client, long nowNanos) {
        if (client.graceEndsNanos != ClientSession.CONNECTED) {
            client.graceEndsNanos = ClientSession.CONNECTED;
            deliveries.connectionWasBroken(client, nowNanos);
        }
        client.lastSeenNanos = nowNanos;
        schedule(client);
    }

    void disconnected(ClientSession client, long nowNanos) {
        if (client.graceEndsNanos == ClientSession.CONNECTED) {
            client.disconnectedAtNanos = nowNanos;
            client.graceEndsNanos =
                    nowNanos + (client.usesDeadlines ? settings.quickGraceNanos() : settings.disconnectGraceNanos());
            schedule(client);
        }
    }

    void terminated(ClientSession client, long nowNanos) {
        remove(client, false, nowNanos);
    }

    private void schedule(ClientSession client) {
        long silentAt = client.lastSeenNanos + settings.livenessTimeoutNanos();
        timers.schedule(client.timer, Math.min(silentAt, client.graceEndsNanos));
    }

    void fireTimers(long nowNanos) {
        Timer<ClientSession> timer;
        while ((timer = timers.pollDue(nowNanos)) != null) {
            ClientSession client = timer.target();
            if (nowNanos - client.lastSeenNanos >= settings.livenessTimeoutNanos()) {
                remove(client, true, nowNanos);
                continue;
            }
            if (client.graceEndsNanos <= nowNanos) {
                // Its subscriptions wait for it: it comes back with the same id and does not repeat them at once.
                client.graceEndsNanos = ClientSession.CONNECTED;
                deliveries.clientFailed(client, nowNanos);
                endPolls(client);
            }
            schedule(client);
        }
    }

    private void remove(ClientSession client, boolean failed, long nowNanos) {
        clients.remove(client.clientId);
        timers.cancel(client.timer);
        endPolls(client);
        if (wanted.isWildcard()) {
            wanted.clientWent();
        } else {
            subscriptions.removeAll(client, nowNanos);
        }
        if (failed) {
            deliveries.clientFailed(client, nowNanos);
        } else {
            deliveries.clientEnded(client, nowNanos);
        }
        dispatcher.forget(client);
    }

    private void endPolls(ClientSession client) {
        for (Poll poll : client.polls) {
            if (!poll.over) {
                end(poll);
            }
        }
        client.polls.clear();
    }

    void end(Poll poll) {
        poll.over = true;
        pollTimers.cancel(poll.timer);
        effects.deliverNothing(poll);
    }

    long nextDeadlineNanos() {
        return timers.nextDeadlineNanos();
    }
}
