package io.litetopic.cli.bench.client;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;

/** A producer. Thread-safe. */
interface Sender extends Closeable {
    /** Does not block. Fails as the producer does. */
    CompletableFuture<?> send(String liteTopic, byte[] body);
}
