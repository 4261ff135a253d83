package io.litetopic.proxy.broker;

import org.jspecify.annotations.Nullable;

/** A broker operation failed. The message names the operation, its object and the broker's answer. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final boolean queueMissing;

    public BrokerException(String message, @Nullable Throwable cause, boolean retryable) {
        this(message, cause, retryable, false);
    }

    private BrokerException(String message, @Nullable Throwable cause, boolean retryable, boolean queueMissing) {
        super(message, cause);
        this.retryable = retryable;
        this.queueMissing = queueMissing;
    }

    /**
     * The topic, or the queue of it, is not there.
     *
     * @param retryable false if its broker says so; true if no route to it is known, which may be for the moment only
     */
    public static BrokerException queueMissing(String message, @Nullable Throwable cause, boolean retryable) {
        return new BrokerException(message, cause, retryable, true);
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isRetryable() {
        return retryable;
    }

    /** Whether it failed because the topic, or the queue of it, is not there. */
    public boolean isQueueMissing() {
        return queueMissing;
    }
}
