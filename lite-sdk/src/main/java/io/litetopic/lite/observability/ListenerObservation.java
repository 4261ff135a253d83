package io.litetopic.lite.observability;

import io.litetopic.lite.ConsumeResult;
import org.jspecify.annotations.Nullable;

/** Is told how one listener call ends. */
@FunctionalInterface
public interface ListenerObservation {

    /** Wants to know nothing. */
    ListenerObservation NONE = (result, failure) -> {};

    /**
     * The listener has returned, or thrown, on the thread that called it. An asynchronous one may not have decided yet. Called
     * once; {@link #ended} comes after it, if at all on the same thread, or at the same time on another.
     */
    default void returned() {}

    /**
     * It is decided what becomes of the message. Called once, on any thread; never if a stage never completes.
     *
     * @param result what the server is told, if the delivery is still this client's
     * @param failure what the listener threw, or its stage failed with; null if it has returned {@code result}
     */
    void ended(ConsumeResult result, @Nullable Throwable failure);
}
