package io.litetopic.it.fault;

/**
 * Hears what consumers do. Times are {@link System#nanoTime()}, which processes of one machine share. Thread-safe.
 */
interface History {
    /** What the listener answered. */
    enum Result {
        SUCCESS,
        FAILURE,
        SUSPEND
    }

    /** What is known of the call that tells the server the answer. */
    enum Outcome {
        /** The server has accepted it. */
        CONFIRMED,
        /** The server says that the delivery is not this consumer's any more. */
        REFUSED
    }

    /**
     * A listener begins with a message.
     *
     * @return names this delivery in the other calls
     */
    long began(String consumer, String liteTopic, int number, long atNanos);

    /**
     * The listener is about to answer. Returns when the history has taken note: only then may the server be told.
     *
     * @param suspendMillis 0 unless it suspends
     */
    void ended(long delivery, Result result, long suspendMillis, long atNanos);

    /** The server was told, and has answered. A call without an answer is not reported. */
    void settled(long delivery, Outcome outcome, long sentNanos, long answeredNanos);
}
