package io.litetopic.proxy.engine;

import io.litetopic.proxy.table.NameTable;
import io.litetopic.proxy.timer.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One consumer of the group: what it subscribes to, what it waits for and what it holds. Owner: engine thread. */
final class ClientSession {
    static final long CONNECTED = Long.MAX_VALUE;

    final String clientId;
    /** Order of appearance. */
    final long number;
    /** In a wildcard group: of a client that may not receive everything, what it has been listed for so far. */
    final NameTable<Subscription> subscriptions = new NameTable<>();

    final ReadyRing ready = new ReadyRing();
    final ArrayDeque<Poll> polls = new ArrayDeque<>();
    final Timer<ClientSession> timer = new Timer<>(this);
    LiteTopicFilter filter = LiteTopicFilter.ALL;

    /** Lite topics that were taken from it and that it has not asked for again by name. */
    final Set<String> evicted = new HashSet<>(0);

    /** Linked by {@link Lease#next}. */
    @Nullable
    Lease leases;

    /** Subscriptions that came or went since changes were last taken; {@link ChangeLog}. */
    final ArrayList<Subscription> changes = new ArrayList<>(0);
    /** It is in the list of the {@link ChangeLog}. */
    boolean isChanged;
    /** The journal has all its subscriptions but for {@link #changes}. */
    boolean isRecorded;
    /** The group has forgotten it. */
    boolean isGone;
    /** A journal says that it was there, it itself has not been seen since. */
    boolean isOfJournal;
    /** Its subscriptions are those of a journal: it has not said itself what it wants. */
    boolean wantsAsRecorded;
    /** It has not got back all that the journal says. */
    boolean lacksRecorded;

    int messagesInHand;
    boolean isCandidate;
    long lastSeenNanos;
    /** Its deliveries have deadlines that it renews, as a simple consumer's do. */
    boolean usesDeadlines;
    /** While its connection is broken: when it broke, and until when the client may come back. */
    long disconnectedAtNanos;

    long graceEndsNanos = CONNECTED;

    ClientSession(String clientId, long number, long nowNanos) {
        this.clientId = clientId;
        this.number = number;
        this.lastSeenNanos = nowNanos;
    }

    void addLease(Lease lease) {
        lease.next = leases;
        if (leases != null) {
            leases.previous = lease;
        }
        leases = lease;
    }

    void removeLease(Lease lease) {
        if (lease.previous == null) {
            leases = lease.next;
        } else {
            lease.previous.next = lease.next;
        }
        if (lease.next != null) {
            lease.next.previous = lease.previous;
        }
    }

    @Nullable
    Poll waitingPoll() {
        Poll poll;
        while ((poll = polls.peekFirst()) != null && poll.over) {
            polls.pollFirst();
        }
        return poll;
    }
}
