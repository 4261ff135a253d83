package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxEvent;
import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.timer.Timer;
import io.litetopic.proxy.timer.TimerQueue;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of deliveries and of the mailboxes they came from: settled, returned, suspended, given up. Owner: engine thread.
 *
 * <p>Every move of a mailbox that is not a delivery is made here.
 */
final class Deliveries {
    private final EngineSettings settings;
    private final EngineEffects effects;
    private final TimerQueue<Backlog> timers;
    private final QueueTable queues;
    private final LiteTopicTable liteTopics;
    private final BodyCache bodies;
    private final IndexScans scans;
    private final Dispatcher dispatcher;
    private final ChangeLog changeLog;
    private long indexedMessages;

    Deliveries(
            EngineSettings settings,
            EngineEffects effects,
            TimerQueue<Backlog> timers,
            QueueTable queues,
            LiteTopicTable liteTopics,
            BodyCache bodies,
            IndexScans scans,
            Dispatcher dispatcher,
            ChangeLog changeLog) {
        this.settings = settings;
        this.effects = effects;
        this.timers = timers;
        this.queues = queues;
        this.liteTopics = liteTopics;
        this.bodies = bodies;
        this.scans = scans;
        this.dispatcher = dispatcher;
        this.changeLog = changeLog;
    }

    /** Messages in the index: read and neither done nor in a {@link Gap}. */
    long indexedMessages() {
        return indexedMessages;
    }

    void indexCut(int messages) {
        indexedMessages -= messages;
    }

    // ---- arrivals ----

    /** A message came in and is in the mailbox. */
    void arrived(Backlog backlog, long nowNanos) {
        indexedMessages++;
        if (backlog.state() == MailboxState.IDLE) {
            if (backlog.hasOtherHeadThanAwaited()) {
                noMoreAttempts(backlog);
            }
            backlog.awaitedHead = Backlog.NONE;
            timers.cancel(backlog.timer);
            backlog.move(MailboxEvent.FILLED);
            if (backlog.resumeAtNanos > nowNanos) {
                rest(backlog); // it was empty while it was suspended
            } else {
                dispatcher.offer(backlog);
            }
        }
    }

    /** Every message that waits is gone from the mailbox, which nobody holds. */
    void emptied(Backlog backlog, int messages, long nowNanos) {
        indexedMessages -= messages;
        noMoreAttempts(backlog);
        backlog.deficit = 0;
        if (backlog.state() != MailboxState.IDLE) {
            timers.cancel(backlog.timer);
            backlog.move(MailboxEvent.EMPTIED);
        }
        becameIdle(backlog, nowNanos);
    }

    private void becameIdle(Backlog backlog, long nowNanos) {
        if (backlog.rememberUntilNanos() > nowNanos) {
            timers.schedule(backlog.timer, backlog.rememberUntilNanos());
        }
        liteTopics.retireIfUnused(backlog.mailbox, nowNanos);
    }

    /** What was missing of the mailbox's index is there. */
    void indexComplete(Backlog backlog, long nowNanos) {
        if (backlog.state() == MailboxState.IDLE) {
            liteTopics.retireIfUnused(backlog.mailbox, nowNanos);
        } else {
            dispatcher.offer(backlog);
        }
    }

    /** The queue is no longer owned: its messages leave the mailbox, and their deliveries are void. */
    void dropQueue(Backlog backlog, int slot, long nowNanos) {
        if (backlog.messages.isEmpty()) {
            return;
        }
        boolean headGoes = Position.slot(backlog.messages.firstPosition()) == slot;
        int before = backlog.messages.size();
        int inHandGone = 0;
        for (int index = 0; index < backlog.inHand; index++) {
            inHandGone += Position.slot(backlog.messages.position(index)) == slot ? 1 : 0;
        }
        if (inHandGone > 0) {
            backlog.inHand -= inHandGone;
            holderOf(backlog).messagesInHand -= inHandGone;
        }
        bodies.removeQueue(backlog, slot);
        indexedMessages -= before - backlog.messages.size();
        backlog.expiring = Math.min(backlog.expiring, backlog.messages.size());
        scans.checkLow(backlog);
        if (headGoes) {
            noMoreAttempts(backlog);
            backlog.expiring = 0;
            settleAfterRemoval(backlog, nowNanos);
        }
    }

