package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.cluster.MemberId;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.proxy.ProxyMode;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.config.ProxyConfig;
import org.apache.rocketmq.proxy.processor.DefaultMessagingProcessor;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;
import org.apache.rocketmq.proxy.service.LocalServiceManager;

/** What makes the proxy of this JVM different from the others of its cluster. */
public final class ProxyIdentity {
    private ProxyIdentity() {}

    /** Where clients reach this proxy unless the operator says otherwise: {@code localServeAddr:grpcServerPort}. */
    public static String defaultAdvertisedAddress() {
        ProxyConfig config = ConfigurationManager.getProxyConfig();
        String host = config.getLocalServeAddr();
        return (host.contains(":") ? '[' + host + ']' : host) + ':' + config.getGrpcServerPort();
    }

    /**
     * The id under which this proxy is known to the others and holds queue locks. The same after a restart, so that a proxy that was
     * killed gets its own queues back at once; different for each host name and advertised address: containers on different hosts
     * often share an address. Needs the proxy's configuration to be loaded.
     *
     * @param advertisedAddress {@code host:port}
     */
    public static String lockOwnerId(String advertisedAddress) {
        return MemberId.of(hostName(ConfigurationManager.getProxyConfig()), advertisedAddress);
    }

    /** The port of this machine at which the proxy takes gRPC requests once it is started. */
    public static String ownGrpcAddress() {
        return "127.0.0.1:" + ConfigurationManager.getProxyConfig().getGrpcServerPort();
    }

    /** Whether the proxy runs in the JVM of its broker. */
    public static boolean isLocalMode() {
        return ProxyMode.isLocalMode(ConfigurationManager.getProxyConfig().getProxyMode());
    }

    /**
     * The name of the broker in this JVM, in local mode.
     *
     * @throws IllegalStateException if this version of the proxy keeps its broker elsewhere
     */
    public static String localBrokerName(MessagingProcessor processor) {
        try {
            Object services = field(processor, DefaultMessagingProcessor.class, "serviceManager");
            Object broker = field(services, LocalServiceManager.class, "brokerController");
            return ((BrokerController) broker).getBrokerConfig().getBrokerName();
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    "cannot find the broker of this proxy in local mode; this RocketMQ version is not supported", e);
        }
    }

    /** Stock has no other way to it. */
    private static Object field(Object object, Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return Objects.requireNonNull(field.get(object), name);
    }

    private static String hostName(ProxyConfig config) {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) { // the host does not know its own name: the operator can give the proxy one
            return config.getProxyName();
        }
    }
}
