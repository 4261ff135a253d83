package io.litetopic.proxy.agent;

import apache.rocketmq.v2.MessagingServiceGrpc.MessagingServiceImplBase;
import java.nio.file.Path;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;

/**
 * What the agent puts in front of the stock gRPC service. The implementation is {@code io.litetopic.proxy.LitePlugin}: public,
 * with a public constructor without parameters, created once per JVM.
 */
public interface ServiceInstaller extends AutoCloseable {

    /**
     * Called once, on the proxy's main thread, while the proxy is configured but not started: in local mode the broker does not
     * run yet. It must not wait for brokers. If it throws, the proxy serves the stock service.
     *
     * @param config the YAML file; it may be missing or wrong
     * @param processor the proxy's own, not started yet
     * @param stock the proxy's own service
     * @return the service that the proxy registers instead of {@code stock}
     */
    MessagingServiceImplBase install(Path config, MessagingProcessor processor, MessagingServiceImplBase stock)
            throws Exception;

    /**
     * Called once: at once if {@link #install} fails, else before the proxy's gRPC server and its local broker stop. Open polls must be
     * answered, or the gRPC server waits for them. The proxy goes on with its own shutdown after 10 s.
     */
    @Override
    void close() throws Exception;
}
