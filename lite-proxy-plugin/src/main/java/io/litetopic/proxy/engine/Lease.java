package io.litetopic.proxy.engine;

/** One client's hold on the first messages of a mailbox. Owner: engine thread. */
final class Lease {
    final ClientSession holder;
    final long id;
    /** {@link Poll#WHILE_CLIENT_LIVES} or the time at which what is unacked returns. */
    long deadlineNanos;

    final long grantedAtNanos;

    Lease(ClientSession holder, long id, long deadlineNanos, long grantedAtNanos) {
        this.holder = holder;
        this.id = id;
        this.deadlineNanos = deadlineNanos;
        this.grantedAtNanos = grantedAtNanos;
    }
}
