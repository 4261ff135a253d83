package io.litetopic.lite;

import org.jspecify.annotations.Nullable;

/**
 * The server is a stock proxy without the LiteTopic plugin (or runs with the plugin switched off), so it knows no
 * subscriptions of lite topics. The message says how to deploy the plugin.
 */
public final class LitePluginMissingException extends LiteException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception; applications only catch it.
     *
     * @param message what failed and what to do
     * @param requestId id of the request, null if none is known
     * @param cause null if there is none
     */
    public LitePluginMissingException(String message, @Nullable String requestId, @Nullable Throwable cause) {
        super(message, false, requestId, cause);
    }
}
