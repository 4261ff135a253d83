package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
 *
 * <p>The commands are here; what they do is in the parts: {@link Deliveries} first.
 */
public final class GroupEngine {
    /** Not the slot of any queue. */
    public static final int NO_SLOT = -1;

    private static final long[] NO_RUNS = {};
    private final EngineEffects effects;
    private final boolean isWildcard;
    private final TimerQueue<Backlog> mailboxTimers = new TimerQueue<>();
    private final TimerQueue<Poll> pollTimers = new TimerQueue<>();
    private final QueueTable queues;
    private final LiteTopicTable liteTopics;
    private final ChangeLog changeLog;
    private final AwaitedHeads awaitedHeads;
    private final SubscriptionTable subscriptions;
    private final IndexBudget index;
    private final BodyCache bodies;
    private final IndexScans scans;
    private final Dispatcher dispatcher;
    private final Deliveries deliveries;
    private final ClientTable clients;
    private final List<Mailbox> skippedOnArrival = new ArrayList<>();

    public GroupEngine(EngineSettings settings, EngineEffects effects) {
        this(settings, effects, 0);
    }

    /** @param lastReadId of the engine that this one replaces, so that answers to that one's reads are not taken for its own */
    public GroupEngine(EngineSettings settings, EngineEffects effects, long lastReadId) {
        this.effects = effects;
        this.isWildcard = settings.mode() == SubscriptionMode.WILDCARD;
        SubscriptionTable.Wanted wanted = new SubscriptionTable.Wanted(settings.mode());
        this.queues = new QueueTable(effects, lastReadId);
        this.changeLog = new ChangeLog(queues, settings.ttlNanos());
        this.liteTopics = new LiteTopicTable(effects, queues, settings, changeLog);
        this.awaitedHeads = new AwaitedHeads(liteTopics);
        this.index = new IndexBudget(settings.indexBytes());
        this.bodies = new BodyCache(settings.bodyCacheBytes(), effects, index, wanted);
        this.scans =
                new IndexScans(effects, queues, liteTopics, index, bodies, settings.lowIndexMessages(), lastReadId);
        this.dispatcher = new Dispatcher(effects, bodies, mailboxTimers, pollTimers, settings);
        this.deliveries = new Deliveries(
                settings, effects, mailboxTimers, queues, liteTopics, bodies, scans, dispatcher, changeLog);
        scans.use(deliveries);
        this.subscriptions = new SubscriptionTable(settings, effects, liteTopics, bodies, dispatcher, changeLog);
        this.clients = new ClientTable(
                settings, effects, deliveries, subscriptions, wanted, dispatcher, changeLog, pollTimers);
        if (isWildcard) {
            liteTopics.whenRemoved(dispatcher::forget);
        }
    }

    // ---- queues ----

    /** This proxy owns the queue from now on and reads it from {@code startOffset}. */
    public void acquireQueue(int slot, long startOffset) {
        queues.acquire(slot, startOffset, NO_RUNS);
    }

    /**
     * This proxy owns the queue from now on, and goes on where its journal ends. Subscriptions are apart, see
     * {@link #restoreSubscriptions}.
     *
     * @param nowWallMillis wall clock, to place the recorded times on the monotonic one
     */
    public void acquireQueue(int slot, QueueState state, long nowNanos, long nowWallMillis) {
        beginAcquiring(slot, state);
        restore(slot, state.liteTopics().iterator(), Integer.MAX_VALUE, nowNanos, nowWallMillis);
        endAcquiring(slot);
    }

    /**
     * Like {@link #acquireQueue(int, QueueState, long, long)} in steps, between which all else goes on: {@link #restore} takes the lite
     * topics. The queue is not read, and nothing of it must be written down, before {@link #endAcquiring}.
     */
    public void beginAcquiring(int slot, QueueState state) {
        queues.acquire(slot, state.watermark(), state.doneRuns());
        queues.mayRead(slot, false);
    }

    /** Takes the next lite topics of the queue's state, {@code most} at most. */
    public void restore(
            int slot, Iterator<LiteTopicState> liteTopicsOfQueue, int most, long nowNanos, long nowWallMillis) {
        for (int i = 0; i < most && liteTopicsOfQueue.hasNext(); i++) {
            restore(slot, liteTopicsOfQueue.next(), nowNanos, nowWallMillis);
        }
    }

    /** All lite topics of the queue's state are restored. */
    public void endAcquiring(int slot) {
        queues.mayRead(slot, true);
    }

