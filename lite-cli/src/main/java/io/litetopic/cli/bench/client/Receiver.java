package io.litetopic.cli.bench.client;

import java.io.Closeable;
import org.apache.rocketmq.client.apis.ClientException;

/** A consumer. Thread-safe. */
interface Receiver extends Closeable {
    /** Blocks for one round trip; does nothing where a consumer has all lite topics. */
    void subscribe(String liteTopic) throws ClientException;

    /** The contrary. */
    void unsubscribe(String liteTopic) throws ClientException;
}
