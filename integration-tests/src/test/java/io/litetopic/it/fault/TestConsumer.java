package io.litetopic.it.fault;

/** A consumer of the group under test. Thread-safe. */
interface TestConsumer extends AutoCloseable {
    String name();

    /** Subscribes, as often as it takes; returns before it is done. */
    void subscribe(String liteTopic);

    /** Unsubscribes, as often as it takes; returns before it is done. */
    void unsubscribe(String liteTopic);

    /** How many of these changes are not done yet. */
    int pendingChanges();

    /** Lets every listener call succeed from now on. */
    void calmDown();

    /** Ends it. Blocks. */
    @Override
    void close();
}
