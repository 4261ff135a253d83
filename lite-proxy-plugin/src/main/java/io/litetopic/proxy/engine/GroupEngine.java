package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
    private final EngineSettings settings;
    private final EngineEffects effects;
    private final TimerQueue<Mailbox> mailboxTimers = new TimerQueue<>();
    private final TimerQueue<Poll> pollTimers = new TimerQueue<>();
    private final TimerQueue<ClientSession> clientTimers = new TimerQueue<>();
    private final Map<String, ClientSession> clients = new HashMap<>();
    private final QueueTable queues;
    private final LiteTopicTable liteTopics;
    private final SubscriptionTable subscriptions;
    private final BodyCache bodies;
    private final Dispatcher dispatcher;
    private long pendingMessages;

    public GroupEngine(EngineSettings settings, EngineEffects effects) {
        this(settings, effects, 0);
    }

    /** @param lastReadId of the engine that this one replaces, so that answers to that one's reads are not taken for its own */
    public GroupEngine(EngineSettings settings, EngineEffects effects, long lastReadId) {
        this.settings = settings;
        this.effects = effects;
        this.queues = new QueueTable(effects, (int) Math.min(20_000_000, settings.indexBytes() / 4), lastReadId);
        this.liteTopics = new LiteTopicTable(effects, queues, settings.ttlNanos());
        this.bodies = new BodyCache(settings.bodyCacheBytes(), effects);
        this.dispatcher = new Dispatcher(effects, bodies, mailboxTimers, pollTimers, settings);
        this.subscriptions = new SubscriptionTable(settings, liteTopics, bodies, dispatcher);
    }

    // ---- queues ----

    /** This proxy owns the queue from now on and reads it from {@code startOffset}. */
    public void acquireQueue(int slot, long startOffset) {
        queues.acquire(slot, startOffset);
    }

    /** This proxy no longer owns the queue: what was read of it is forgotten, its deliveries are void. */
    public void loseQueue(int slot, long nowNanos) {
        queues.lose(slot);
        for (Mailbox mailbox : liteTopics.snapshot()) {
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
        return queues.owns(slot);
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
        QueueProgress queue = queues.endRead(slot, readId);
        if (queue == null) {
            return; // asked before the queue was lost
        }
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
        queues.endRead(slot, readId);
    }

    private void accept(int slot, BrokerMessage message, long nowNanos, long nowWallMillis) {
        String liteTopic = message.liteTopic();
        if (liteTopic == null) {
            effects.deadLetter(slot, message.queueOffset(), null, message, DeadLetterReason.NO_LITE_TOPIC);
            return;
        }
        long ageMillis = Math.max(0, nowWallMillis - message.storeTimestampMillis());
        long storedAtNanos = nowNanos - TimeUnit.MILLISECONDS.toNanos(ageMillis);
        Mailbox mailbox = liteTopics.getOrCreate(liteTopic, storedAtNanos);
        mailbox.everHadMessage = true;
        mailbox.lastActivityNanos = Math.max(mailbox.lastActivityNanos, storedAtNanos);
        mailbox.lastSlot = slot;
        liteTopics.scheduleExpiry(mailbox);
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
     * @param messages what the broker gave from that offset on; empty if the read failed, which is tried again when due
     * @param gone the broker no longer has the message at {@code queueOffset}
     */
    public void onRereadMessages(
            int slot, long queueOffset, List<BrokerMessage> messages, boolean gone, long nowNanos) {
        long position = Position.of(slot, queueOffset);
        for (BrokerMessage message : messages) {
            Mailbox mailbox = message.liteTopic() == null ? null : liteTopics.get(message.liteTopic());
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

    /**
     * Answer to {@link EngineEffects#scan}.
     *
     * @param nextOffset where the scan goes on; offsets below it that are not among {@code messages} hold no message
     */
    public void onScanned(
            int slot, long scanId, List<BrokerMessage> messages, long nextOffset, long nowNanos, long nowWallMillis) {
        notYet();
    }

    /** The scan failed; the caller has waited as long as it thinks fit. */
    public void onScanFailed(int slot, long scanId) {
        notYet();
    }

    // ---- clients ----

    /**
     * A lite client of the group shows that it lives; it is known from now on.
     *
     * @param filter which lite topics it may receive from
     */
    public void clientSeen(String clientId, LiteTopicFilter filter, long nowNanos) {
        seen(clientId, nowNanos);
    }

    /** Answers of filters have changed: clients lose the subscriptions that their filter does not accept any more. */
    public void recheckFilters(long nowNanos) {
        notYet();
    }

    private ClientSession seen(String clientId, long nowNanos) {
        ClientSession client = clients.computeIfAbsent(clientId, id -> new ClientSession(id, nowNanos));
        touch(client, nowNanos);
        return client;
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
        subscriptions.removeAll(client);
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

    /**
     * Adds lite topics to what the client wants; all or, over a quota, none.
     *
     * @param start from where on, for those that the client did not want before; null to go on where the group is
     */
    public SubscribeResult subscribe(String clientId, Set<String> names, @Nullable StartPoint start, long nowNanos) {
        return subscriptions.add(seen(clientId, nowNanos), names, nowNanos);
    }

    /** Removes lite topics from what the client wants. What it holds of them it may still settle. */
    public SubscribeResult unsubscribe(String clientId, Set<String> names, long nowNanos) {
        return subscriptions.remove(seen(clientId, nowNanos), names);
    }

    /** Makes the client's set what is given, except that names it added a moment ago stay. */
    public SubscribeResult subscribeExactly(String clientId, Set<String> names, long nowNanos) {
        return subscriptions.replace(seen(clientId, nowNanos), names, nowNanos);
    }

    /** Removes all subscriptions of the client. */
    public SubscribeResult unsubscribeAll(String clientId, long nowNanos) {
        ClientSession client = seen(clientId, nowNanos);
        return subscriptions.remove(client, new HashSet<>(client.subscriptions.keySet()));
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
            Mailbox mailbox = liteTopics.get(delivery.liteTopic());
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
        QueueProgress queue = queues.get(slot);
        if (queue == null) {
            return;
        }
        if (liteTopic == null) {
            if (queueOffset < queue.nextOffset()) {
                queue.markDone(queueOffset);
            }
            return;
        }
        Mailbox mailbox = liteTopics.get(liteTopic);
        if (mailbox != null
                && mailbox.state() == MailboxState.DEAD_LETTERING
                && mailbox.messages.position(0) == Position.of(slot, queueOffset)) {
            finish(mailbox, 0, nowNanos);
        }
    }

    private @Nullable Mailbox held(String clientId, ReceiptHandle handle) {
        Mailbox mailbox = liteTopics.get(handle.liteTopic());
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
        Mailbox mailbox = liteTopics.get(handle.liteTopic());
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
                    liteTopics.retireIfUnused(mailbox);
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
            liteTopics.retireIfUnused(mailbox);
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

    private void expire(Mailbox mailbox, long nowNanos) {
        int expired = mailbox.messages.size();
        while (mailbox.messages.size() > 0) {
            finish(mailbox, 0, nowNanos);
        }
        if (expired > 0) {
            effects.messagesExpired(mailbox.liteTopic, expired);
        }
        liteTopics.expired(mailbox, nowNanos);
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
        Mailbox expired;
        while ((expired = liteTopics.pollExpired(nowNanos)) != null) {
            expire(expired, nowNanos);
        }
        dispatcher.dispatch(nowNanos);
        Timer<Poll> pollTimer;
        while ((pollTimer = pollTimers.pollDue(nowNanos)) != null) {
            endPoll(pollTimer.target());
        }
        queues.readAhead(pendingMessages, !bodies.isOverBudget(), pollTimers.size() > 0);
        queues.reportWatermarks();
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

    /** When {@link #dispatch} must be called next at the latest; {@link TimerQueue#NONE} if nothing is scheduled. */
    public long nextDeadlineNanos() {
        return Math.min(
                Math.min(mailboxTimers.nextDeadlineNanos(), liteTopics.nextDeadlineNanos()),
                Math.min(pollTimers.nextDeadlineNanos(), clientTimers.nextDeadlineNanos()));
    }

    // ---- what others may see ----

    /** Names of the lite topics that exist for this group: a live view for the engine thread. */
    public Set<String> liteTopics() {
        return liteTopics.names();
    }

    /** Number of the last read that was asked for. */
    public long lastReadId() {
        return queues.lastReadId();
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

    private void notYet() {
        if (settingUp) {
            throw new UnsupportedOperationException("not yet");
        }
    }

    private boolean settingUp = true;
}
