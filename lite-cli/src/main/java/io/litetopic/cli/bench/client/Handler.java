package io.litetopic.cli.bench.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a load does with a delivery. */
@FunctionalInterface
interface Handler {
    /**
     * Handles one delivery; may block.
     *
     * @param offset of the message in its queue
     * @return null if it is handled for good, else for how long its lite topic is to be suspended
     */
    @Nullable
    Duration handle(Payload payload, long offset) throws InterruptedException;
}
