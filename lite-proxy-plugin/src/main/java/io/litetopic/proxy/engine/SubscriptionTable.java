package io.litetopic.proxy.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who wants which lite topic, by the group's mode, and the quotas on that. Owner: engine thread. */
final class SubscriptionTable {
    private final EngineSettings settings;
    private final EngineEffects effects;
    private final LiteTopicTable liteTopics;
    private final BodyCache bodies;
    private final Dispatcher dispatcher;
    private final ChangeLog changeLog;
    private final boolean isExclusive;
    private int count;

    /** Whether somebody would take a mailbox's messages. */
    static final class Wanted {
        private final boolean isWildcard;
        private int clients;

        Wanted(SubscriptionMode mode) {
            this.isWildcard = mode == SubscriptionMode.WILDCARD;
        }

        boolean isWildcard() {
            return isWildcard;
        }

        void clientCame() {
            clients++;
        }

        void clientWent() {
            clients--;
        }

        boolean isWanted(Mailbox mailbox) {
            return isWildcard ? clients > 0 : mailbox.subscriptions != null;
        }
    }

    SubscriptionTable(
            EngineSettings settings,
            EngineEffects effects,
            LiteTopicTable liteTopics,
            BodyCache bodies,
            Dispatcher dispatcher,
            ChangeLog changeLog) {
        this.settings = settings;
        this.effects = effects;
        this.liteTopics = liteTopics;
        this.bodies = bodies;
        this.dispatcher = dispatcher;
        this.changeLog = changeLog;
        this.isExclusive = settings.mode() == SubscriptionMode.EXCLUSIVE;
    }

    /**
     * Adds lite topics to what the client wants; all or, over a quota, none. In an exclusive group it takes them from whoever has
     * them.
     *
     * @param fresh takes those that the client did not want before
     */
    SubscribeResult add(ClientSession client, Set<String> names, Collection<Mailbox> fresh, long nowNanos) {
        int ofClient = 0;
        int ofGroup = 0;
        for (String name : names) {
            if (!client.subscriptions.contains(name)) {
                ofClient++;
                ofGroup += isExclusive && ownerOf(name) != null ? 0 : 1;
            }
        }
        SubscribeResult refused = overQuota(client, ofClient, ofGroup, 0);
        if (refused != null) {
            return refused;
        }
        for (String name : names) {
            client.evicted.remove(name);
            if (!client.subscriptions.contains(name)) {
                takeFromOwner(name);
                fresh.add(add(client, name, nowNanos));
            }
        }
        return ok(client);
    }

    SubscribeResult remove(ClientSession client, Set<String> names, long nowNanos) {
        for (String name : names) {
            client.evicted.remove(name);
            Subscription subscription = client.subscriptions.get(name);
            if (subscription != null) {
                remove(subscription, nowNanos);
            }
        }
        return ok(client);
    }

    /**
     * Makes the client's set what is given, except that names it added a moment ago stay, and that it does not get back what another
     * client has taken from it: of that it is told again.
     *
     * @param fresh takes those that the client did not want before
     */
    SubscribeResult replace(ClientSession client, Set<String> names, Collection<Mailbox> fresh, long nowNanos) {
        List<String> missing = new ArrayList<>(0);
        boolean isAllWanted = client.subscriptions.countPresent(names, missing) == client.subscriptions.size();
        List<Subscription> surplus = new ArrayList<>(0);
        if (!isAllWanted) {
            client.subscriptions.forEach(subscription -> {
                if (!names.contains(subscription.name())
                        && !subscription.isYoungerThan(settings.recentSubscriptionMillis(), nowNanos)) {
                    surplus.add(subscription);
                }
            });
        }
        client.evicted.retainAll(names);
        List<String> added = new ArrayList<>(0);
        List<String> lost = new ArrayList<>(0);
        for (String name : missing) {
            if (isExclusive && (client.evicted.contains(name) || ownerOf(name) != null)) {
                lost.add(name);
            } else {
                added.add(name);
            }
        }
        SubscribeResult refused = overQuota(client, added.size(), added.size(), surplus.size());
        if (refused != null) {
            return refused;
        }
        for (String name : added) {
            fresh.add(add(client, name, nowNanos));
        }
        for (Subscription subscription : surplus) {
            remove(subscription, nowNanos);
        }
        for (String name : lost) {
            client.evicted.add(name);
            effects.unsubscribed(client.clientId, name, UnsubscribeReason.TAKEN_OVER);
        }
        return ok(client);
    }

