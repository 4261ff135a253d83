package io.litetopic.lite;

import java.util.Optional;
import org.apache.rocketmq.client.apis.ClientException;
import org.jspecify.annotations.Nullable;

/**
 * A lite request failed at or on the way to the server. The message says what failed, with which values, and what to do.
 */
public class LiteException extends ClientException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final @Nullable String requestId;

    /**
     * Makes an exception; applications only catch it.
     *
     * @param message what failed and what to do
     * @param retryable whether the same call may succeed later
     * @param requestId id of the request, null if none was sent
     * @param cause null if there is none
     */
    public LiteException(String message, boolean retryable, @Nullable String requestId, @Nullable Throwable cause) {
        super(requestId == null ? message : message + " [" + REQUEST_ID_KEY + "=" + requestId + "]", cause);
        this.retryable = retryable;
        this.requestId = requestId;
    }

    /** Returns whether the same call may succeed later without any change. */
    public boolean isRetryable() {
        return retryable;
    }

    /** Returns the id by which the request is found in the logs of client and server; empty if none was sent. */
    public Optional<String> getRequestId() {
        return Optional.ofNullable(requestId);
    }
}
