package io.litetopic.proxy.runtime;

/** The group does not work here any more: the proxy stops or has failed. Nothing has changed; another try may help. */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
        super(message);
    }
}
