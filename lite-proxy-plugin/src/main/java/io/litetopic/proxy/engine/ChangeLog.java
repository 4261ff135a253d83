package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.Position;
import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What has changed since it was last written down, by queue. Owner: engine thread.
 *
 * <p>Only who has changed is noted, what it has become is looked up when the changes are taken: however often a lite topic
 * changes in between, it costs one entry. What belongs to no queue, subscriptions and lite topics that never had a message, is
 * written down with one of the queues, the carrier; without a carrier nothing of it is noted, since a snapshot comes first.
 */
final class ChangeLog {
    private static final int NO_CARRIER = -1;
    private static final int ACTIVITY_STEPS_PER_TTL = 64;
    /** Of client ids and names in one part of a snapshot; the last client may go beyond. */
    static final int MAX_CHARS_OF_PART = 200_000;

    private final QueueTable queues;
    private final boolean recordsAll;
    private final int activityStepBits;
    private final List<List<Mailbox>> changed = new ArrayList<>();
    /** By slot: lite topics that have an entry there and are recorded with another queue now, or are no more. */
    private final List<List<String>> orphans = new ArrayList<>();
    /** By slot: lite topics whose entry was taken there, not known to be stored yet, and that have an older one elsewhere. */
    private final List<List<Moved>> moved = new ArrayList<>();

    private final List<ClientSession> changedClients = new ArrayList<>();
    private int changedMailboxes;
    private int changedSubscriptions;
    private int carrier = NO_CARRIER;
    private long carriesSinceMillis;

    /** The older entry of a lite topic. */
    private static final class Moved {
        final Mailbox mailbox;
        final short from;

        Moved(Mailbox mailbox, short from) {
            this.mailbox = mailbox;
            this.from = from;
        }
    }

    /** Position of a snapshot of one queue that is being taken. */
    private static final class Snapshot {
        long nextChunk;
        int lastSliceCount;
        int nextSlice;
        int nextClient;
        List<ClientSession> clients = Collections.emptyList();
    }

    private final List<@Nullable Snapshot> snapshots = new ArrayList<>();

    /** @param ttlNanos with one, a lite topic is recorded for as long as it exists; without, only while it has something to remember */
    ChangeLog(QueueTable queues, long ttlNanos) {
        this.queues = queues;
        this.recordsAll = ttlNanos != EngineSettings.NO_TTL;
        long step = Math.max(1, recordsAll ? ttlNanos / ACTIVITY_STEPS_PER_TTL : 0);
        this.activityStepBits = Long.SIZE - 1 - Long.numberOfLeadingZeros(step);
    }

    // ---- what changes ----

    /** Something that is to be remembered of the lite topic may be different now. */
    void changed(Mailbox mailbox) {
        int slot = slotOf(mailbox);
        if (!mailbox.isChanged && slot != NO_CARRIER) {
            mailbox.isChanged = true;
            listOf(slot).add(mailbox);
            changedMailboxes++;
        }
    }

    /** A message of the lite topic came from this queue: with that one it is written down from now on. */
    void cameFrom(Mailbox mailbox, int slot) {
        if (!mailbox.everHadMessage || mailbox.lastSlot != slot) {
            mailbox.everHadMessage = true;
            mailbox.lastSlot = (short) slot;
            if (mailbox.isChanged) {
                listOf(slot).add(mailbox);
            } else if (recordsAll || mailbox.recordedIn != Mailbox.NOT_RECORDED) {
                changed(mailbox);
            }
        }
    }

    /** The journal of the queue has an entry of the lite topic, which may be known already. */
    void restored(Mailbox mailbox, int slot, boolean everHadMessage) {
        if (everHadMessage && !mailbox.everHadMessage) {
            mailbox.everHadMessage = true;
            mailbox.lastSlot = (short) slot;
            if (mailbox.isChanged) {
                listOf(slot).add(mailbox);
            }
        }
        boolean isElsewhere = mailbox.recordedIn != Mailbox.NOT_RECORDED && mailbox.recordedIn != slot;
        if (isElsewhere) {
            orphansOf(slot).add(mailbox.liteTopic);
        } else {
            mailbox.recordedIn = (short) slot;
        }
        if (isElsewhere || slotOf(mailbox) != slot) {
            changed(mailbox);
        }
    }