    // ---- settlements ----

    Settlement ack(String clientId, ReceiptHandle handle, long nowNanos) {
        Backlog backlog = held(clientId, handle);
        if (backlog == null) {
            return Settlement.NOT_HELD;
        }
        holderOf(backlog).lastSeenNanos = nowNanos;
        finish(backlog, backlog.messages.indexOf(handle.position(), backlog.inHand), nowNanos);
        return Settlement.OK;
    }

    Settlement changeInvisibleDuration(String clientId, ReceiptHandle handle, long invisibleNanos, long nowNanos) {
        Backlog backlog = held(clientId, handle);
        if (backlog == null) {
            return goneWithSuspend(handle) ? Settlement.OK : Settlement.NOT_HELD;
        }
        holderOf(backlog).lastSeenNanos = nowNanos;
        Lease lease = leaseOf(backlog);
        if (lease.deadlineNanos == Poll.WHILE_CLIENT_LIVES && backlog.messages.position(0) == handle.position()) {
            // A push client does not renew, it gives back what failed: nothing is in its hand any more.
            backlog.resumeAtNanos = nowNanos + invisibleNanos;
            backlog.suspendedLeaseId = lease.id;
            deliveryFailed(backlog, nowNanos);
            return Settlement.OK;
        }
        lease.deadlineNanos = nowNanos + invisibleNanos;
        timers.schedule(backlog.timer, lease.deadlineNanos);
        return Settlement.OK;
    }

    Settlement suspend(String clientId, ReceiptHandle handle, long suspendNanos, long nowNanos) {
        Backlog backlog = held(clientId, handle);
        if (backlog == null) {
            return goneWithSuspend(handle) ? Settlement.OK : Settlement.NOT_HELD;
        }
        ClientSession holder = holderOf(backlog);
        holder.lastSeenNanos = nowNanos;
        changeLog.changed(backlog.mailbox);
        backlog.resumeAtNanos = nowNanos + suspendNanos;
        backlog.suspendedLeaseId = handle.leaseId();
        int index = backlog.messages.indexOf(handle.position(), backlog.inHand);
        holder.messagesInHand -= backlog.inHand - index;
        backlog.inHand = index;
        if (index == 0) {
            endLease(backlog, nowNanos);
        }
        dispatcher.clientMayTake(holder);
        return Settlement.OK;
    }

    Settlement forwardToDeadLetterQueue(String clientId, ReceiptHandle handle, long nowNanos) {
        Backlog backlog = held(clientId, handle);
        if (backlog == null || backlog.messages.position(0) != handle.position()) {
            return Settlement.NOT_HELD;
        }
        holderOf(backlog).lastSeenNanos = nowNanos;
        releaseLease(backlog);
        giveUp(backlog, DeadLetterReason.CLIENT_REQUEST);
        return Settlement.OK;
    }

    /** The dead letter queue has the message. */
    void deadLettered(int slot, long queueOffset, String liteTopic, long nowNanos) {
        Backlog backlog = liteTopics.backlogOf(liteTopic);
        if (backlog != null
                && backlog.state() == MailboxState.DEAD_LETTERING
                && backlog.messages.firstPosition() == Position.of(slot, queueOffset)) {
            finish(backlog, 0, nowNanos);
        }
    }

    /** The broker no longer has the first message, which waits. */
    void firstIsGone(Backlog backlog, long nowNanos) {
        finish(backlog, 0, nowNanos);
    }

