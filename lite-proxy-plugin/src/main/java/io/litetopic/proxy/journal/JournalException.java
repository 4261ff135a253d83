package io.litetopic.proxy.journal;

import org.jspecify.annotations.Nullable;

/** The journal cannot be used; the message says what to do. */
public class JournalException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean retryable;

    public JournalException(String message, @Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same may work later without anybody's help. */
    public boolean isRetryable() {
        return retryable;
    }
}
