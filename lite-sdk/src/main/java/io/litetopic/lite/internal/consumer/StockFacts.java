package io.litetopic.lite.internal.consumer;

import java.util.Set;

/** What a server says of the bind topic and the consumer group to every client, with or without the plugin. */
public final class StockFacts {

    private final boolean orderly;
    private final int maxAttempts;
    private final Set<String> messageTypes;

    private StockFacts(boolean orderly, int maxAttempts, Set<String> messageTypes) {
        this.orderly = orderly;
        this.maxAttempts = maxAttempts;
        this.messageTypes = messageTypes;
    }

    /**
     * @param maxAttempts deliveries of a message, the first included
     * @param messageTypes names of the types that the topic accepts; not changed afterwards
     */
    public static StockFacts of(boolean orderly, int maxAttempts, Set<String> messageTypes) {
        return new StockFacts(orderly, maxAttempts, messageTypes);
    }

    /** Whether the group consumes in order. Also false if there is no such group. */
    boolean isOrderly() {
        return orderly;
    }

    int maxAttempts() {
        return maxAttempts;
    }

    Set<String> messageTypes() {
        return messageTypes;
    }
}
