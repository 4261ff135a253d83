package io.litetopic.proxy.engine;

/** Answer to a change of a client's subscriptions. Refused means: nothing changed. Immutable. */
public final class SubscribeResult {
    /** What came of it. */
    public enum Outcome {
        OK,
        CLIENT_QUOTA_EXCEEDED,
        GROUP_QUOTA_EXCEEDED,
        /** In a wildcard group every client receives from every lite topic: there is nothing to subscribe to. */
        NOTHING_TO_SUBSCRIBE
    }

    private final Outcome outcome;
    private final int subscribed;
    private final int quota;

    SubscribeResult(Outcome outcome, int subscribed, int quota) {
        this.outcome = outcome;
        this.subscribed = subscribed;
        this.quota = quota;
    }

    public Outcome outcome() {
        return outcome;
    }

    /** Subscriptions of the client or, for {@code GROUP_QUOTA_EXCEEDED}, of the group. */
    public int subscribed() {
        return subscribed;
    }

    /** The quota that counts here. */
    public int quota() {
        return quota;
    }
}
