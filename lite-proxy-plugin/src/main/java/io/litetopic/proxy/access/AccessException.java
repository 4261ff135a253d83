package io.litetopic.proxy.access;

/** A request is refused and has changed nothing. The message is for the application's developer and the operator. */
public final class AccessException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why, and whether a retry helps. */
    public enum Reason {
        /** The user may not. The same request is refused again until an operator changes a rule. */
        FORBIDDEN,
        /** The client asks for too much at a time. Retry later, and more slowly. */
        TOO_MANY_REQUESTS,
        /** The request as such is too large. Split it. */
        TOO_LARGE
    }

    private final Reason reason;

    AccessException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
