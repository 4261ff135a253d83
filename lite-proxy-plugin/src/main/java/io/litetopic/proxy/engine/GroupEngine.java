package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Dispatch of one consumer group over one bind topic: which lite topic's messages go to which client, when.
 *
 * <p>A single-writer state machine: every method is a command, called by one thread, with {@code nowNanos} of one monotonic
 * clock that never goes backwards. After a batch of commands the caller runs {@link #dispatch}, which fires what is due and
 * delivers what can be delivered, and calls again no later than {@link #nextDeadlineNanos()}.
 *
 * <p>Invariants: within a lite topic messages are delivered in the order in which they were read, the next one not before those
 * before it are settled (except to the client that holds those, in the same answer); at most one client holds deliveries of a
 * lite topic; a suspended lite topic delivers nothing before its resume time; nothing about one lite topic delays another.
 */
public final class GroupEngine {
    /** A complete set that was on its way while its client added a name must not undo that. */
    static final long RECENT_SUBSCRIPTION_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long CATCH_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EngineSettings settings;
    private final EngineEffects effects;
    private final TimerQueue<Mailbox> mailboxTimers = new TimerQueue<>();
    private final TimerQueue<Mailbox> expiryTimers = new TimerQueue<>();
    private final TimerQueue<Poll> pollTimers = new TimerQueue<>();
    private final TimerQueue<ClientSession> clientTimers = new TimerQueue<>();
    private final Map<String, Mailbox> mailboxes = new HashMap<>();
    private final Map<String, ClientSession> clients = new HashMap<>();
    private final List<@Nullable QueueProgress> queues = new ArrayList<>();
    private final BodyCache bodies;
    private final Dispatcher dispatcher;
    private long pendingMessages;
    private int groupSubscriptions;
    private long lastReadId; // numbers of reads grow
    private boolean indexFull;

    public GroupEngine(EngineSettings settings, EngineEffects effects) {
        this(settings, effects, 0);
    }

    /** @param lastReadId of the engine that this one replaces, so that answers to that one's reads are not taken for its own */
    public GroupEngine(EngineSettings settings, EngineEffects effects, long lastReadId) {
        this.lastReadId = lastReadId;
        this.settings = settings;
        this.effects = effects;
        this.bodies = new BodyCache(settings.bodyCacheBytes(), effects);
        this.dispatcher = new Dispatcher(effects, bodies, mailboxTimers, pollTimers, settings);
    }

    // ---- queues ----

    /** This proxy owns the queue from now on and reads it from {@code startOffset}. */
    public void acquireQueue(int slot, long startOffset) {
        while (queues.size() <= slot) {
            queues.add(null);
        }
        if (queues.get(slot) != null) {
            throw new IllegalStateException("queue is owned already: slot=" + slot);
        }
        queues.set(slot, new QueueProgress(startOffset));
    }

    /** This proxy no longer owns the queue: what was read of it is forgotten, its deliveries are void. */
    public void loseQueue(int slot, long nowNanos) {
        queues.set(slot, null);
        for (Mailbox mailbox : new ArrayList<>(mailboxes.values())) {
            dropQueueFrom(mailbox, slot, nowNanos);
        }
    }

    private void dropQueueFrom(Mailbox mailbox, int slot, long nowNanos) {
        if (mailbox.messages.size() == 0) {
            return;
        }
        boolean headGoes = Position.slot(mailbox.messages.position(0)) == slot;
        int before = mailbox.messages.size();
        int inHandGone = 0;
        for (int index = 0; index < mailbox.inHand; index++) {
            inHandGone += Position.slot(mailbox.messages.position(index)) == slot ? 1 : 0;
        }
        if (inHandGone > 0) {
            mailbox.inHand -= inHandGone;
            holderOf(mailbox).messagesInHand -= inHandGone;
        }
        bodies.removeQueue(mailbox, slot);
        pendingMessages -= before - mailbox.messages.size();
        if (headGoes) {
            mailbox.headAttempts = 0;
            settleAfterRemoval(mailbox, nowNanos);
        }
    }

    /** Whether this proxy owns the queue. */
    public boolean ownsQueue(int slot) {
        return slot < queues.size() && queues.get(slot) != null;
    }

    /**
     * Answer to {@link EngineEffects#read}.
     *
     * @param nextOffset where the next read starts; offsets below it that are not among {@code messages} hold no message
     * @param minOffset first offset the broker still has
     * @param maxOffset one past the last offset of the queue
     * @param nowWallMillis wall clock, to place the messages' store times on the monotonic one
     */
    public void onMessages(
            int slot,
            long readId,
            List<BrokerMessage> messages,
            long nextOffset,
            long minOffset,
            long maxOffset,
            long nowNanos,
            long nowWallMillis) {
        QueueProgress queue = ownsQueue(slot) ? queues.get(slot) : null;
        if (queue == null || queue.readId != readId) {
            return; // asked before the queue was lost
        }
        queue.readId = QueueProgress.NOT_READING;
        queue.isCaughtUp = nextOffset >= maxOffset;
        long expected = queue.nextOffset();
        if (minOffset > expected) {
            effects.messagesLost(slot, expected, minOffset);
        }
        for (BrokerMessage message : messages) {
            long offset = message.queueOffset();
            if (offset < expected) {
                continue;
            }
            queue.skipTo(offset);
            queue.readUpTo(offset + 1);
            expected = offset + 1;
            accept(slot, message, nowNanos, nowWallMillis);
        }
        if (nextOffset > expected) {
            queue.skipTo(nextOffset);
        }
    }

    /** The read failed; the caller has waited as long as it thinks fit. */
    public void onReadFailed(int slot, long readId) {
        QueueProgress queue = ownsQueue(slot) ? queues.get(slot) : null;
        if (queue != null && queue.readId == readId) {
            queue.readId = QueueProgress.NOT_READING;
        }
    }

    private void accept(int slot, BrokerMessage message, long nowNanos, long nowWallMillis) {
        String liteTopic = message.liteTopic();
        if (liteTopic == null) {
            effects.deadLetter(slot, message.queueOffset(), null, message, DeadLetterReason.NO_LITE_TOPIC);
            return;
        }
        long ageMillis = Math.max(0, nowWallMillis - message.storeTimestampMillis());
        long storedAtNanos = nowNanos - TimeUnit.MILLISECONDS.toNanos(ageMillis);
        Mailbox mailbox = mailboxFor(liteTopic, storedAtNanos);
        mailbox.everHadMessage = true;
        mailbox.lastActivityNanos = Math.max(mailbox.lastActivityNanos, storedAtNanos);
        mailbox.lastSlot = slot;
        scheduleExpiry(mailbox);
        bodies.append(mailbox, Position.of(slot, message.queueOffset()), message);
        pendingMessages++;
        if (mailbox.state() == MailboxState.IDLE) {
            mailbox.move(MailboxEvent.FILLED);
            if (mailbox.resumeAtNanos > nowNanos) {
                rest(mailbox); // its queue was away while it was suspended
            } else {
                dispatcher.offer(mailbox);
            }
        }
    }

    /**
     * Answer to {@link EngineEffects#reread}.
     *
     * @param messages what the broker gave from that offset on; empty if the read failed, which is then tried again
     * @param gone the broker no longer has the message at {@code queueOffset}
     */
    public void onRereadMessages(
            int slot, long queueOffset, List<BrokerMessage> messages, boolean gone, long nowNanos) {
        long position = Position.of(slot, queueOffset);
        for (BrokerMessage message : messages) {
            Mailbox mailbox = message.liteTopic() == null ? null : mailboxes.get(message.liteTopic());
            if (mailbox != null) {
                bodies.restore(mailbox, Position.of(slot, message.queueOffset()), message);
            }
        }
        Mailbox mailbox = bodies.rereadEnded(position);
        if (mailbox == null || mailbox.state() != MailboxState.READY) {
            return;
        }
        if (gone && mailbox.messages.position(0) == position) {
            effects.messagesLost(slot, queueOffset, queueOffset + 1);
            finish(mailbox, 0, nowNanos);
        }
        dispatcher.offer(mailbox);
    }

    // ---- clients ----

    /** A lite client of the group shows that it lives; it is known from now on. */
    public void clientSeen(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client == null) {
            client = new ClientSession(clientId, nowNanos);
            clients.put(clientId, client);
        }
        touch(client, nowNanos);
    }

    /**
     * A client, known or not, has a connection again. What was delivered to it just before the old one broke, for as long as it
     * lives, may never have reached it, and nothing else would ever end that: it is delivered again.
     */
    public void clientConnected(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client == null) {
            return;
        }
        if (client.graceEndsNanos != ClientSession.CONNECTED) {
            client.graceEndsNanos = ClientSession.CONNECTED;
            for (Mailbox mailbox : new ArrayList<>(client.leased)) {
                Lease lease = leaseOf(mailbox);
                if (lease.deadlineNanos == Poll.WHILE_CLIENT_LIVES
                        && client.disconnectedAtNanos - lease.grantedAtNanos < settings.recentDeliveryNanos()) {
                    endLease(mailbox, nowNanos);
                }
            }
        }
        touch(client, nowNanos);
    }

    /** The client shows that it lives, if the group knows it. */
    public void clientHeartbeat(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            touch(client, nowNanos);
        }
    }

    /** Whether the group knows the client, so that it may poll. */
    public boolean knowsClient(String clientId) {
        return clients.containsKey(clientId);
    }

    /** The client's connection broke. It has the grace period to connect again before its deliveries go to others. */
    public void clientDisconnected(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null && client.graceEndsNanos == ClientSession.CONNECTED) {
            client.disconnectedAtNanos = nowNanos;
            client.graceEndsNanos = nowNanos + settings.disconnectGraceNanos();
            scheduleClient(client);
        }
    }

    /** The client says that it ends, and that it handles nothing any more. */
    public void clientTerminated(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            removeClient(client, false, nowNanos);
        }
    }

    private void touch(ClientSession client, long nowNanos) {
        client.lastSeenNanos = nowNanos;
        scheduleClient(client);
    }

    /** Only a new connection ends the grace period; requests that are still on their way do not. */
    private void scheduleClient(ClientSession client) {
        long silentAt = client.lastSeenNanos + settings.livenessTimeoutNanos();
        clientTimers.schedule(client.timer, Math.min(silentAt, client.graceEndsNanos));
    }

    private void onClientTimer(ClientSession client, long nowNanos) {
        if (nowNanos - client.lastSeenNanos >= settings.livenessTimeoutNanos()) {
            removeClient(client, true, nowNanos);
            return;
        }
        // Its subscriptions wait for it: it comes back with the same id and does not repeat them at once.
        client.graceEndsNanos = ClientSession.CONNECTED;
        giveBack(client, true, nowNanos);
        endPolls(client);
        scheduleClient(client);
    }

    private void removeClient(ClientSession client, boolean failed, long nowNanos) {
        clients.remove(client.clientId);
        clientTimers.cancel(client.timer);
        endPolls(client);
        for (Subscription subscription : new ArrayList<>(client.subscriptions.values())) {
            unsubscribe(subscription);
        }
        giveBack(client, failed, nowNanos);
        dispatcher.forget(client);
    }

    private void endPolls(ClientSession client) {
        for (Poll poll : client.polls) {
            if (!poll.over) {
                endPoll(poll);
            }
        }
        client.polls.clear();
    }

    private void giveBack(ClientSession client, boolean failed, long nowNanos) {
        for (Mailbox mailbox : new ArrayList<>(client.leased)) {
            if (failed) {
                deliveryFailed(mailbox, nowNanos);
            } else {
                endLease(mailbox, nowNanos);
            }
        }
    }

    // ---- subscriptions ----

    /** Adds lite topics to what the client wants; all or, over a quota, none. */
    public SubscribeResult subscribe(String clientId, Set<String> liteTopics, long nowNanos) {
        clientSeen(clientId, nowNanos);
        ClientSession client = Objects.requireNonNull(clients.get(clientId));
        int added = 0;
        for (String liteTopic : liteTopics) {
            added += client.subscriptions.containsKey(liteTopic) ? 0 : 1;
        }
        return addAll(client, liteTopics, added, 0, nowNanos);
    }

    /** Removes lite topics from what the client wants. What it holds of them it may still settle. */
    public SubscribeResult unsubscribe(String clientId, Set<String> liteTopics, long nowNanos) {
        clientSeen(clientId, nowNanos);
        ClientSession client = Objects.requireNonNull(clients.get(clientId));
        for (String liteTopic : liteTopics) {
            Subscription subscription = client.subscriptions.get(liteTopic);
            if (subscription != null) {
                unsubscribe(subscription);
            }
        }
        return ok(client);
    }

    /** Makes the client's set what is given, except that names it added a moment ago stay. */
    public SubscribeResult subscribeExactly(String clientId, Set<String> liteTopics, long nowNanos) {
        clientSeen(clientId, nowNanos);
        ClientSession client = Objects.requireNonNull(clients.get(clientId));
        Map<String, Subscription> surplus = new HashMap<>(client.subscriptions);
        int added = 0;
        for (String liteTopic : liteTopics) {
            added += surplus.remove(liteTopic) == null ? 1 : 0;
        }
        surplus.values().removeIf(s -> nowNanos - s.addedAtNanos < RECENT_SUBSCRIPTION_NANOS);
        SubscribeResult result = addAll(client, liteTopics, added, surplus.size(), nowNanos);
        if (result.outcome() == SubscribeResult.Outcome.OK) {
            surplus.values().forEach(this::unsubscribe);
        }
        return result;
    }

    /** Removes all subscriptions of the client. */
    public SubscribeResult unsubscribeAll(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        return client == null
                ? new SubscribeResult(SubscribeResult.Outcome.OK, 0, settings.subscriptionsPerClient())
                : unsubscribe(clientId, new HashSet<>(client.subscriptions.keySet()), nowNanos);
    }

    private SubscribeResult addAll(
            ClientSession client, Set<String> liteTopics, int added, int removed, long nowNanos) {
        int ofClient = client.subscriptions.size();
        if (added > removed && ofClient + added - removed > settings.subscriptionsPerClient()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED, ofClient, settings.subscriptionsPerClient());
        }
        if (added > removed && groupSubscriptions + added - removed > settings.subscriptionsPerGroup()) {
            return new SubscribeResult(
                    SubscribeResult.Outcome.GROUP_QUOTA_EXCEEDED, groupSubscriptions, settings.subscriptionsPerGroup());
        }
        for (String liteTopic : liteTopics) {
            if (!client.subscriptions.containsKey(liteTopic)) {
                Mailbox mailbox = mailboxFor(liteTopic, nowNanos);
                Subscription subscription = new Subscription(client, mailbox, nowNanos);
                client.subscriptions.put(liteTopic, subscription);
                mailbox.subscriptions.add(subscription);
                groupSubscriptions++;
                scheduleExpiry(mailbox);
                dispatcher.offerTo(subscription);
            }
        }
        return ok(client);
    }

    private SubscribeResult ok(ClientSession client) {
        return new SubscribeResult(
                SubscribeResult.Outcome.OK, client.subscriptions.size(), settings.subscriptionsPerClient());
    }

    private void unsubscribe(Subscription subscription) {
        subscription.removed = true;
        Mailbox mailbox = subscription.mailbox;
        subscription.client.subscriptions.remove(mailbox.liteTopic);
        mailbox.subscriptions.remove(subscription);
        groupSubscriptions--;
        if (mailbox.subscriptions.isEmpty()) {
            bodies.comesToRest(mailbox);
            if (!mailbox.everHadMessage) {
                removeMailbox(mailbox);
            } else {
                retireIfUnused(mailbox);
            }
        }
    }

    // ---- polls ----

    /**
     * Waits for messages until {@code deadlineNanos}.
     *
     * @throws IllegalStateException if {@link #knowsClient} is false
     */
    public void poll(Poll poll, long deadlineNanos, long nowNanos) {
        ClientSession client = clients.get(poll.clientId());
        if (client == null) {
            throw new IllegalStateException("unknown client: " + poll.clientId());
        }
        touch(client, nowNanos);
        client.polls.addLast(poll);
        pollTimers.schedule(poll.timer, deadlineNanos);
        dispatcher.clientMayTake(client);
    }

    /** The caller is no longer there. Without effect once the poll is over. */
    public void cancelPoll(Poll poll) {
        if (!poll.over) {
            endPoll(poll);
        }
    }

    /** The answer did not reach the client: what it held is delivered again, not as a further attempt. */
    public void returnDeliveries(List<Delivery> deliveries, long nowNanos) {
        for (Delivery delivery : deliveries) {
            Mailbox mailbox = mailboxes.get(delivery.liteTopic());
            Lease lease = mailbox == null ? null : mailbox.lease;
            if (mailbox != null && lease != null && lease.id == delivery.leaseId()) {
                endLease(mailbox, nowNanos);
            }
        }
    }

    private void endPoll(Poll poll) {
        poll.over = true;
        pollTimers.cancel(poll.timer);
        effects.deliverNothing(poll);
    }

    // ---- settling deliveries ----

    /** The message is done. */
    public Settlement ack(String clientId, ReceiptHandle handle, long nowNanos) {
        Mailbox mailbox = held(clientId, handle);
        if (mailbox == null) {
            return Settlement.NOT_HELD;
        }
        touch(holderOf(mailbox), nowNanos);
        finish(mailbox, mailbox.messages.indexOf(handle.position(), mailbox.inHand), nowNanos);
        return Settlement.OK;
    }

    /**
     * The client keeps the delivery until {@code invisibleNanos} from now; then it is delivered again, as a further attempt. A
     * delivery that was the client's for as long as it lives goes back at once and rests for that time.
     *
     * @param invisibleNanos 0 or more
     */
    public Settlement changeInvisibleDuration(
            String clientId, ReceiptHandle handle, long invisibleNanos, long nowNanos) {
        Mailbox mailbox = held(clientId, handle);
        if (mailbox == null) {
            return goneWithSuspend(clientId, handle) ? Settlement.OK : Settlement.NOT_HELD;
        }
        touch(holderOf(mailbox), nowNanos);
        Lease lease = leaseOf(mailbox);
        if (lease.deadlineNanos == Poll.WHILE_CLIENT_LIVES && mailbox.messages.position(0) == handle.position()) {
            // A push client does not renew, it gives back what failed: nothing is in its hand any more.
            mailbox.resumeAtNanos = nowNanos + invisibleNanos;
            mailbox.suspendedLeaseId = lease.id;
            deliveryFailed(mailbox, nowNanos);
            return Settlement.OK;
        }
        lease.deadlineNanos = nowNanos + invisibleNanos;
        mailboxTimers.schedule(mailbox.timer, lease.deadlineNanos);
        return Settlement.OK;
    }

    /**
     * Suspends the lite topic: this message and all later ones are not delivered before {@code suspendNanos} from now. The later
     * ones that the client holds go back; earlier ones it may still settle.
     */
    public Settlement suspend(String clientId, ReceiptHandle handle, long suspendNanos, long nowNanos) {
        Mailbox mailbox = held(clientId, handle);
        if (mailbox == null) {
            return goneWithSuspend(clientId, handle) ? Settlement.OK : Settlement.NOT_HELD;
        }
        ClientSession holder = holderOf(mailbox);
        touch(holder, nowNanos);
        mailbox.resumeAtNanos = nowNanos + suspendNanos;
        mailbox.suspendedLeaseId = handle.leaseId();
        int index = mailbox.messages.indexOf(handle.position(), mailbox.inHand);
        holder.messagesInHand -= mailbox.inHand - index;
        mailbox.inHand = index;
        if (index == 0) {
            endLease(mailbox, nowNanos);
        }
        dispatcher.clientMayTake(holder);
        return Settlement.OK;
    }

    /** The client gives the message up: it goes to the dead letter queue, and what it holds behind it goes back. */
    public Settlement forwardToDeadLetterQueue(String clientId, ReceiptHandle handle, long nowNanos) {
        Mailbox mailbox = held(clientId, handle);
        if (mailbox == null || mailbox.messages.position(0) != handle.position()) {
            return Settlement.NOT_HELD;
        }
        touch(holderOf(mailbox), nowNanos);
        releaseLease(mailbox);
        giveUp(mailbox, DeadLetterReason.CLIENT_REQUEST);
        return Settlement.OK;
    }

    /** Answer to {@link EngineEffects#deadLetter}: the copy is stored. */
    public void onDeadLettered(int slot, long queueOffset, @Nullable String liteTopic, long nowNanos) {
        QueueProgress queue = ownsQueue(slot) ? queues.get(slot) : null;
        if (queue == null) {
            return;
        }
        if (liteTopic == null) {
            if (queueOffset < queue.nextOffset()) {
                queue.markDone(queueOffset);
            }
            return;
        }
        Mailbox mailbox = mailboxes.get(liteTopic);
        if (mailbox != null
                && mailbox.state() == MailboxState.DEAD_LETTERING
                && mailbox.messages.position(0) == Position.of(slot, queueOffset)) {
            finish(mailbox, 0, nowNanos);
        }
    }

    private @Nullable Mailbox held(String clientId, ReceiptHandle handle) {
        Mailbox mailbox = mailboxes.get(handle.liteTopic());
        Lease lease = mailbox == null ? null : mailbox.lease;
        boolean isHeld = mailbox != null
                && lease != null
                && lease.id == handle.leaseId()
                && lease.holder.clientId.equals(clientId)
                && mailbox.messages.indexOf(handle.position(), mailbox.inHand) >= 0;
        return isHeld ? mailbox : null;
    }

    /** A client that gives back one by one what a suspend took is right, and too late. */
    private boolean goneWithSuspend(String clientId, ReceiptHandle handle) {
        Mailbox mailbox = mailboxes.get(handle.liteTopic());
        return mailbox != null && clients.containsKey(clientId) && mailbox.suspendedLeaseId == handle.leaseId();
    }

    /** A message is done with: acked, dead-lettered or gone. */
    private void finish(Mailbox mailbox, int index, long nowNanos) {
        long position = mailbox.messages.position(index);
        bodies.remove(mailbox, index);
        pendingMessages--;
        if (index == 0) {
            mailbox.headAttempts = 0;
        }
        if (index < mailbox.inHand) {
            mailbox.inHand--;
            ClientSession holder = holderOf(mailbox);
            holder.messagesInHand--;
            dispatcher.clientMayTake(holder);
        }
        QueueProgress queue = queues.get(Position.slot(position));
        if (queue != null) {
            queue.markDone(Position.queueOffset(position));
        }
        settleAfterRemoval(mailbox, nowNanos);
    }

    private void settleAfterRemoval(Mailbox mailbox, long nowNanos) {
        switch (mailbox.state()) {
            case LEASED:
                if (mailbox.inHand == 0) {
                    endLease(mailbox, nowNanos);
                }
                return;
            case DEAD_LETTERING:
                goOn(mailbox, MailboxEvent.DEAD_LETTERED, nowNanos);
                return;
            case READY:
            case SUSPENDED:
                if (mailbox.messages.size() == 0) {
                    mailboxTimers.cancel(mailbox.timer);
                    mailbox.move(MailboxEvent.EMPTIED);
                    retireIfUnused(mailbox);
                }
                return;
            case IDLE:
                throw new IllegalStateException("a message left an idle mailbox: liteTopic=" + mailbox.liteTopic);
        }
    }

    /** What the client holds goes back. */
    private void endLease(Mailbox mailbox, long nowNanos) {
        releaseLease(mailbox);
        goOn(mailbox, MailboxEvent.LEASE_ENDED, nowNanos);
    }

    /**
     * What held the mailbox is over: it is empty, or rests if a suspend was asked for meanwhile, or is ready. Its time to live
     * starts anew: it does not run while a lite topic is held or rests.
     */
    private void goOn(Mailbox mailbox, MailboxEvent ifReady, long nowNanos) {
        mailbox.lastActivityNanos = nowNanos;
        if (mailbox.messages.size() == 0) {
            mailbox.move(MailboxEvent.EMPTIED);
            retireIfUnused(mailbox);
        } else if (mailbox.resumeAtNanos > nowNanos) {
            rest(mailbox);
        } else {
            mailbox.move(ifReady);
            dispatcher.offer(mailbox);
        }
    }

    private void rest(Mailbox mailbox) {
        mailbox.move(MailboxEvent.SUSPEND_REQUESTED);
        mailboxTimers.schedule(mailbox.timer, mailbox.resumeAtNanos);
        bodies.comesToRest(mailbox);
    }

    private void releaseLease(Mailbox mailbox) {
        Lease lease = leaseOf(mailbox);
        lease.holder.leased.remove(mailbox);
        lease.holder.messagesInHand -= mailbox.inHand;
        dispatcher.clientMayTake(lease.holder);
        mailbox.inHand = 0;
        mailbox.lease = null;
        mailboxTimers.cancel(mailbox.timer);
    }

    /** The client had its chance with the first message it holds. */
    private void deliveryFailed(Mailbox mailbox, long nowNanos) {
        mailbox.headAttempts++;
        if (mailbox.headAttempts >= settings.maxAttempts()) {
            releaseLease(mailbox);
            giveUp(mailbox, DeadLetterReason.ATTEMPTS_EXHAUSTED);
        } else {
            endLease(mailbox, nowNanos);
        }
    }

    private void giveUp(Mailbox mailbox, DeadLetterReason reason) {
        mailbox.move(MailboxEvent.GIVEN_UP);
        long position = mailbox.messages.position(0);
        effects.deadLetter(
                Position.slot(position),
                Position.queueOffset(position),
                mailbox.liteTopic,
                mailbox.messages.message(0),
                reason);
    }

    // ---- life cycle of lite topics ----

    private Mailbox mailboxFor(String liteTopic, long activityNanos) {
        Mailbox mailbox = mailboxes.get(liteTopic);
        if (mailbox == null) {
            mailbox = new Mailbox(liteTopic);
            mailbox.lastActivityNanos = activityNanos;
            mailboxes.put(liteTopic, mailbox);
            effects.liteTopicCreated(liteTopic);
        }
        return mailbox;
    }

    private void scheduleExpiry(Mailbox mailbox) {
        if (settings.ttlNanos() != EngineSettings.NO_TTL && !mailbox.expiryTimer.isScheduled()) {
            expiryTimers.schedule(mailbox.expiryTimer, mailbox.lastActivityNanos + settings.ttlNanos());
        }
    }

    private void onExpiryTimer(Mailbox mailbox, long nowNanos) {
        long expiresAt = mailbox.lastActivityNanos + settings.ttlNanos();
        if (mailbox.state() == MailboxState.SUSPENDED) {
            expiresAt = mailbox.resumeAtNanos + settings.ttlNanos();
        } else if (mailbox.state() == MailboxState.LEASED || mailbox.state() == MailboxState.DEAD_LETTERING) {
            expiresAt = nowNanos + settings.ttlNanos();
        }
        if (expiresAt > nowNanos) {
            expiryTimers.schedule(mailbox.expiryTimer, expiresAt);
        } else if (isBehind(mailbox.lastSlot)) {
            // A younger message of it may be among those that are not read yet.
            expiryTimers.schedule(mailbox.expiryTimer, nowNanos + CATCH_UP_NANOS);
        } else {
            expire(mailbox, nowNanos);
        }
    }

    private boolean isBehind(int slot) {
        QueueProgress queue = ownsQueue(slot) ? queues.get(slot) : null;
        return queue != null && !queue.isCaughtUp;
    }

    /** Lite topics without a time to live exist while they have messages or subscribers. */
    private void retireIfUnused(Mailbox mailbox) {
        if (settings.ttlNanos() == EngineSettings.NO_TTL
                && mailbox.state() == MailboxState.IDLE
                && mailbox.subscriptions.isEmpty()) {
            removeMailbox(mailbox);
        }
    }

    private void expire(Mailbox mailbox, long nowNanos) {
        int expired = mailbox.messages.size();
        while (mailbox.messages.size() > 0) {
            finish(mailbox, 0, nowNanos);
        }
        mailbox.resumeAtNanos = Mailbox.NOT_SUSPENDED;
        if (expired > 0) {
            effects.messagesExpired(mailbox.liteTopic, expired);
        }
        if (mailbox.subscriptions.isEmpty()) {
            removeMailbox(mailbox);
        } else {
            // Its subscribers keep it; it starts a new life with the next message.
            mailbox.lastActivityNanos = nowNanos;
            scheduleExpiry(mailbox);
        }
    }

    private void removeMailbox(Mailbox mailbox) {
        expiryTimers.cancel(mailbox.expiryTimer);
        mailboxTimers.cancel(mailbox.timer);
        mailboxes.remove(mailbox.liteTopic);
        effects.liteTopicRemoved(mailbox.liteTopic);
    }

    // ---- time ----

    /** Fires what is due, delivers what can be delivered, and asks for what should be read. */
    public void dispatch(long nowNanos) {
        Timer<Mailbox> mailboxTimer;
        while ((mailboxTimer = mailboxTimers.pollDue(nowNanos)) != null) {
            onMailboxTimer(mailboxTimer.target(), nowNanos);
        }
        Timer<ClientSession> clientTimer;
        while ((clientTimer = clientTimers.pollDue(nowNanos)) != null) {
            onClientTimer(clientTimer.target(), nowNanos);
        }
        Timer<Mailbox> expiryTimer;
        while ((expiryTimer = expiryTimers.pollDue(nowNanos)) != null) {
            onExpiryTimer(expiryTimer.target(), nowNanos);
        }
        dispatcher.dispatch(nowNanos);
        Timer<Poll> pollTimer;
        while ((pollTimer = pollTimers.pollDue(nowNanos)) != null) {
            endPoll(pollTimer.target());
        }
        readAhead();
        reportWatermarks();
    }

    private void onMailboxTimer(Mailbox mailbox, long nowNanos) {
        if (mailbox.state() == MailboxState.SUSPENDED) {
            mailbox.move(MailboxEvent.RESUMED);
            mailbox.lastActivityNanos = nowNanos;
            dispatcher.offer(mailbox);
        } else if (mailbox.state() == MailboxState.LEASED) {
            deliveryFailed(mailbox, nowNanos);
        } else {
            throw new IllegalStateException("timer of a mailbox that waits for none: " + mailbox.state());
        }
    }

    /** Reads on while there is room, or whatever the room, while a consumer has nothing to do. */
    private void readAhead() {
        boolean isFull = pendingMessages >= settings.maxPendingMessages();
        if (isFull != indexFull) {
            indexFull = isFull;
            effects.indexFull(isFull, pendingMessages);
        }
        boolean someoneWaits = pollTimers.size() > 0;
        if (isFull || (bodies.isOverBudget() && !someoneWaits)) {
            return;
        }
        for (int slot = 0; slot < queues.size(); slot++) {
            QueueProgress queue = queues.get(slot);
            if (queue != null && queue.readId == QueueProgress.NOT_READING) {
                queue.readId = ++lastReadId;
                effects.read(slot, queue.nextOffset(), queue.readId);
            }
        }
    }

    private void reportWatermarks() {
        for (int slot = 0; slot < queues.size(); slot++) {
            QueueProgress queue = queues.get(slot);
            if (queue != null && !queue.reported) {
                queue.reported = true;
                effects.watermarkAdvanced(slot, queue.watermark());
            }
        }
    }

    /** When {@link #dispatch} must be called next at the latest; {@link TimerQueue#NONE} if nothing is scheduled. */
    public long nextDeadlineNanos() {
        return Math.min(
                Math.min(mailboxTimers.nextDeadlineNanos(), expiryTimers.nextDeadlineNanos()),
                Math.min(pollTimers.nextDeadlineNanos(), clientTimers.nextDeadlineNanos()));
    }

    // ---- what others may see ----

    /** Lite topics that exist for this group. */
    public int liteTopicCount() {
        return mailboxes.size();
    }

    /** Their names: a live view for the engine thread. */
    public Set<String> liteTopics() {
        return Collections.unmodifiableSet(mailboxes.keySet());
    }

    /** Number of the last read that was asked for. */
    public long lastReadId() {
        return lastReadId;
    }

    /** Messages read and not done. */
    public long pendingMessages() {
        return pendingMessages;
    }

    /** Entries of internal collections that must be empty when nothing waits. */
    int leftovers() {
        return bodies.evictableMailboxes()
                + (int) Math.min(Integer.MAX_VALUE, bodies.cachedBytes())
                + mailboxTimers.size();
    }

    public int clientCount() {
        return clients.size();
    }

    public int subscriptionCount() {
        return groupSubscriptions;
    }

    private static Lease leaseOf(Mailbox mailbox) {
        Lease lease = mailbox.lease;
        if (lease == null) {
            throw new IllegalStateException("no lease while " + mailbox.state() + ": liteTopic=" + mailbox.liteTopic);
        }
        return lease;
    }

    private static ClientSession holderOf(Mailbox mailbox) {
        return leaseOf(mailbox).holder;
    }
}
