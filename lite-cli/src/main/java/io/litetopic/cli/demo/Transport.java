package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.Tenant;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientException;

/** How requests travel from the tenants to the gateway: the only thing that differs between the runs. */
interface Transport extends AutoCloseable {

    /** Connects producer and consumer; blocks until both work. */
    void start(Gateway gateway) throws ClientException;

    /** Sends a request; the future completes when the broker has it. */
    CompletableFuture<?> send(Tenant tenant, byte[] body);

    /** Stops the consumer, then the producer; may block as long as a long poll lasts. */
    @Override
    void close() throws IOException;
}
