package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Gives ready lite topics to waiting polls. Owner: engine thread.
 *
 * <p>One message at a time goes to the client that holds the fewest, taken from that client's ready ring: round robin over its
 * lite topics. A message costs O(log clients) plus one listing per subscriber of its lite topic, whatever the number of lite
 * topics. When no lite topic is ready any more, polls that may hold several messages per lite topic are topped up from the lite topics they got.
 */
final class Dispatcher {
    private static final Comparator<ClientSession> FEWEST_IN_HAND = Comparator.<ClientSession>comparingInt(
                    client -> client.messagesInHand)
            .thenComparing(client -> client.clientId);

    private final EngineEffects effects;
    private final BodyCache bodies;
    private final TimerQueue<Mailbox> mailboxTimers;
    private final TimerQueue<Poll> pollTimers;
    private final int maxInHandPerClient;
    private final SplittableRandom leaseIds;
    private final Set<ClientSession> candidates = new LinkedHashSet<>();

    Dispatcher(
            EngineEffects effects,
            BodyCache bodies,
            TimerQueue<Mailbox> mailboxTimers,
            TimerQueue<Poll> pollTimers,
            EngineSettings settings) {
        this.effects = effects;
        this.bodies = bodies;
        this.mailboxTimers = mailboxTimers;
        this.pollTimers = pollTimers;
        this.maxInHandPerClient = settings.maxInHandPerClient();
        this.leaseIds = new SplittableRandom(settings.handleSeed());
    }

    /** The mailbox may be delivered from: lists it with everyone who wants it. */
    void offer(Mailbox mailbox) {
        if (mailbox.state() != MailboxState.READY || mailbox.rereading) {
            return;
        }
        for (Subscription subscription : mailbox.subscriptions) {
            offerTo(subscription);
        }
    }

    void offerTo(Subscription subscription) {
        if (subscription.mailbox.state() == MailboxState.READY && !subscription.mailbox.rereading) {
            subscription.client.listReady(subscription);
            candidates.add(subscription.client);
        }
    }

    void clientMayTake(ClientSession client) {
        candidates.add(client);
    }

    void forget(ClientSession client) {
        candidates.remove(client);
    }

    /** Delivers all that can be delivered now. */
    void dispatch(long nowNanos) {
        if (candidates.isEmpty()) {
            return;
        }
        PriorityQueue<ClientSession> clients = new PriorityQueue<>(candidates.size(), FEWEST_IN_HAND);
        clients.addAll(candidates);
        candidates.clear();
        Map<Poll, ClientSession> started = new LinkedHashMap<>();
        ClientSession client;
        while ((client = clients.poll()) != null) {
            Poll poll = client.waitingPoll();
            if (poll == null || client.messagesInHand >= maxInHandPerClient) {
                continue; // its next poll, or its next ack, makes it a candidate again
            }
            Mailbox mailbox = client.nextReady();
            if (mailbox == null) {
                continue;
            }
            BrokerMessage message = mailbox.messages.message(0);
            if (message == null) {
                bodies.reread(mailbox);
            } else {
                started.put(poll, client);
                lease(client, poll, mailbox, nowNanos);
                deliverNext(client, poll, mailbox, message);
                if (poll.isFull()) {
                    finish(poll);
                }
            }
            clients.add(client);
        }
        started.forEach((poll, holder) -> {
            if (!poll.over) {
                topUpAndFinish(holder, poll);
            }
        });
    }

    private void lease(ClientSession client, Poll poll, Mailbox mailbox, long nowNanos) {
        long deadline = poll.invisibleNanos() == Poll.WHILE_CLIENT_LIVES
                ? Poll.WHILE_CLIENT_LIVES
                : nowNanos + poll.invisibleNanos();
        mailbox.move(MailboxEvent.OFFERED);
        mailbox.lease = new Lease(client, leaseIds.nextLong(), deadline, nowNanos);
        client.leased.add(mailbox);
        poll.mailboxes.add(mailbox);
        if (deadline != Poll.WHILE_CLIENT_LIVES) {
            mailboxTimers.schedule(mailbox.timer, deadline);
        }
    }

    private static void deliverNext(ClientSession client, Poll poll, Mailbox mailbox, BrokerMessage message) {
        Lease lease = Objects.requireNonNull(mailbox.lease, "delivery without a lease");
        int attempt = mailbox.inHand == 0 ? mailbox.headAttempts + 1 : 1;
        long position = mailbox.messages.position(mailbox.inHand);
        poll.batch.add(new Delivery(mailbox.liteTopic, message, lease.id, position, attempt));
        mailbox.inHand++;
        client.messagesInHand++;
    }

    /** Adds further messages of the lite topics the poll has got already, one of each in turn, and answers it. */
    private void topUpAndFinish(ClientSession client, Poll poll) {
        if (poll.maxMessagesPerLiteTopic() > 1) {
            ArrayDeque<Mailbox> sources = new ArrayDeque<>(poll.mailboxes);
            while (!poll.isFull() && !sources.isEmpty() && client.messagesInHand < maxInHandPerClient) {
                Mailbox mailbox = sources.removeFirst();
                if (!mailbox.hasWaiting() || mailbox.inHand >= poll.maxMessagesPerLiteTopic()) {
                    continue;
                }
                BrokerMessage message = mailbox.messages.message(mailbox.inHand);
                if (message != null) {
                    deliverNext(client, poll, mailbox, message);
                    sources.addLast(mailbox);
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