    /** The queue of its last message is lost: it is written down with this one from now on, or with none of its own. */
    void queueOfLastMessageLost(Mailbox mailbox, int slot) {
        if (slot == GroupEngine.NO_SLOT) {
            mailbox.everHadMessage = false;
            return;
        }
        mailbox.lastSlot = (short) slot;
        if (mailbox.isChanged) {
            listOf(slot).add(mailbox);
        } else {
            changed(mailbox);
        }
    }

    /** The journal with the entry of the lite topic is no longer written here. */
    void recordLost(Mailbox mailbox) {
        mailbox.recordedIn = Mailbox.NOT_RECORDED;
        changed(mailbox);
    }

    /** The lite topic came into being. */
    void created(Mailbox mailbox) {
        if (recordsAll) {
            changed(mailbox);
        }
    }

    /** The lite topic is no more. */
    void removed(Mailbox mailbox) {
        mailbox.isRemoved = true;
        if (mailbox.recordedIn != Mailbox.NOT_RECORDED) {
            orphansOf(mailbox.recordedIn).add(mailbox.liteTopic);
            mailbox.recordedIn = Mailbox.NOT_RECORDED;
        }
    }

    /** The lite topic was used. Told of to the journal in steps, so that one in steady use is not written down all the time. */
    void active(Mailbox mailbox, long nanos) {
        long before = mailbox.lastActivityNanos;
        mailbox.lastActivityNanos = nanos;
        if (recordsAll && before >> activityStepBits != nanos >> activityStepBits) {
            changed(mailbox);
        }
    }

    /** A subscription came or went. */
    void changed(Subscription subscription) {
        if (carrier == NO_CARRIER) {
            return;
        }
        ClientSession client = subscription.client;
        noteClient(client);
        client.changes.add(subscription);
        changedSubscriptions++;
    }

    void gone(ClientSession client) {
        client.isGone = true;
        changedSubscriptions -= client.changes.size();
        client.changes.clear();
        if (client.isRecorded && carrier != NO_CARRIER) {
            noteClient(client);
        }
    }

    private void noteClient(ClientSession client) {
        if (!client.isChanged) {
            client.isChanged = true;
            changedClients.add(client);
        }
    }

    private List<Mailbox> listOf(int slot) {
        while (changed.size() <= slot) {
            changed.add(new ArrayList<>());
            orphans.add(new ArrayList<>());
            moved.add(new ArrayList<>());
            snapshots.add(null);
        }
        return changed.get(slot);
    }

    private List<String> orphansOf(int slot) {
        listOf(slot);
        return orphans.get(slot);
    }

    /** The queue with which the lite topic is written down, or -1. */
    int slotOf(Mailbox mailbox) {
        return mailbox.everHadMessage ? mailbox.lastSlot : carrier;
    }

    // ---- what is taken ----

    /** How much is not taken yet: offsets, lite topics and subscriptions. */
    long size() {
        return queues.notTaken() + changedMailboxes + changedSubscriptions + changedClients.size();
    }

    /** Whether something of the queue is not taken yet. */
    boolean hasChanges(int slot) {
        QueueProgress queue = queues.get(slot);
        return queue != null
                && (queue.notTaken() > 0
                        || !listOf(slot).isEmpty()
                        || !orphansOf(slot).isEmpty()
                        || (slot == carrier && !changedClients.isEmpty()));
    }