    /** The answer did not reach the client. */
    void returned(Delivery delivery, long nowNanos) {
        Backlog backlog = liteTopics.backlogOf(delivery.liteTopic());
        Lease lease = backlog == null ? null : backlog.lease;
        if (backlog != null && lease != null && lease.id == delivery.leaseId()) {
            endLease(backlog, nowNanos);
        }
    }

    private @Nullable Backlog held(String clientId, ReceiptHandle handle) {
        Backlog backlog = liteTopics.backlogOf(handle.liteTopic());
        Lease lease = backlog == null ? null : backlog.lease;
        QueueProgress queue = queues.get(handle.slot());
        boolean isHeld = backlog != null
                && lease != null
                && queue != null
                && !queue.refusesSettlements
                && lease.id == handle.leaseId()
                && lease.holder.clientId.equals(clientId)
                && backlog.messages.indexOf(handle.position(), backlog.inHand) >= 0;
        return isHeld ? backlog : null;
    }

    /** A client that gives back one by one what a suspend took is right, and too late. The id is known to nobody else. */
    private boolean goneWithSuspend(ReceiptHandle handle) {
        Backlog backlog = liteTopics.backlogOf(handle.liteTopic());
        return backlog != null && backlog.suspendedLeaseId == handle.leaseId() && handle.leaseId() != 0;
    }

    // ---- clients ----

    /** The client had its chance with the first messages it holds; all it holds goes back. */
    void clientFailed(ClientSession client, long nowNanos) {
        Lease lease;
        while ((lease = client.leases) != null) {
            deliveryFailed(lease.backlog, nowNanos);
        }
    }

    /** The client handles nothing any more; all it holds goes back. */
    void clientEnded(ClientSession client, long nowNanos) {
        Lease lease;
        while ((lease = client.leases) != null) {
            endLease(lease.backlog, nowNanos);
        }
    }

    /** What was delivered just before a connection broke, for as long as the client lives, may never have reached it. */
    void connectionWasBroken(ClientSession client, long nowNanos) {
        Lease next;
        for (Lease lease = client.leases; lease != null; lease = next) {
            next = lease.next;
            if (lease.deadlineNanos == Poll.WHILE_CLIENT_LIVES
                    && client.disconnectedAtNanos - lease.grantedAtNanos < settings.recentDeliveryNanos()) {
                endLease(lease.backlog, nowNanos);
            }
        }
    }

    // ---- time ----

    void fireTimers(long nowNanos) {
        Timer<Backlog> timer;
        while ((timer = timers.pollDue(nowNanos)) != null) {
            Backlog backlog = timer.target();
            if (backlog.state() == MailboxState.SUSPENDED) {
                backlog.move(MailboxEvent.RESUMED);
                liteTopics.active(backlog.mailbox, nowNanos);
                dispatcher.offer(backlog);
            } else if (backlog.state() == MailboxState.LEASED) {
                deliveryFailed(backlog, nowNanos);
            } else if (backlog.state() == MailboxState.IDLE) {
                liteTopics.retireIfUnused(backlog.mailbox, nowNanos);
            } else {
                throw new IllegalStateException("timer of a mailbox that waits for none: " + backlog.state());
            }
        }
    }

    /** The time to live of a mailbox that nobody holds is over: it deals with its messages. True if none is left. */
    boolean expire(Backlog backlog, long nowNanos) {
        int messages = backlog.messages.size();
        if (messages == 0) {
            return backlog.gaps == null;
        }
        if (settings.onExpiry() == ExpiryPolicy.DEAD_LETTER) {
            backlog.expiring = messages;
            noMoreAttempts(backlog);
            giveUp(backlog, DeadLetterReason.EXPIRED);
            return false;
        }
        boolean isAll = backlog.gaps == null;
        effects.messagesExpired(backlog.mailbox.liteTopic, messages);
        dropWaiting(backlog, messages, nowNanos);
        return isAll;
    }