    private void restore(int slot, LiteTopicState state, long nowNanos, long nowWallMillis) {
        long activityNanos = state.lastActivityMillis() == LiteTopicState.NONE
                ? nowNanos
                : Math.min(nowNanos, onMonotonicClock(state.lastActivityMillis(), nowNanos, nowWallMillis));
        Mailbox mailbox = liteTopics.restore(state.name(), slot, state.everHadMessage(), activityNanos);
        if (state.resumeAtMillis() > nowWallMillis || state.attempts() > 0) {
            deliveries.restore(
                    liteTopics.backlog(mailbox),
                    onMonotonicClock(state.resumeAtMillis(), nowNanos, nowWallMillis),
                    state.attempts(),
                    state.attempts() == 0 ? Backlog.NONE : Position.of(slot, state.attemptsOfOffset()),
                    nowNanos);
        }
        if (state.attempts() > 0) {
            awaitedHeads.add(Position.of(slot, state.attemptsOfOffset()), mailbox);
        }
        liteTopics.restored(mailbox, nowNanos);
    }

    /** A time that is too far for a number is as far as that. */
    private static long onMonotonicClock(long wallMillis, long nowNanos, long nowWallMillis) {
        long aheadMillis = wallMillis - nowWallMillis;
        long aheadNanos = TimeUnit.MILLISECONDS.toNanos(aheadMillis);
        long nanos = nowNanos + aheadNanos;
        if (((nowNanos ^ nanos) & (aheadNanos ^ nanos)) < 0) {
            return aheadNanos < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return nanos;
    }

    /**
     * Clients had these subscriptions when they were last written down. They have the liveness timeout to come again. Those that have
     * said already what they want keep that. What this was told before by an older record is forgotten.
     */
    public void restoreSubscriptions(Map<String, Set<String>> namesByClient, long nowNanos) {
        if (isWildcard) {
            return;
        }
        clients.removeUnseen(nowNanos);
        clients.forEach(client -> {
            if (client.wantsAsRecorded) { // it goes on with what an older record said
                Set<String> names = namesByClient.getOrDefault(client.clientId, Collections.emptySet());
                subscriptions.restore(client, names, nowNanos);
            }
        });
        namesByClient.forEach((clientId, names) -> {
            if (clients.get(clientId) == null) {
                subscriptions.restore(clients.ofJournal(clientId, nowNanos), names, nowNanos);
            }
        });
    }

    /** Nothing of the queue is delivered any more; what is in hand may be settled. It is to be lost soon. */
    public void drainQueue(int slot) {
        if (queues.owns(slot)) {
            dispatcher.drain(slot);
        }
    }

    /**
     * The state of a drained queue is taken for the last time now: what clients still have in hand of it is not theirs to settle any
     * more, since nobody would write that down.
     */
    public void refuseSettlements(int slot) {
        QueueProgress queue = queues.get(slot);
        if (queue != null) {
            queue.refusesSettlements = true;
        }
    }

    /** Deliveries of the queue's messages that are in hand. */
    public int inHandOf(int slot) {
        int[] inHand = {0};
        clients.forEach(client -> {
            for (Lease lease = client.leases; lease != null; lease = lease.next) {
                for (int index = 0; index < lease.backlog.inHand; index++) {
                    inHand[0] += Position.slot(lease.backlog.messages.position(index)) == slot ? 1 : 0;
                }
            }
        });
        return inHand[0];
    }

    /** While stopped, nothing is delivered; all else goes on. */
    public void stopDelivering(boolean stopped) {
        dispatcher.stop(stopped);
    }

    /** This proxy no longer owns the queue: what was read of it is forgotten, its deliveries are void. */
    public void loseQueue(int slot, long nowNanos) {
        QueueProgress lost = queues.get(slot);
        long readUpTo = lost == null ? 0 : lost.nextOffset();
        queues.lose(slot);
        for (Mailbox mailbox : liteTopics.snapshot()) {
            Backlog backlog = mailbox.backlog;
            boolean wasOfQueue = mailbox.everHadMessage && mailbox.lastSlot == slot;
            if (backlog != null) {
                backlog.queueLost(slot, readUpTo);
                deliveries.dropQueue(backlog, slot, nowNanos);
            }
            if (wasOfQueue) { // its next owner knows it, unless messages of another queue wait here
                changeLog.queueOfLastMessageLost(mailbox, backlog == null ? NO_SLOT : backlog.slotOfOthers(slot));
            }
            if (mailbox.recordedIn == slot) {
                changeLog.recordLost(mailbox);
            }
            if (backlog != null) {
                if (wasOfQueue && !mailbox.everHadMessage && mailbox.state() == MailboxState.IDLE) {
                    deliveries.forgetSuspend(backlog, nowNanos);
                }
                dispatcher.offer(backlog);
            }
            if (mailbox.state() == MailboxState.IDLE) {
                liteTopics.retireIfUnused(mailbox, nowNanos); // what it remembered of the queue is gone
            }
        }
        dispatcher.queueLost(slot);
        changeLog.queueLost(slot);
        awaitedHeads.queueLost(slot);
        scans.queueLost(slot, nowNanos);
        bodies.queueLost(slot);
        offerServed();
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
        queue.isCaughtUp = Math.max(nextOffset, queue.nextOffset()) >= maxOffset;
        long expected = queue.nextOffset();
        if (minOffset > expected) {
            long lost = queue.countNotDone(expected, minOffset);
            if (lost > 0) {
                effects.messagesLost(slot, expected, minOffset, lost, null);
            }
        }
        liteTopics.warm(messages);
        for (BrokerMessage message : messages) {
            long offset = message.queueOffset();
            if (offset < expected) {
                continue;
            }
            queue.skipTo(offset);
            boolean isDone = queue.isDone(offset);
            queue.readUpTo(offset + 1);
            if (!isDone) { // a journal may say that it is
                accept(slot, queue, message, nowNanos, nowWallMillis);
            }
            expected = queue.nextOffset();
        }
        if (nextOffset > expected) {
            queue.skipTo(nextOffset);
        }
        for (Mailbox mailbox : skippedOnArrival) {
            liteTopics.retireIfUnused(mailbox, nowNanos);
        }
        skippedOnArrival.clear();
        awaitedHeads.readUpTo(slot, queue.nextOffset(), nowNanos);
    }

    /** The read failed; the caller has waited as long as it thinks fit. */
    public void onReadFailed(int slot, long readId) {
        QueueProgress queue = queues.endRead(slot, readId);
        if (queue != null) {
            queue.isCaughtUp = false; // nobody knows where its end is now
        }
    }

    private void accept(int slot, QueueProgress queue, BrokerMessage message, long nowNanos, long nowWallMillis) {
        String liteTopic = message.liteTopic();
        if (liteTopic == null) {
            effects.deadLetter(slot, message.queueOffset(), null, message, DeadLetterReason.NO_LITE_TOPIC);
            return;
        }
        long ageMillis = Math.max(0, nowWallMillis - message.storeTimestampMillis());
        long ageNanos = TimeUnit.MILLISECONDS.toNanos(ageMillis);
        // A message that is older than the clock is as old as that.
        long storedAtNanos = nowNanos < Long.MIN_VALUE + ageNanos ? Long.MIN_VALUE : nowNanos - ageNanos;
        Mailbox mailbox = liteTopics.getOrCreate(liteTopic, storedAtNanos);
        liteTopics.cameFrom(mailbox, slot);
        if (storedAtNanos > mailbox.lastActivityNanos) {
            liteTopics.active(mailbox, storedAtNanos);
        }
        liteTopics.scheduleExpiry(mailbox, nowNanos);
        Backlog backlog = liteTopics.backlog(mailbox);
        if (backlog.isUnwanted(slot, message.queueOffset())) {
            queue.markDone(message.queueOffset());
            effects.messagesSkipped(mailbox.liteTopic, 1);
            skippedOnArrival.add(mailbox); // the next message of it may be wanted
            return;
        }
        Gap gap = backlog.gapOf(slot);
        if (gap != null) {
            scans.arrivedInGap(gap);
            return;
        }
        bodies.append(backlog, Position.of(slot, message.queueOffset()), message);
        deliveries.arrived(backlog, nowNanos);
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
            Backlog backlog = message.liteTopic() == null ? null : liteTopics.backlogOf(message.liteTopic());
            if (backlog != null) {
                bodies.restore(backlog, Position.of(slot, message.queueOffset()), message);
            }
        }
        Backlog backlog = bodies.rereadEnded(position);
        offerServed();
        if (backlog == null || backlog.state() != MailboxState.READY) {
            return;
        }
        if (gone && backlog.messages.firstPosition() == position && backlog.messages.loaded() == 0) {
            effects.messagesLost(slot, queueOffset, queueOffset + 1, 1, backlog.mailbox.liteTopic);
            deliveries.firstIsGone(backlog, nowNanos);
        }
        dispatcher.offer(backlog);
    }

