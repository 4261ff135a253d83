package io.litetopic.lite.observability;

import org.jspecify.annotations.Nullable;

/** Is told how one send ends. */
@FunctionalInterface
public interface SendObservation {

    /** Wants to know nothing. */
    SendObservation NONE = failure -> {};

    /**
     * The send has ended, its retries included. Called once, on any thread.
     *
     * @param failure what the application gets instead of a receipt; null if the message is stored
     */
    void ended(@Nullable Throwable failure);
}