    /** All changes of the queue since they were last taken. */
    StateChanges take(int slot, LiteTopicTable liteTopics, long nowNanos, long nowWallMillis) {
        StateChanges.Builder changes = builder(slot);
        List<Mailbox> mailboxes = listOf(slot);
        QueueProgress queue = owned(slot);
        changes.doneRuns(queue.takeDone());
        for (String name : orphansOf(slot)) {
            Mailbox current = liteTopics.get(name);
            if (current == null || current.recordedIn != slot) { // otherwise it has come back meanwhile
                changes.remove(name);
            }
        }
        orphansOf(slot).clear();
        for (Mailbox mailbox : mailboxes) {
            if (mailbox.isChanged && slotOf(mailbox) == slot) { // otherwise it has moved to another list
                mailbox.isChanged = false;
                changedMailboxes--;
                record(slot, changes, mailbox, nowNanos, nowWallMillis);
            }
        }
        mailboxes.clear();
        if (slot == carrier) {
            takeClients(changes);
        }
        return changes.build();
    }

    /** All that was taken of the queue is stored: older entries elsewhere are not needed any more. */
    void stored(int slot) {
        listOf(slot);
        for (Moved one : moved.get(slot)) {
            forgetOlder(one);
            if (queues.owns(one.from)) {
                orphansOf(one.from).add(one.mailbox.liteTopic);
            }
        }
        moved.get(slot).clear();
    }

    private static void forgetOlder(Moved one) {
        if (one.mailbox.olderRecordIn == one.from) {
            one.mailbox.olderRecordIn = Mailbox.NOT_RECORDED;
        }
    }

    /** What was taken of the queue may not be stored: the older entries are those that are known. */
    private void notStored(int slot) {
        for (Moved one : moved.get(slot)) {
            forgetOlder(one);
            boolean isOwned = queues.owns(one.from);
            if (isOwned && one.mailbox.isRemoved) {
                orphansOf(one.from).add(one.mailbox.liteTopic);
            } else if (isOwned && one.mailbox.recordedIn == Mailbox.NOT_RECORDED) {
                one.mailbox.recordedIn = one.from;
                changed(one.mailbox);
            }
        }
        moved.get(slot).clear();
    }

    private StateChanges.Builder builder(int slot) {
        StateChanges.Builder changes = StateChanges.builder(owned(slot).watermark());
        if (slot == carrier) {
            changes.subscriptionsSince(carriesSinceMillis);
        }
        return changes;
    }

    private QueueProgress owned(int slot) {
        QueueProgress queue = queues.get(slot);
        if (queue == null) {
            throw new IllegalStateException("not owned: slot=" + slot);
        }
        return queue;
    }

    private void record(int slot, StateChanges.Builder changes, Mailbox mailbox, long nowNanos, long nowWallMillis) {
        if (mailbox.isRemoved) {
            return;
        }
        LiteTopicState state = stateOf(mailbox, nowNanos, nowWallMillis);
        if (mailbox.recordedIn != Mailbox.NOT_RECORDED && mailbox.recordedIn != slot) {
            // Not before this is stored: a crash in between must not leave it without any entry.
            listOf(slot);
            moved.get(slot).add(new Moved(mailbox, mailbox.recordedIn));
            mailbox.olderRecordIn = mailbox.recordedIn;
        }
        if (state != null) {
            changes.set(state);
        } else if (mailbox.recordedIn == slot) {
            changes.remove(mailbox.liteTopic);
        }
        mailbox.recordedIn = state == null ? Mailbox.NOT_RECORDED : (short) slot;
    }

    /** What is to be remembered, or null if it is nothing. */
    private @Nullable LiteTopicState stateOf(Mailbox mailbox, long nowNanos, long nowWallMillis) {
        Backlog backlog = mailbox.backlog;
        long resumeAtMillis = LiteTopicState.NONE;
        int attempts = 0;
        long attemptsOf = LiteTopicState.NONE;
        if (backlog != null) {
            if (backlog.resumeAtNanos > nowNanos) {
                resumeAtMillis = nowWallMillis + millisRoundedUp(backlog.resumeAtNanos - nowNanos);
            }
            boolean hasHead = backlog.awaitedHead != Backlog.NONE || !backlog.messages.isEmpty();
            if (backlog.headAttempts > 0 && hasHead) {
                attempts = backlog.headAttempts;
                attemptsOf = Position.queueOffset(
                        backlog.awaitedHead != Backlog.NONE ? backlog.awaitedHead : backlog.messages.firstPosition());
            }
        }
        if (!recordsAll && resumeAtMillis == LiteTopicState.NONE && attempts == 0) {
            return null;
        }
        return new LiteTopicState(
                mailbox.liteTopic,
                mailbox.everHadMessage,
                recordsAll ? lastActivityMillis(mailbox, nowNanos, nowWallMillis) : LiteTopicState.NONE,
                resumeAtMillis,
                attempts,
                attemptsOf);
    }

