package io.litetopic.proxy.broker;

import org.jspecify.annotations.Nullable;

/** A broker operation failed. The message names the operation, its object and the broker's answer. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    public BrokerException(String message, @Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isRetryable() {
        return retryable;
    }
}
