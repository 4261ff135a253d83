package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.LiteTransport;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;

/**
 * The way into this package: checks the official client on the class path before anything is linked that needs its
 * internals.
 */
public final class OfficialClient {

    private OfficialClient() {}

    /**
     * Connects to the server. Blocks.
     *
     * @throws LiteException if the client on the class path is not supported or the server cannot be reached
     */
    public static LiteTransport connect(
            ClientServiceProvider provider, ClientConfiguration configuration, String bindTopic, String consumerGroup)
            throws LiteException {
        ClassLoader loader = provider.getClass().getClassLoader();
        ClientCompatibility.check(loader);
        try {
            return OfficialClientTransport.connect(loader, configuration, bindTopic, consumerGroup);
        } catch (LinkageError e) {
            throw ClientCompatibility.unsupported(loader, "missing=" + e.getMessage(), e);
        }
    }
}