    /** The end of the step in which it was: within a step it is not written down again. */
    private long lastActivityMillis(Mailbox mailbox, long nowNanos, long nowWallMillis) {
        long endOfStep = mailbox.lastActivityNanos | ((1L << activityStepBits) - 1);
        long ageNanos = nowNanos - endOfStep;
        if (((nowNanos ^ endOfStep) & (nowNanos ^ ageNanos)) < 0) {
            return 0; // older than numbers are
        }
        return Math.max(0, nowWallMillis - Math.floorDiv(ageNanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    static long millisRoundedUp(long nanos) {
        return -Math.floorDiv(-nanos, TimeUnit.MILLISECONDS.toNanos(1));
    }

    private void takeClients(StateChanges.Builder changes) {
        for (ClientSession client : changedClients) {
            client.isChanged = false;
            if (client.isGone) {
                changes.client(
                        new ClientChange(client.clientId, true, Collections.emptyList(), Collections.emptyList()));
                continue;
            }
            if (!client.isRecorded) {
                changedSubscriptions -= client.changes.size();
                client.changes.clear();
                changes.client(allOf(client));
                continue;
            }
            List<String> added = new ArrayList<>();
            List<String> removed = new ArrayList<>();
            for (Subscription subscription : client.changes) {
                Subscription current = client.subscriptions.get(subscription.name());
                if (current == null) {
                    removed.add(subscription.name());
                } else if (current == subscription) {
                    added.add(subscription.name());
                }
            }
            changedSubscriptions -= client.changes.size();
            client.changes.clear();
            changes.client(new ClientChange(client.clientId, false, added, removed));
        }
        changedClients.clear();
    }

    private static ClientChange allOf(ClientSession client) {
        List<String> names = new ArrayList<>(client.subscriptions.size());
        client.subscriptions.forEach(subscription -> names.add(subscription.name()));
        client.isRecorded = true;
        return new ClientChange(client.clientId, true, names, Collections.emptyList());
    }

    // ---- carrier and snapshots ----

    /**
     * @param recorded whether those of the clients that come from a journal are written down there; the others are noted then, and
     *     the lite topics that never had a message. Otherwise a snapshot brings all.
     */
    void carryWith(
            int slot, long sinceMillis, List<ClientSession> clients, LiteTopicTable liteTopics, boolean recorded) {
        int before = carrier;
        forgetClients();
        carrier = slot;
        carriesSinceMillis = sinceMillis;
        if (before != NO_CARRIER && before != slot) {
            moveChanged(before);
        }
        listOf(slot);
        Snapshot snapshot = snapshots.get(slot);
        if (snapshot != null) { // it began without them
            snapshot.clients = clients;
            snapshot.nextClient = 0;
        }
        for (ClientSession client : clients) {
            client.isRecorded = recorded && client.wantsAsRecorded && !client.lacksRecorded;
            if (recorded && !client.isRecorded) {
                noteClient(client);
            }
        }
        if (recorded && recordsAll) {
            liteTopics.forEach(mailbox -> {
                if (!mailbox.everHadMessage && mailbox.recordedIn != slot) {
                    changed(mailbox);
                }
            });
        }
    }

    /** Changed lite topics that are no longer written down with this queue go to the list of the one with which they are. */
    private void moveChanged(int slot) {
        List<Mailbox> mailboxes = listOf(slot);
        List<Mailbox> before = new ArrayList<>(mailboxes);
        mailboxes.clear();
        for (Mailbox mailbox : before) {
            int place = slotOf(mailbox);
            if (mailbox.isChanged && place != NO_CARRIER) {
                listOf(place).add(mailbox);
            } else if (mailbox.isChanged) {
                mailbox.isChanged = false;
                changedMailboxes--;
            }
        }
    }

    int carrier() {
        return carrier;
    }

    /** The queue is no longer owned, and no lite topic says any more that it is of it: nothing of it is written down any more. */
    void queueLost(int slot) {
        if (slot == carrier) {
            carrier = NO_CARRIER;
            forgetClients();
        }
        moveChanged(slot);
        orphansOf(slot).clear();
        notStored(slot);
        snapshots.set(slot, null);
    }

    private void forgetClients() {
        for (ClientSession client : changedClients) {
            client.isChanged = false;
            changedSubscriptions -= client.changes.size();
            client.changes.clear();
        }
        changedClients.clear();
    }

    /** A snapshot of the queue's state begins; {@link #nextPart} gives its parts. */
    void beginSnapshot(int slot, List<ClientSession> clients) {
        Snapshot snapshot = new Snapshot();
        snapshot.nextChunk = owned(slot).firstChunk();
        snapshot.clients = slot == carrier ? clients : Collections.emptyList();
        listOf(slot);
        snapshots.set(slot, snapshot);
    }

    /**
     * The next part of the snapshot, or null if there is none any more. It takes bounded time: one chunk of done offsets, one slice
     * of the lite topics, or clients with so many names as make about one record.
     */
    @Nullable
    StateChanges nextPart(int slot, LiteTopicTable liteTopics, long nowNanos, long nowWallMillis) {
        Snapshot snapshot = snapshots.get(slot);
        if (snapshot == null) {
            throw new IllegalStateException("no snapshot has begun: slot=" + slot);
        }
        QueueProgress queue = owned(slot);
        StateChanges.Builder part = builder(slot);
        snapshot.nextChunk = Math.max(snapshot.nextChunk, queue.firstChunk());
        while (snapshot.nextChunk < queue.firstChunk() + queue.chunks()) {
            long[] runs = queue.doneOfChunk(snapshot.nextChunk++);
            if (runs.length > 0) {
                part.doneRuns(runs);
                return part.build();
            }
        }
        if (snapshot.lastSliceCount
                != liteTopics.slices()) { // the table was divided anew: what came before may come again
            snapshot.lastSliceCount = liteTopics.slices();
            snapshot.nextSlice = 0;
        }
        if (snapshot.nextSlice < snapshot.lastSliceCount) {
            liteTopics.forEachOfSlice(snapshot.nextSlice++, mailbox -> {
                if (slotOf(mailbox) == slot) {
                    record(slot, part, mailbox, nowNanos, nowWallMillis);
                } else if (mailbox.recordedIn == slot || mailbox.olderRecordIn == slot) { // until its new place says so
                    LiteTopicState state = stateOf(mailbox, nowNanos, nowWallMillis);
                    if (state != null) {
                        part.set(new LiteTopicState(
                                state.name(),
                                false,
                                state.lastActivityMillis(),
                                state.resumeAtMillis(),
                                0,
                                LiteTopicState.NONE));
                    }
                }
            });
            return part.build();
        }
        if (slot == carrier && addClients(snapshot, part)) {
            return part.build();
        }
        snapshots.set(slot, null);
        return null;
    }

    /** False if there was no client left. */
    private boolean addClients(Snapshot snapshot, StateChanges.Builder part) {
        long chars = 0;
        int clients = 0;
        while (snapshot.nextClient < snapshot.clients.size() && chars < MAX_CHARS_OF_PART) {
            ClientSession client = snapshot.clients.get(snapshot.nextClient++);
            if (client.isGone) {
                continue;
            }
            if (clients++ == 0) {
                takeClients(part); // what is noted of one of the same id that is gone must not come behind
            }
            ClientChange all = allOf(client);
            part.client(all);
            chars += client.clientId.length();
            for (String name : all.added()) {
                chars += name.length() + 1;
            }
        }
        return clients > 0;
    }
}
