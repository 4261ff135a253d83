package io.litetopic.proxy.mailbox;

/** What may happen to a mailbox; {@link MailboxMoves} says in which state. */
public enum MailboxEvent {
    /** A first message came into an empty mailbox. */
    FILLED,
    /** Messages were handed to a client. */
    OFFERED,
    /** The client's lease ended and messages remain. */
    LEASE_ENDED,
    /** The last message is gone. */
    EMPTIED,
    /** The client, or an operator, suspends the lite topic. */
    SUSPEND_REQUESTED,
    /** The resume time has come. */
    RESUMED,
    /** The first message has used up its attempts, or the client gave it up, or its time to live is over. */
    GIVEN_UP,
    /** The dead letter queue has the first message, and others remain. */
    DEAD_LETTERED
}
