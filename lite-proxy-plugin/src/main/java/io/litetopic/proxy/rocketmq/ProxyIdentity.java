package io.litetopic.proxy.rocketmq;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.config.ProxyConfig;

/** What makes the proxy of this JVM different from the others of its cluster. */
public final class ProxyIdentity {
    private ProxyIdentity() {}

    /**
     * The id under which this proxy holds queue locks. The same after a restart, so that a proxy that was killed gets its own queues
     * back at once; different for each host name, address and gRPC port: containers on different hosts often share an address.
     * Needs the proxy's configuration to be loaded.
     */
    public static String lockOwnerId() {
        ProxyConfig config = ConfigurationManager.getProxyConfig();
        return "litetopic@" + hostName(config) + '@' + config.getLocalServeAddr() + ':' + config.getGrpcServerPort();
    }

    private static String hostName(ProxyConfig config) {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) { // the host does not know its own name: the operator can give the proxy one
            return config.getProxyName();
        }
    }
}
