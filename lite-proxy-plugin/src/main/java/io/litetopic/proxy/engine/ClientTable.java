package io.litetopic.proxy.engine;

import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    private final ChangeLog changeLog;
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
            ChangeLog changeLog,
            TimerQueue<Poll> pollTimers) {
        this.settings = settings;
        this.effects = effects;
        this.deliveries = deliveries;
        this.subscriptions = subscriptions;
        this.wanted = wanted;
        this.dispatcher = dispatcher;
        this.changeLog = changeLog;
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
        client.isOfJournal = false;
        return client;
    }

    @Nullable
    ClientSession get(String clientId) {
        return clients.get(clientId);
    }

    /** A client that a journal knows, and nobody else: it has the liveness timeout to come. */
    ClientSession ofJournal(String clientId, long nowNanos) {
        ClientSession client = seen(clientId, nowNanos);
        client.isOfJournal = true;
        client.wantsAsRecorded = true;
        return client;
    }

    /** A client says what it wants. */
    ClientSession subscribing(String clientId, long nowNanos) {
        ClientSession client = seen(clientId, nowNanos);
        client.wantsAsRecorded = false;
        return client;
    }

    /** Forgets those of a journal that have not been seen since. */
    void removeUnseen(long nowNanos) {
        for (ClientSession client : new ArrayList<>(clients.values())) {
            if (client.isOfJournal) {
                remove(client, false, nowNanos);
            }
        }
    }

    List<ClientSession> all() {
        return new ArrayList<>(clients.values());
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
            changeLog.gone(client);
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
