package io.litetopic.proxy.engine;

import io.litetopic.proxy.mailbox.MailboxState;
import io.litetopic.proxy.timer.Timer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of the group: what it subscribes to, what it waits for and what it holds. Owner: engine thread.
 *
 * <p>The ready ring lists subscriptions whose mailbox had something to deliver when it was listed. Entries may be out of date
 * (another client was faster); {@link #nextReady()} drops those, so that a listing is O(1) and taking is O(1) amortized.
 */
final class ClientSession {
    static final long CONNECTED = Long.MAX_VALUE;

    final String clientId;
    final Map<String, Subscription> subscriptions = new HashMap<>();
    final ArrayDeque<Poll> polls = new ArrayDeque<>();
    final Set<Mailbox> leased = new LinkedHashSet<>();
    final Timer<ClientSession> timer = new Timer<>(this);

    private final ArrayDeque<Subscription> ready = new ArrayDeque<>();
    int messagesInHand;
    long lastSeenNanos;
    /** While its connection is broken: when it broke, and until when the client may come back. */
    long disconnectedAtNanos;

    long graceEndsNanos = CONNECTED;

    ClientSession(String clientId, long nowNanos) {
        this.clientId = clientId;
        this.lastSeenNanos = nowNanos;
    }

    void listReady(Subscription subscription) {
        if (!subscription.inRing && !subscription.removed) {
            subscription.inRing = true;
            ready.addLast(subscription);
        }
    }

    /** Takes the next mailbox that can be delivered from now, or null. */
    @Nullable
    Mailbox nextReady() {
        Subscription subscription;
        while ((subscription = ready.pollFirst()) != null) {
            subscription.inRing = false;
            Mailbox mailbox = subscription.mailbox;
            if (!subscription.removed && mailbox.state() == MailboxState.READY && !mailbox.rereading) {
                return mailbox;
            }
        }
        return null;
    }

    boolean mayHaveReady() {
        return !ready.isEmpty();
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
