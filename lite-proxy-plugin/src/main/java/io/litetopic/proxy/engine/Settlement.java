package io.litetopic.proxy.engine;

/** Answer to an ack, a suspend or a change of the invisible duration. */
public enum Settlement {
    /** Done. */
    OK,
    /** Nothing changed: the delivery is over, or was never this client's. The message is or will be delivered again. */
    NOT_HELD
}
