package io.litetopic.cli.bench.model;

/** What {@code --peers} chooses from. */
public enum Peer {
    OURS,
    FIFO,
    NATIVE
}
