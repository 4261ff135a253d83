package io.litetopic.proxy.runtime;

import io.litetopic.proxy.journal.JournalStream;
import io.litetopic.proxy.state.QueueState;

/** A queue that was locked, with its journal taken over: where its group goes on. */
final class OpenedQueue {
    private final JournalStream stream;
    private final QueueState state;
    private final long committedOffset;

    OpenedQueue(JournalStream stream, QueueState state, long committedOffset) {
        this.stream = stream;
        this.state = state;
        this.committedOffset = committedOffset;
    }

    JournalStream stream() {
        return stream;
    }

    /** Within what the broker has. */
    QueueState state() {
        return state;
    }

    /** What the broker has committed for the group, -1 if nothing. */
    long committedOffset() {
        return committedOffset;
    }
}
