package io.litetopic.proxy.cluster;

import java.util.concurrent.CompletableFuture;

/** Finds out whether a process lives behind an address, beyond what its broker says. Thread-safe; does not block. */
public interface MemberProbe extends AutoCloseable {
    /** What an address did. */
    enum Answer {
        /** A process has reacted: sent something, or ended the connection by itself. */
        ANSWERS,
        /** The host says that nobody listens there. */
        REFUSES,
        /** Nothing came in time: a process that hangs, or a network that does not let us through. */
        SILENT
    }

    /** @param address {@code host:port}; the future never fails and completes within seconds */
    CompletableFuture<Answer> probe(String address);

    @Override
    void close();
}
