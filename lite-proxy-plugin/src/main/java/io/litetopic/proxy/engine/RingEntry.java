package io.litetopic.proxy.engine;

/** A mailbox's place in one ready ring. Owner: engine thread. */
class RingEntry {
    final Mailbox mailbox;
    boolean inRing;
    boolean removed;

    RingEntry(Mailbox mailbox) {
        this.mailbox = mailbox;
    }
}
