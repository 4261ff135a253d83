package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives ready lite topics to waiting polls. Owner: engine thread.
 *
 * <p>The client that holds the fewest messages gets the next turn of its ready ring: deficit round robin (Shreedhar and Varghese,
 * SIGCOMM 1995) with the message as unit and the lite topic's weight as quantum. In its turn a lite topic delivers up to its weight in
 * messages; what an answer cannot take of that is left over, and the lite topic is in front again when it may be delivered from
 * next. A turn costs O(log clients) plus one listing per subscriber of its lite topic, whatever the number of lite topics. When no
 * lite topic is ready any more, polls that may hold several messages per lite topic are topped up from the lite topics they got.
 *
 * <p>In a wildcard group one ring serves all clients that may receive everything; a client with a filter has a ring of its own.
 */
final class Dispatcher {
    private static final Comparator<ClientSession> FEWEST_IN_HAND = Comparator.<ClientSession>comparingInt(
                    client -> client.messagesInHand)
            .thenComparingLong(client -> client.number);

    private final EngineEffects effects;
    private final BodyCache bodies;
    private final TimerQueue<Backlog> mailboxTimers;
    private final TimerQueue<Poll> pollTimers;
    private final int maxInHandPerClient;
    private final int maxInHandPerLiteTopic;
    private final int maxAttempts;
    private final SplittableRandom leaseIds;
    private final boolean isWildcard;
    private final ReadyRing wildcardRing = new ReadyRing();
    /** All clients of a wildcard group; otherwise empty. */
    private final List<ClientSession> wildcardClients = new ArrayList<>();

    private final List<ClientSession> candidates = new ArrayList<>();
    private final PriorityQueue<ClientSession> turns = new PriorityQueue<>(FEWEST_IN_HAND);
    private final List<Poll> started = new ArrayList<>();
    private boolean wildcardOffer;
    private boolean isStopped;
    /** By slot: nothing of these queues is delivered any more. Null: of all. */
    private @Nullable BitSet draining;

    Dispatcher(
            EngineEffects effects,
            BodyCache bodies,
            TimerQueue<Backlog> mailboxTimers,
            TimerQueue<Poll> pollTimers,
            EngineSettings settings) {
        this.effects = effects;
        this.bodies = bodies;
        this.mailboxTimers = mailboxTimers;
        this.pollTimers = pollTimers;
        this.maxInHandPerClient = settings.maxInHandPerClient();
        this.maxInHandPerLiteTopic = settings.maxInHandPerLiteTopic();
        this.maxAttempts = settings.maxAttempts();
        this.leaseIds = new SplittableRandom(settings.handleSeed());
        this.isWildcard = settings.mode() == SubscriptionMode.WILDCARD;
    }

    static boolean isDeliverable(Mailbox mailbox) {
        Backlog backlog = mailbox.backlog;
        return backlog != null
                && backlog.state() == MailboxState.READY
                && !backlog.rereading
                && !backlog.isWaitingForTail();
    }

    /** The mailbox may be delivered from: lists it with everyone who wants it. */
    void offer(Backlog backlog) {
        Mailbox mailbox = backlog.mailbox;
        if (!isDeliverable(mailbox)) {
            return;
        }
        boolean turnGoesOn = backlog.deficit > 0;
        if (isWildcard) {
            offerToAll(backlog, turnGoesOn);
            return;
        }
        for (Subscription subscription = mailbox.subscriptions;
                subscription != null;
                subscription = subscription.next) {
            subscription.client.ready.list(subscription, turnGoesOn);
            clientMayTake(subscription.client);
        }
    }

    void offerTo(Subscription subscription) {
        if (isDeliverable(subscription.mailbox)) {
            subscription.client.ready.list(subscription, false);
            clientMayTake(subscription.client);
        }
    }

    private void offerToAll(Backlog backlog, boolean turnGoesOn) {
        RingEntry entry = backlog.wildcardEntry;
        if (entry == null) {
            entry = new RingEntry(backlog.mailbox);
            backlog.wildcardEntry = entry;
        }
        wildcardRing.list(entry, turnGoesOn);
        wildcardOffer = true;
        for (ClientSession client : wildcardClients) {
            if (client.filter != LiteTopicFilter.ALL) {
                offerTo(client, backlog.mailbox, turnGoesOn);
            }
        }
    }