    private void offerServed() {
        Backlog served;
        while ((served = bodies.pollServedByOthers()) != null) {
            dispatcher.offer(served);
        }
    }

    /**
     * Answer to {@link EngineEffects#scan}.
     *
     * @param nextOffset where the scan goes on; offsets below it that are not among {@code messages} hold no message
     * @param minOffset first offset the broker still has
     */
    public void onScanned(
            int slot, long scanId, List<BrokerMessage> messages, long nextOffset, long minOffset, long nowNanos) {
        scans.scanned(slot, scanId, messages, nextOffset, minOffset, nowNanos);
    }

    /** The scan failed; the caller has waited as long as it thinks fit. */
    public void onScanFailed(int slot, long scanId) {
        scans.failed(slot, scanId);
    }

    // ---- clients ----

    /**
     * A lite client of the group shows that it lives; it is known from now on.
     *
     * @param filter which lite topics it may receive from
     */
    public void clientSeen(String clientId, LiteTopicFilter filter, long nowNanos) {
        ClientSession client = clients.seen(clientId, nowNanos);
        if (!client.filter.equals(filter)) {
            client.filter = filter;
            recheck(client, nowNanos);
        }
    }

    /** Answers of filters have changed: clients lose the subscriptions that their filter does not accept any more. */
    public void recheckFilters(long nowNanos) {
        clients.forEach(client -> recheck(client, nowNanos));
    }

