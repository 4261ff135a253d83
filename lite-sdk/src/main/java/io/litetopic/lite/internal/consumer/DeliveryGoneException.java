package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import org.jspecify.annotations.Nullable;

/** The delivery belongs to this client no longer; calls about it are pointless. */
public final class DeliveryGoneException extends LiteException {

    private static final long serialVersionUID = 1L;

    public DeliveryGoneException(String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, false, requestId, cause);
    }
}
