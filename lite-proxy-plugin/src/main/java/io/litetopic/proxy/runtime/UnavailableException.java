package io.litetopic.proxy.runtime;

/**
 * The group cannot do it here: the proxy stops or has failed, or a queue or its broker is not at hand. Nothing has changed;
 * another try may help.
 */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
        super(message);
    }
}