    SubscribeResult removeAll(ClientSession client, long nowNanos) {
        client.evicted.clear();
        for (Subscription subscription : subscriptionsOf(client)) {
            remove(subscription, nowNanos);
        }
        return ok(client);
    }

    /** The lite topic is about to end: whoever subscribes is told. */
    void expired(Mailbox mailbox) {
        Subscription subscription;
        while ((subscription = mailbox.subscriptions) != null) {
            detach(subscription);
            effects.unsubscribed(subscription.client.clientId, mailbox.liteTopic, UnsubscribeReason.EXPIRED);
        }
    }

    /**
     * Makes the set of a client that has not said itself what it wants what a journal says. In an exclusive group a lite topic that
     * somebody else has by now stays with that one. Quotas were looked at when the client subscribed.
     */
    void restore(ClientSession client, Set<String> names, long nowNanos) {
        client.lacksRecorded = false;
        for (String name : names) {
            if (client.subscriptions.contains(name)) {
                continue;
            }
            if ((isExclusive && ownerOf(name) != null) || !client.filter.accepts(name)) {
                client.lacksRecorded = true;
            } else {
                add(client, name, nowNanos);
            }
        }
        for (Subscription subscription : subscriptionsOf(client)) {
            if (!names.contains(subscription.name())) {
                remove(subscription, nowNanos);
            }
        }
    }

    /** The client's filter may answer otherwise now. */
    void recheck(ClientSession client, long nowNanos) {
        for (Subscription subscription : subscriptionsOf(client)) {
            if (!client.filter.accepts(subscription.name())) {
                remove(subscription, nowNanos);
                effects.unsubscribed(client.clientId, subscription.name(), UnsubscribeReason.NOT_PERMITTED);
            }
        }
    }

    private static List<Subscription> subscriptionsOf(ClientSession client) {
        List<Subscription> all = new ArrayList<>(client.subscriptions.size());
        client.subscriptions.forEach(all::add);
        return all;
    }

    private @Nullable Subscription ownerOf(String name) {
        Mailbox mailbox = liteTopics.get(name);
        return mailbox == null ? null : mailbox.subscriptions;
    }

    private void takeFromOwner(String name) {
        Subscription owner = isExclusive ? ownerOf(name) : null;
        if (owner != null) {
            detach(owner);
            owner.client.evicted.add(name);
            effects.unsubscribed(owner.client.clientId, name, UnsubscribeReason.TAKEN_OVER);
        }
    }

    private @Nullable SubscribeResult overQuota(ClientSession client, int ofClient, int ofGroup, int removed) {
        int subscribed = client.subscriptions.size();
        if (ofClient > removed && subscribed + ofClient - removed > settings.subscriptionsPerClient()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED, subscribed, settings.subscriptionsPerClient());
        }
        if (ofGroup > removed && count + ofGroup - removed > settings.subscriptionsPerGroup()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.GROUP_QUOTA_EXCEEDED, count, settings.subscriptionsPerGroup());
        }
        return null;
    }

    private Mailbox add(ClientSession client, String name, long nowNanos) {
        Mailbox mailbox = liteTopics.getOrCreate(name, nowNanos);
        Subscription subscription = new Subscription(client, mailbox, nowNanos);
        client.subscriptions.add(subscription);
        mailbox.addSubscription(subscription);
        count++;
        changeLog.changed(subscription);
        liteTopics.scheduleExpiry(mailbox, nowNanos);
        dispatcher.offerTo(subscription);
        return mailbox;
    }

    private SubscribeResult ok(ClientSession client) {
        return new SubscribeResult(
                SubscribeResult.Outcome.OK, client.subscriptions.size(), settings.subscriptionsPerClient());
    }

    private void detach(Subscription subscription) {
        subscription.removed = true;
        subscription.client.subscriptions.remove(subscription.name());
        subscription.mailbox.removeSubscription(subscription);
        count--;
        changeLog.changed(subscription);
    }

    private void remove(Subscription subscription, long nowNanos) {
        detach(subscription);
        Mailbox mailbox = subscription.mailbox;
        if (mailbox.subscriptions == null) {
            if (mailbox.backlog != null) {
                bodies.comesToRest(mailbox.backlog);
            }
            liteTopics.retireIfUnused(mailbox, nowNanos);
        }
    }
}
