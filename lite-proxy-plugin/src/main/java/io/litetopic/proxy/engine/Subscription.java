package io.litetopic.proxy.engine;

/** That one client wants one lite topic, and its place in the client's ready ring. Owner: engine thread. */
final class Subscription {
    final ClientSession client;
    final Mailbox mailbox;
    final long addedAtNanos;
    boolean inRing;
    boolean removed;

    Subscription(ClientSession client, Mailbox mailbox, long addedAtNanos) {
        this.client = client;
        this.mailbox = mailbox;
        this.addedAtNanos = addedAtNanos;
    }
}
