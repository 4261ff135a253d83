package io.litetopic.proxy.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Who wants which lite topic, and the quotas on that. Owner: engine thread. */
final class SubscriptionTable {
    /** A complete set that was on its way while its client added a name must not undo that. */
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final EngineSettings settings;
    private final LiteTopicTable liteTopics;
    private final BodyCache bodies;
    private final Dispatcher dispatcher;
    private int count;

    SubscriptionTable(EngineSettings settings, LiteTopicTable liteTopics, BodyCache bodies, Dispatcher dispatcher) {
        this.settings = settings;
        this.liteTopics = liteTopics;
        this.bodies = bodies;
        this.dispatcher = dispatcher;
    }

    /** Adds lite topics to what the client wants; all or, over a quota, none. */
    SubscribeResult add(ClientSession client, Set<String> names, long nowNanos) {
        int added = 0;
        for (String name : names) {
            added += client.subscriptions.containsKey(name) ? 0 : 1;
        }
        return addAll(client, names, added, 0, nowNanos);
    }

    SubscribeResult remove(ClientSession client, Set<String> names) {
        for (String name : names) {
            Subscription subscription = client.subscriptions.get(name);
            if (subscription != null) {
                remove(subscription);
            }
        }
        return ok(client);
    }

    /** Makes the client's set what is given, except that names it added a moment ago stay. */
    SubscribeResult replace(ClientSession client, Set<String> names, long nowNanos) {
        Map<String, Subscription> surplus = new HashMap<>(client.subscriptions);
        int added = 0;
        for (String name : names) {
            added += surplus.remove(name) == null ? 1 : 0;
        }
        surplus.values().removeIf(s -> nowNanos - s.addedAtNanos < RECENT_NANOS);
        SubscribeResult result = addAll(client, names, added, surplus.size(), nowNanos);
        if (result.outcome() == SubscribeResult.Outcome.OK) {
            surplus.values().forEach(this::remove);
        }
        return result;
    }

    void removeAll(ClientSession client) {
        new ArrayList<>(client.subscriptions.values()).forEach(this::remove);
    }

    private SubscribeResult addAll(ClientSession client, Set<String> names, int added, int removed, long nowNanos) {
        int ofClient = client.subscriptions.size();
        if (added > removed && ofClient + added - removed > settings.subscriptionsPerClient()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED, ofClient, settings.subscriptionsPerClient());
        }
        if (added > removed && count + added - removed > settings.subscriptionsPerGroup()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.GROUP_QUOTA_EXCEEDED, count, settings.subscriptionsPerGroup());
        }
        for (String name : names) {
            if (!client.subscriptions.containsKey(name)) {
                Mailbox mailbox = liteTopics.getOrCreate(name, nowNanos);
                Subscription subscription = new Subscription(client, mailbox, nowNanos);
                client.subscriptions.put(name, subscription);
                mailbox.subscriptions.add(subscription);
                count++;
                liteTopics.scheduleExpiry(mailbox);
                dispatcher.offerTo(subscription);
            }
        }
        return ok(client);
    }

    private SubscribeResult ok(ClientSession client) {
        return new SubscribeResult(
                SubscribeResult.Outcome.OK, client.subscriptions.size(), settings.subscriptionsPerClient());
    }

    private void remove(Subscription subscription) {
        subscription.removed = true;
        Mailbox mailbox = subscription.mailbox;
        subscription.client.subscriptions.remove(mailbox.liteTopic);
        mailbox.subscriptions.remove(subscription);
        count--;
        if (mailbox.subscriptions.isEmpty()) {
            bodies.comesToRest(mailbox);
            liteTopics.retireIfUnused(mailbox);
        }
    }
}
