package io.litetopic.proxy.engine;

/** Why a message goes to the dead letter queue. */
public enum DeadLetterReason {
    /** It was delivered as often as the group allows. */
    ATTEMPTS_EXHAUSTED,
    /** The client gave it up. */
    CLIENT_REQUEST,
    /** It names no lite topic and has no message group, so that no subscription can ever match. */
    NO_LITE_TOPIC,
    /** Its lite topic's time to live was over, and the bind topic keeps what nobody consumed. */
    EXPIRED
}
