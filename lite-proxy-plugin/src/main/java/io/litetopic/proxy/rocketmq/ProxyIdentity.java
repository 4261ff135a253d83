package io.litetopic.proxy.rocketmq;

import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.config.ProxyConfig;

/** What makes the proxy of this JVM different from the others of its cluster. */
public final class ProxyIdentity {
    private ProxyIdentity() {}

    /**
     * The id under which this proxy holds queue locks. The same after a restart, so that a proxy that was killed gets its own queues
     * back at once; different for each address and gRPC port. Needs the proxy's configuration to be loaded.
     */
    public static String lockOwnerId() {
        ProxyConfig config = ConfigurationManager.getProxyConfig();
        return "litetopic@" + config.getLocalServeAddr() + ':' + config.getGrpcServerPort();
    }
}
