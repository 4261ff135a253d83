package io.litetopic.proxy.rocketmq;

/** Who sends a request, as far as that is known. Immutable. */
public final class Caller {
    private final String clientId;
    private final String user;

    Caller(String clientId, String user) {
        this.clientId = clientId;
        this.user = user;
    }

    /** Chosen by the client; not empty. */
    public String clientId() {
        return clientId;
    }

    /** The access key whose signature the proxy has checked; empty if it has checked none. */
    public String user() {
        return user;
    }
}
