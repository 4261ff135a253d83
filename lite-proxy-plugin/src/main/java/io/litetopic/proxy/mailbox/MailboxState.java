package io.litetopic.proxy.mailbox;

/** What a lite topic is doing for one consumer group. */
public enum MailboxState {
    /** Nothing waits. */
    IDLE,
    /** Messages wait and may be delivered. */
    READY,
    /** A client holds deliveries; nobody else gets any. */
    LEASED,
    /** Messages wait, and none is delivered before the resume time. */
    SUSPENDED,
    /** The first message is on its way to the dead letter queue; the others wait for that. */
    DEAD_LETTERING
}
