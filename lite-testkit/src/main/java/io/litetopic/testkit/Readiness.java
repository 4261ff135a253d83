package io.litetopic.testkit;

import java.util.Optional;

/** Asks a process whether it serves requests, by requests. */
@FunctionalInterface
interface Readiness {
    /**
     * Blocks for a few seconds at most.
     *
     * @return empty if ready, else what is still missing, as the end of the sentence "not ready: ..."
     * @throws ClusterStartException if waiting on is useless
     */
    Optional<String> missing();

    /** Ready when both are; {@code other} is asked only then. */
    default Readiness and(Readiness other) {
        return () -> missing().or(other::missing);
    }
}