    private void offerTo(ClientSession client, Mailbox mailbox, boolean turnGoesOn) {
        Subscription listed = client.subscriptions.get(mailbox.liteTopic);
        if (listed != null && listed.mailbox != mailbox) { // the lite topic ended and came again
            listed.removed = true;
            client.subscriptions.remove(mailbox.liteTopic);
            listed = null;
        }
        if (!client.filter.accepts(mailbox.liteTopic)) {
            return;
        }
        if (listed == null) {
            listed = new Subscription(client, mailbox, 0);
            client.subscriptions.add(listed);
        }
        client.ready.list(listed, turnGoesOn);
        clientMayTake(client);
    }

    void wildcardClientCame(ClientSession client) {
        wildcardClients.add(client);
        clientMayTake(client);
    }

    void clientMayTake(ClientSession client) {
        if (!client.isCandidate) {
            client.isCandidate = true;
            candidates.add(client);
        }
    }

    void forget(ClientSession client) {
        if (client.isCandidate) {
            client.isCandidate = false;
            candidates.remove(client);
        }
        if (isWildcard) {
            wildcardClients.remove(client);
        }
    }

    /** A lite topic of a wildcard group is no more. */
    void forget(Mailbox mailbox) {
        for (ClientSession client : wildcardClients) {
            Subscription listed = client.subscriptions.remove(mailbox.liteTopic);
            if (listed != null) {
                listed.removed = true;
            }
        }
    }

    /** A client of a wildcard group may receive other lite topics than before: lists for it what is ready. */
    void filterChanged(ClientSession client, LiteTopicTable liteTopics) {
        List<Subscription> listed = new ArrayList<>(client.subscriptions.size());
        client.subscriptions.forEach(listed::add);
        for (Subscription subscription : listed) {
            subscription.removed = true;
            client.subscriptions.remove(subscription.name());
        }
        if (client.filter != LiteTopicFilter.ALL) {
            liteTopics.forEach(mailbox -> {
                if (isDeliverable(mailbox)) {
                    offerTo(client, mailbox, false);
                }
            });
        }
        clientMayTake(client);
    }

    /** While it is stopped nothing is delivered. */
    void stop(boolean stopped) {
        isStopped = stopped;
    }

    /** From now on nothing of the queue is delivered, until it is lost. */
    void drain(int slot) {
        if (draining == null) {
            draining = new BitSet();
        }
        draining.set(slot);
    }

    /** The queue is no longer owned. */
    void queueLost(int slot) {
        if (draining != null) {
            draining.clear(slot);
            draining = draining.isEmpty() ? null : draining;
        }
    }

    private boolean isDraining(long position) {
        return draining != null && draining.get(Position.slot(position));
    }

    /** Delivers all that can be delivered now. */
    void dispatch(long nowNanos) {
        if (isStopped) {
            return;
        }
        if (wildcardOffer) {
            wildcardOffer = false;
            for (ClientSession client : wildcardClients) {
                if (client.filter == LiteTopicFilter.ALL) {
                    clientMayTake(client);
                }
            }
        }
        if (candidates.isEmpty()) {
            return;
        }
        for (ClientSession client : candidates) {
            client.isCandidate = false;
            turns.add(client);
        }
        candidates.clear();
        ClientSession client;
        while ((client = turns.poll()) != null) {
            Poll poll = client.waitingPoll();
            if (poll == null || client.messagesInHand >= maxInHandPerClient) {
                continue; // its next poll, or its next ack, makes it a candidate again
            }
            Mailbox mailbox = ringOf(client).next();
            if (mailbox == null) {
                continue;
            }
            takeTurn(client, poll, Objects.requireNonNull(mailbox.backlog), nowNanos);
            turns.add(client);
        }
        for (Poll poll : started) {
            if (!poll.over) {
                topUpAndFinish(poll, nowNanos);
            }
        }
        started.clear();
    }

    private ReadyRing ringOf(ClientSession client) {
        return isWildcard && client.filter == LiteTopicFilter.ALL ? wildcardRing : client.ready;
    }