    private void recheck(ClientSession client, long nowNanos) {
        if (isWildcard) {
            dispatcher.filterChanged(client, liteTopics);
        } else if (client.filter != LiteTopicFilter.ALL) {
            subscriptions.recheck(client, nowNanos);
        }
    }

    /**
     * A client, known or not, has a connection again. What was delivered to it just before the old one broke, for as long as it
     * lives, may never have reached it, and nothing else would ever end that: it is delivered again.
     */
    public void clientConnected(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            clients.connected(client, nowNanos);
        }
    }

    /** The client shows that it lives, if the group knows it. */
    public void clientHeartbeat(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            client.lastSeenNanos = nowNanos;
        }
    }

    /** Whether the group knows the client, so that it may poll. */
    public boolean knowsClient(String clientId) {
        return clients.get(clientId) != null;
    }

    /** The client's connection broke. It has the grace period to connect again before its deliveries go to others. */
    public void clientDisconnected(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            clients.disconnected(client, nowNanos);
        }
    }

    /** The client says that it ends, and that it handles nothing any more. */
    public void clientTerminated(String clientId, long nowNanos) {
        ClientSession client = clients.get(clientId);
        if (client != null) {
            clients.terminated(client, nowNanos);
        }
    }

    // ---- subscriptions ----

    /**
     * Adds lite topics to what the client wants; all or, over a quota, none.
     *
     * @param start from where on, for those that the client did not want before; null to go on where the group is
     */
    public SubscribeResult subscribe(String clientId, Set<String> names, @Nullable StartPoint start, long nowNanos) {
        ClientSession client = clients.subscribing(clientId, nowNanos);
        if (isWildcard) {
            return ofWildcard(names);
        }
        List<Mailbox> fresh = new ArrayList<>();
        SubscribeResult result = subscriptions.add(client, names, fresh, nowNanos);
        startAt(fresh, start, nowNanos);
        return result;
    }

    /** Removes lite topics from what the client wants. What it holds of them it may still settle. */
    public SubscribeResult unsubscribe(String clientId, Set<String> names, long nowNanos) {
        ClientSession client = clients.subscribing(clientId, nowNanos);
        return isWildcard ? ofWildcard(Collections.emptySet()) : subscriptions.remove(client, names, nowNanos);
    }

    /**
     * Makes the client's set what is given, except that names it added a moment ago stay. In an exclusive group this takes nothing
     * from another client.
     *
     * @param start like that of {@link #subscribe}
     */
    public SubscribeResult subscribeExactly(
            String clientId, Set<String> names, @Nullable StartPoint start, long nowNanos) {
        ClientSession client = clients.subscribing(clientId, nowNanos);
        if (isWildcard) {
            return ofWildcard(names);
        }
        List<Mailbox> fresh = new ArrayList<>();
        SubscribeResult result = subscriptions.replace(client, names, fresh, nowNanos);
        startAt(fresh, start, nowNanos);
        return result;
    }

    /** Removes all subscriptions of the client. */
    public SubscribeResult unsubscribeAll(String clientId, long nowNanos) {
        ClientSession client = clients.subscribing(clientId, nowNanos);
        return isWildcard ? ofWildcard(Collections.emptySet()) : subscriptions.removeAll(client, nowNanos);
    }

    private static SubscribeResult ofWildcard(Set<String> names) {
        return new SubscribeResult(
                names.isEmpty() ? SubscribeResult.Outcome.OK : SubscribeResult.Outcome.NOTHING_TO_SUBSCRIBE, 0, 0);
    }

    private void startAt(List<Mailbox> fresh, @Nullable StartPoint start, long nowNanos) {
        if (start != null) {
            for (Mailbox mailbox : fresh) {
                deliveries.startAt(liteTopics.backlog(mailbox), start, nowNanos);
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
        client.lastSeenNanos = nowNanos;
        client.usesDeadlines = poll.invisibleNanos() != Poll.WHILE_CLIENT_LIVES;
        client.polls.addLast(poll);
        pollTimers.schedule(poll.timer, deadlineNanos);
        dispatcher.clientMayTake(client);
    }

    /** The caller is no longer there. Without effect once the poll is over. */
    public void cancelPoll(Poll poll) {
        if (!poll.over) {
            clients.end(poll);
        }
    }

    /** The answer did not reach the client: what it held is delivered again, not as a further attempt. */
    public void returnDeliveries(List<Delivery> returned, long nowNanos) {
        for (Delivery delivery : returned) {
            deliveries.returned(delivery, nowNanos);
        }
    }

    // ---- settling deliveries ----

    /** The message is done. */
    public Settlement ack(String clientId, ReceiptHandle handle, long nowNanos) {
        return deliveries.ack(clientId, handle, nowNanos);
    }

    /**
     * The client keeps the delivery until {@code invisibleNanos} from now; then it is delivered again, as a further attempt. A
     * delivery that was the client's for as long as it lives goes back at once and rests for that time.
     *
     * @param invisibleNanos 0 or more
     */
    public Settlement changeInvisibleDuration(
            String clientId, ReceiptHandle handle, long invisibleNanos, long nowNanos) {
        return deliveries.changeInvisibleDuration(clientId, handle, invisibleNanos, nowNanos);
    }

    /**
     * Suspends the lite topic: this message and all later ones are not delivered before {@code suspendNanos} from now. The later
     * ones that the client holds go back; earlier ones it may still settle.
     */
    public Settlement suspend(String clientId, ReceiptHandle handle, long suspendNanos, long nowNanos) {
        return deliveries.suspend(clientId, handle, suspendNanos, nowNanos);
    }

    /** The client gives the message up: it goes to the dead letter queue, and what it holds behind it goes back. */
    public Settlement forwardToDeadLetterQueue(String clientId, ReceiptHandle handle, long nowNanos) {
        return deliveries.forwardToDeadLetterQueue(clientId, handle, nowNanos);
    }

    /** Answer to {@link EngineEffects#deadLetter}: the copy is stored. */
    public void onDeadLettered(int slot, long queueOffset, @Nullable String liteTopic, long nowNanos) {
        QueueProgress queue = queues.get(slot);
        if (queue == null) {
            return;
        }
        if (liteTopic != null) {
            deliveries.deadLettered(slot, queueOffset, liteTopic, nowNanos);
        } else if (queueOffset < queue.nextOffset()) {
            queue.markDone(queueOffset);
        }
    }

    // ---- time ----

    /** Fires what is due, delivers what can be delivered, and asks for what should be read. */
    public void dispatch(long nowNanos) {
        deliveries.fireTimers(nowNanos);
        clients.fireTimers(nowNanos);
        liteTopics.fireExpiry(nowNanos);
        Mailbox expired;
        while ((expired = liteTopics.pollExpired()) != null) {
            expire(expired, nowNanos);
        }
        dispatcher.dispatch(nowNanos);
        Timer<Poll> pollTimer;
        while ((pollTimer = pollTimers.pollDue(nowNanos)) != null) {
            clients.end(pollTimer.target());
        }
        scans.cutToBudget();
        scans.dispatch(nowNanos);
        queues.readAhead(index.isFull(), pendingMessages(), !bodies.isOverBudget(), pollTimers.size() > 0);
        queues.reportWatermarks();
    }

    private void expire(Mailbox mailbox, long nowNanos) {
        Backlog backlog = mailbox.backlog;
        if (backlog != null && !deliveries.expire(backlog, nowNanos)) {
            liteTopics.lookSoon(mailbox, nowNanos);
            return;
        }
        subscriptions.expired(mailbox);
        liteTopics.remove(mailbox);
    }

    /** When {@link #dispatch} must be called next at the latest; {@link TimerQueue#NONE} if nothing is scheduled. */
    public long nextDeadlineNanos() {
        return Math.min(
                Math.min(mailboxTimers.nextDeadlineNanos(), liteTopics.nextDeadlineNanos()),
                Math.min(pollTimers.nextDeadlineNanos(), clients.nextDeadlineNanos()));
    }

    // ---- what is to be written down ----

    /** Offsets, lite topics and subscriptions that have changed since changes were last taken, about. */
    public long changesNotTaken() {
        return changeLog.size();
    }

    /**
     * The queue with whose journal the resume time and the attempts of a lite topic are written down; {@link #NO_SLOT} if there is
     * none. It may be another one than that of a message of it, and changes when a message comes from another queue.
     */
    public int slotOfNotes(String liteTopic) {
        Mailbox mailbox = liteTopics.get(liteTopic);
        return mailbox == null ? NO_SLOT : changeLog.slotOf(mailbox);
    }

    /** Whether something of an owned queue is to be written down. */
    public boolean hasChanges(int slot) {
        return changeLog.hasChanges(slot);
    }

    /**
     * What has changed in the state of an owned queue since this was last called.
     *
     * @param nowWallMillis wall clock, to record times that count across restarts
     */
    public StateChanges takeChanges(int slot, long nowNanos, long nowWallMillis) {
        return changeLog.take(slot, liteTopics, nowNanos, nowWallMillis);
    }

    /** All that {@link #takeChanges} and {@link #nextSnapshotPart} have given of the queue is stored. */
    public void changesStored(int slot) {
        changeLog.stored(slot);
    }

    /**
     * From now on subscriptions are written down with this queue.
     *
     * @param sinceMillis see {@link StateChanges#subscriptionsSince()}; later than that of any other queue, and, unless
     *     {@code recorded}, than that of this one
     * @param recorded whether what {@link #restoreSubscriptions} was told last is what is written down there, since
     *     {@code sinceMillis}; otherwise a snapshot of the queue must follow
     */
    public void carrySubscriptionsWith(int slot, long sinceMillis, boolean recorded) {
        changeLog.carryWith(slot, sinceMillis, clients.all(), liteTopics, recorded);
    }

    /** The queue with which subscriptions are written down, or -1. */
    public int subscriptionCarrier() {
        return changeLog.carrier();
    }

    /** A snapshot of the state of an owned queue begins; one that has begun before is given up. */
    public void beginSnapshot(int slot) {
        changeLog.beginSnapshot(slot, isWildcard ? Collections.emptyList() : clients.all());
    }

    /**
     * The next part of the snapshot, to be written behind the changes that were taken so far; null if that was all. Each takes bounded
     * time, and the engine may go on in between: see {@link StateChanges}.
     */
    public @Nullable StateChanges nextSnapshotPart(int slot, long nowNanos, long nowWallMillis) {
        return changeLog.nextPart(slot, liteTopics, nowNanos, nowWallMillis);
    }

    // ---- what others may see ----

    /** Visits the names of the lite topics that exist for this group. Engine thread only. */
    public void forEachLiteTopic(Consumer<String> action) {
        liteTopics.forEach(mailbox -> action.accept(mailbox.liteTopic));
    }

    /** Number of lite topics that exist for this group. */
    public int liteTopicCount() {
        return liteTopics.size();
    }

    /** Number of the last read or scan that was asked for. */
    public long lastReadId() {
        return Math.max(queues.lastReadId(), scans.lastScanId());
    }

    /** Messages read and not done. */
    public long pendingMessages() {
        return deliveries.indexedMessages() + scans.messagesInGaps();
    }

    /** Of {@link #pendingMessages()} those that are not in the index, since that was cut. */
    public long pendingOutsideIndex() {
        return scans.messagesInGaps();
    }

    /** Gaps in the index of waiting messages that are still to be filled. */
    int openGaps() {
        return scans.openGaps();
    }

    /** Memory of the index of waiting messages, in bytes, about. */
    public long indexBytes() {
        return index.bytes();
    }

    /** Entries of internal collections that must be empty when nothing waits. */
    int leftovers() {
        return bodies.evictableMailboxes()
                + (int) Math.min(Integer.MAX_VALUE, bodies.cachedBytes())
                + (int) Math.min(Integer.MAX_VALUE, index.bytes())
                + (int) scans.messagesInGaps()
                + mailboxTimers.size();
    }
}