    /** The first messages, which nobody holds, are done with. */
    void dropWaiting(Backlog backlog, int messages, long nowNanos) {
        for (int i = 0; i < messages; i++) {
            finish(backlog, 0, nowNanos);
        }
    }

    // ---- moves ----

    /** A message is done with: acked, dead-lettered or gone. */
    private void finish(Backlog backlog, int index, long nowNanos) {
        long position = index == 0 ? backlog.messages.firstPosition() : backlog.messages.position(index);
        bodies.remove(backlog, index);
        indexedMessages--;
        if (index == 0) {
            noMoreAttempts(backlog);
        }
        if (index < backlog.inHand) {
            backlog.inHand--;
            ClientSession holder = holderOf(backlog);
            holder.messagesInHand--;
            dispatcher.clientMayTake(holder);
        }
        QueueProgress queue = queues.get(Position.slot(position));
        if (queue != null) {
            queue.markDone(Position.queueOffset(position));
        }
        scans.checkLow(backlog);
        settleAfterRemoval(backlog, nowNanos);
    }

    private void settleAfterRemoval(Backlog backlog, long nowNanos) {
        switch (backlog.state()) {
            case LEASED:
                if (backlog.inHand == 0) {
                    endLease(backlog, nowNanos);
                }
                return;
            case DEAD_LETTERING:
                goOn(backlog, MailboxEvent.DEAD_LETTERED, nowNanos);
                return;
            case READY:
            case SUSPENDED:
                if (backlog.messages.isEmpty()) {
                    emptied(backlog, 0, nowNanos);
                }
                return;
            case IDLE:
                throw new IllegalStateException(
                        "a message left an idle mailbox: liteTopic=" + backlog.mailbox.liteTopic);
        }
    }

    /** What the client holds goes back. */
    private void endLease(Backlog backlog, long nowNanos) {
        releaseLease(backlog);
        goOn(backlog, MailboxEvent.LEASE_ENDED, nowNanos);
    }

    /**
     * What held the mailbox is over: it is empty, or rests if a suspend was asked for meanwhile, or is ready. Its time to live
     * starts anew: it does not run while a lite topic is held or rests.
     */
    private void goOn(Backlog backlog, MailboxEvent ifReady, long nowNanos) {
        boolean hasExpired = backlog.expiring > 0;
        if (hasExpired) {
            backlog.expiring--;
        } else {
            liteTopics.active(backlog.mailbox, nowNanos);
        }
        if (backlog.messages.isEmpty()) {
            backlog.expiring = 0;
            backlog.deficit = 0;
            backlog.move(MailboxEvent.EMPTIED);
        } else if (backlog.expiring > 0) {
            backlog.move(ifReady);
            giveUp(backlog, DeadLetterReason.EXPIRED);
            return;
        } else if (backlog.resumeAtNanos > nowNanos) {
            backlog.move(MailboxEvent.SUSPEND_REQUESTED);
            startRest(backlog);
        } else {
            backlog.move(ifReady);
        }
        if (hasExpired) {
            liteTopics.lookSoon(backlog.mailbox, nowNanos);
        }
        StartPoint start = backlog.requestedStart;
        if (start != null) {
            backlog.requestedStart = null;
            restart(backlog, start, nowNanos);
        } else if (backlog.state() == MailboxState.IDLE) {
            becameIdle(backlog, nowNanos);
        } else {
            dispatcher.offer(backlog);
        }
    }

    /** The lite topic is wanted from the start point on: at once, or as soon as nobody holds deliveries of it. */
    void startAt(Backlog backlog, StartPoint start, long nowNanos) {
        if (backlog.state() == MailboxState.LEASED || backlog.state() == MailboxState.DEAD_LETTERING) {
            backlog.requestedStart = start;
        } else {
            restart(backlog, start, nowNanos);
        }
    }