    private void takeTurn(ClientSession client, Poll poll, Backlog backlog, long nowNanos) {
        if (isDraining(backlog.messages.firstPosition())) {
            return; // it is offered again when the queue is lost, if anything of it is left then
        }
        if (backlog.messages.loaded() == 0) {
            bodies.reread(backlog);
            return;
        }
        if (backlog.headAttempts >= maxAttempts) { // a proxy ended before the dead letter queue had it
            Deliveries.giveUp(backlog, DeadLetterReason.ATTEMPTS_EXHAUSTED, effects);
            return;
        }
        long restsUntil = restsUntil(backlog, nowNanos);
        if (restsUntil > nowNanos) {
            backlog.move(MailboxEvent.SUSPEND_REQUESTED);
            mailboxTimers.schedule(backlog.timer, restsUntil);
            bodies.comesToRest(backlog);
            return;
        }
        if (backlog.deficit <= 0) {
            backlog.deficit = backlog.rule.weight();
        }
        lease(client, poll, backlog, nowNanos);
        do {
            deliverNext(client, poll, backlog, nowNanos);
        } while (--backlog.deficit > 0 && mayDeliverMore(client, poll, backlog, nowNanos));
        if (poll.isFull()) {
            finish(poll);
        }
    }

    private boolean mayDeliverMore(ClientSession client, Poll poll, Backlog backlog, long nowNanos) {
        return !poll.isFull()
                && backlog.messages.loaded() > backlog.inHand
                && backlog.inHand < Math.min(poll.maxMessagesPerLiteTopic(), maxInHandPerLiteTopic)
                && client.messagesInHand < maxInHandPerClient
                && !isDraining(backlog.messages.position(backlog.inHand))
                && restsUntil(backlog, nowNanos) <= nowNanos;
    }

    /**
     * When the rate limit lets the next message go: the generic cell rate algorithm (ITU-T I.371, virtual scheduling), which is a token
     * bucket in one number.
     */
    private static long restsUntil(Backlog backlog, long nowNanos) {
        return backlog.rule.intervalNanos() == LiteTopicRule.UNLIMITED || backlog.rateTimeNanos == Long.MIN_VALUE
                ? nowNanos
                : backlog.rateTimeNanos - backlog.rule.toleranceNanos();
    }

    private void lease(ClientSession client, Poll poll, Backlog backlog, long nowNanos) {
        long deadline = poll.invisibleNanos() == Poll.WHILE_CLIENT_LIVES
                ? Poll.WHILE_CLIENT_LIVES
                : nowNanos + poll.invisibleNanos();
        backlog.move(MailboxEvent.OFFERED);
        Lease lease = new Lease(client, backlog, leaseIds.nextLong(), deadline, nowNanos);
        backlog.lease = lease;
        client.addLease(lease);
        if (poll.batch.isEmpty()) {
            started.add(poll);
        }
        poll.lease(lease);
        if (deadline != Poll.WHILE_CLIENT_LIVES) {
            mailboxTimers.schedule(backlog.timer, deadline);
        }
    }

    private static void deliverNext(ClientSession client, Poll poll, Backlog backlog, long nowNanos) {
        Lease lease = Objects.requireNonNull(backlog.lease, "delivery without a lease");
        int attempt = backlog.inHand == 0 ? backlog.headAttempts + 1 : 1;
        BrokerMessage message = backlog.messages.message(backlog.inHand);
        long position = backlog.messages.position(backlog.inHand);
        poll.batch.add(new Delivery(backlog.mailbox.liteTopic, message, lease.id, position, attempt));
        backlog.inHand++;
        client.messagesInHand++;
        if (backlog.rule.intervalNanos() != LiteTopicRule.UNLIMITED) {
            backlog.rateTimeNanos = Math.max(nowNanos, backlog.rateTimeNanos) + backlog.rule.intervalNanos();
        }
    }

    /** Adds further messages of the lite topics the poll has got already, by weight in turn, and answers it. */
    private void topUpAndFinish(Poll poll, long nowNanos) {
        ClientSession client = poll.firstLease().holder;
        if (poll.maxMessagesPerLiteTopic() > 1) {
            ArrayDeque<Lease> sources = poll.leases();
            Lease lease;
            while ((lease = sources.pollFirst()) != null) {
                int turn = lease.backlog.rule.weight();
                while (turn > 0 && mayDeliverMore(client, poll, lease.backlog, nowNanos)) {
                    deliverNext(client, poll, lease.backlog, nowNanos);
                    turn--;
                }
                if (turn == 0) {
                    sources.addLast(lease);
                }
            }
        }
        finish(poll);
    }

    private void finish(Poll poll) {
        poll.over = true;
        pollTimers.cancel(poll.timer);
        effects.deliver(poll, poll.batch);
    }
}
