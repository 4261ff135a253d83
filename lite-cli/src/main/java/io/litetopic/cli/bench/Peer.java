package io.litetopic.cli.bench;

/** What {@code --peers} chooses from. */
public enum Peer {
    OURS,
    FIFO,
    NATIVE
}