    private void restart(Backlog backlog, StartPoint start, long nowNanos) {
        long[] waiting = backlog.messages.positions();
        bodies.removeAll(backlog);
        backlog.rereading = false;
        scans.restart(backlog, start, waiting);
        emptied(backlog, waiting.length, nowNanos);
    }

    private void rest(Backlog backlog) {
        backlog.move(MailboxEvent.SUSPEND_REQUESTED);
        startRest(backlog);
    }

    private void startRest(Backlog backlog) {
        timers.schedule(backlog.timer, backlog.resumeAtNanos);
        bodies.comesToRest(backlog);
    }

    /** The mailbox is idle, and who has its queue now knows whether it is suspended. */
    void forgetSuspend(Backlog backlog, long nowNanos) {
        backlog.resumeAtNanos = Backlog.NOT_SUSPENDED;
        if (backlog.rememberUntilNanos() <= nowNanos) {
            timers.cancel(backlog.timer);
        }
    }

    private void noMoreAttempts(Backlog backlog) {
        if (backlog.headAttempts > 0) {
            changeLog.changed(backlog.mailbox);
            backlog.headAttempts = 0;
        }
        backlog.awaitedHead = Backlog.NONE;
    }

    /** What a journal says of the lite topic, of which nothing is read yet, or only what came from other queues. */
    void restore(Backlog backlog, long resumeAtNanos, int attempts, long attemptsOf, long nowNanos) {
        if (attempts > 0 && backlog.messages.isEmpty()) {
            backlog.headAttempts = attempts;
            backlog.awaitedHead = attemptsOf;
        }
        if (resumeAtNanos > nowNanos && resumeAtNanos > backlog.resumeAtNanos) {
            backlog.resumeAtNanos = resumeAtNanos;
            if (backlog.state() == MailboxState.READY) {
                rest(backlog);
            } else if (backlog.state() == MailboxState.SUSPENDED) {
                timers.schedule(backlog.timer, resumeAtNanos);
            } else if (backlog.state() == MailboxState.IDLE) {
                timers.schedule(backlog.timer, backlog.rememberUntilNanos());
            }
        }
    }

    private void releaseLease(Backlog backlog) {
        Lease lease = leaseOf(backlog);
        lease.holder.removeLease(lease);
        lease.holder.messagesInHand -= backlog.inHand;
        dispatcher.clientMayTake(lease.holder);
        backlog.inHand = 0;
        backlog.lease = null;
        timers.cancel(backlog.timer);
    }

    /** The client had its chance with the first message it holds. */
    private void deliveryFailed(Backlog backlog, long nowNanos) {
        changeLog.changed(backlog.mailbox);
        backlog.headAttempts++;
        if (backlog.headAttempts >= settings.maxAttempts()) {
            releaseLease(backlog);
            giveUp(backlog, DeadLetterReason.ATTEMPTS_EXHAUSTED);
        } else {
            endLease(backlog, nowNanos);
        }
    }

    private void giveUp(Backlog backlog, DeadLetterReason reason) {
        giveUp(backlog, reason, effects);
    }

    /** The first message, which nobody holds, is not delivered any more. */
    static void giveUp(Backlog backlog, DeadLetterReason reason, EngineEffects effects) {
        backlog.move(MailboxEvent.GIVEN_UP);
        long position = backlog.messages.firstPosition();
        effects.deadLetter(
                Position.slot(position),
                Position.queueOffset(position),
                backlog.mailbox.liteTopic,
                backlog.messages.loaded() > 0 ? backlog.messages.message(0) : null,
                reason);
    }

    private static Lease leaseOf(Backlog backlog) {
        Lease lease = backlog.lease;
        if (lease == null) {
            throw new IllegalStateException(
                    "no lease while " + backlog.state() + ": liteTopic=" + backlog.mailbox.liteTopic);
        }
        return lease;
    }

    static ClientSession holderOf(Backlog backlog) {
        return leaseOf(backlog).holder;
    }
}
