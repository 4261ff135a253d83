package io.litetopic.proxy.rocketmq;

import org.jspecify.annotations.Nullable;

/**
 * A bind topic or lite group cannot be used. If retryable, the cluster is not ready yet and nobody has to act; otherwise the
 * message names what is wrong and the mqadmin command that puts it right. Nothing was created or changed unless the message
 * says so.
 */
public final class ProvisioningException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    public ProvisioningException(String message, @Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    public boolean isRetryable() {
        return retryable;
    }
}
