package io.litetopic.lite;

import org.jspecify.annotations.Nullable;

/**
 * A send would have created one lite topic too many in its bind topic. Messages for lite topics that exist are accepted
 * all the same. Sending again helps once idle lite topics have expired or the quota was raised.
 */
public final class LiteTopicQuotaExceededException extends LiteException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception; applications only catch it.
     *
     * @param message what failed and what to do
     * @param requestId id of the request, null if none is known
     * @param cause null if there is none
     */
    public LiteTopicQuotaExceededException(String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, true, requestId, cause);
    }
}
