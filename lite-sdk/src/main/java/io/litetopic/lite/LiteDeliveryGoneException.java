package io.litetopic.lite;

import org.jspecify.annotations.Nullable;

/**
 * A message is not with this consumer any more, so nothing can be said about it: it was acked or suspended before, its invisible
 * duration is over, the connection was lost for too long, or the proxy that delivered it is gone. It may be delivered again, with a new
 * receipt handle; a retry with the same message does not help. Handlers that take longer need a longer invisible duration, or {@link
 * LiteSimpleConsumer#changeInvisibleDuration} in time.
 */
public final class LiteDeliveryGoneException extends LiteException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception; applications only catch it.
     *
     * @param message what failed and what to do
     * @param requestId id of the request, null if none is known
     * @param cause null if there is none
     */
    public LiteDeliveryGoneException(String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, false, requestId, cause);
    }
}
