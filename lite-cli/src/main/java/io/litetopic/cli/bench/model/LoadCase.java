package io.litetopic.cli.bench.model;

import java.util.Map;

/**
 * One variant of a load.
 *
 * @param name for people: {@code 10,000 lite topics, 256 B}
 */
public record LoadCase(String name, Subscribing subscribing, Map<String, Long> parameters) {
    /** How its consumers get their lite topics. */
    public enum Subscribing {
        /** One by one; where the system has no subscriptions, they get all. */
        WHERE_POSSIBLE,
        /** One by one; a system without subscriptions cannot do the case. */
        NEEDED,
        /** They get all without subscribing. */
        NONE
    }
}
