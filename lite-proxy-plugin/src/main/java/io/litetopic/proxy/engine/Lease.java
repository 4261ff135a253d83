package io.litetopic.proxy.engine;

import org.jspecify.annotations.Nullable;

/** One client's hold on the first messages of a mailbox; a member of the list of its holder. Owner: engine thread. */
final class Lease {
    final ClientSession holder;
    final Backlog backlog;
    final long id;
    /** {@link Poll#WHILE_CLIENT_LIVES} or the time at which what is unacked returns. */
    long deadlineNanos;

    final long grantedAtNanos;

    @Nullable
    Lease next;

    @Nullable
    Lease previous;

    Lease(ClientSession holder, Backlog backlog, long id, long deadlineNanos, long grantedAtNanos) {
        this.holder = holder;
        this.backlog = backlog;
        this.id = id;
        this.deadlineNanos = deadlineNanos;
        this.grantedAtNanos = grantedAtNanos;
    }
}
