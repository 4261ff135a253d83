package io.litetopic.lite;

import org.jspecify.annotations.Nullable;

/**
 * A consumer or its group would have had one subscription too many. Unsubscribe from idle lite topics or have the quota
 * raised before trying again.
 */
public final class LiteSubscriptionQuotaExceededException extends LiteException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception; applications only catch it.
     *
     * @param message what failed and what to do
     * @param requestId id of the request, null if none is known
     * @param cause null if there is none
     */
    public LiteSubscriptionQuotaExceededException(
            String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, false, requestId, cause);
    }
}
