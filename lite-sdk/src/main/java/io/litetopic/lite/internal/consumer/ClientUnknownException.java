package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import org.jspecify.annotations.Nullable;

/** The server lost the subscriptions of this client, mostly by a restart; sending all of them again helps. */
public final class ClientUnknownException extends LiteException {

    private static final long serialVersionUID = 1L;

    public ClientUnknownException(String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, true, requestId, cause);
    }
}
