package io.litetopic.testkit;

/**
 * A process of the cluster did not become ready: it ended, or the start timeout passed. The message says which process,
 * what was still missing, and ends with the tails of its logs. Trying again helps only if the cause is outside (a port
 * taken meanwhile, an overloaded machine).
 */
public final class ClusterStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClusterStartException(String message) {
        super(message);
    }

    ClusterStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
