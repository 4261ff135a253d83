package io.litetopic.proxy.agent;

import apache.rocketmq.v2.MessagingServiceGrpc.MessagingServiceImplBase;
import io.grpc.BindableService;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.rocketmq.common.constant.LoggerName;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.apache.rocketmq.proxy.grpc.GrpcServer;
import org.apache.rocketmq.proxy.grpc.v2.GrpcMessagingApplication;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;
import org.jspecify.annotations.Nullable;

/**
 * What the advised stock methods call. Public because their code is inlined into stock classes; not for anybody else. Nothing
 * here throws: the stock method always goes on.
 */
public final class AgentHooks {
    private static final String INSTALLER_CLASS = "io.litetopic.proxy.LitePlugin";
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private static volatile @Nullable MessagingProcessor messagingProcessor;
    private static volatile @Nullable FutureTask<@Nullable Void> closing;

    private AgentHooks() {}

    /** The proxy is about to create its gRPC service on {@code processor}. */
    public static void beforeCreate(MessagingProcessor processor) {
        messagingProcessor = processor;
    }

    /** The proxy registers {@code service}; what is returned is registered instead. */
    public static BindableService replace(BindableService service) {
        if (!(service instanceof GrpcMessagingApplication)) {
            return service;
        }
        try {
            return install((MessagingServiceImplBase) service);
        } catch (Throwable anything) { // whatever the plugin's code does, stock must be served
            Outcome.notActive(anything);
            return service;
        }
    }

    private static BindableService install(MessagingServiceImplBase stock) throws Exception {
        // loads the class, so that a failure to hook into it is known before anything starts
        String lastHookedClass = GrpcServer.class.getName();
        String hookFailure = LiteAgent.hookFailure();
        if (hookFailure != null) {
            throw new IllegalStateException(
                    "cannot hook into the proxy, up to " + lastHookedClass + ": " + hookFailure);
        }
        MessagingProcessor processor = messagingProcessor;
        if (processor == null) {
            throw new IllegalStateException("this proxy does not create its service by GrpcMessagingApplication.create;"
                    + " use a RocketMQ version that the plugin supports");
        }
        Path config = ConfigLocation.resolve(LiteAgent.argument(), System::getProperty, System::getenv);
        ServiceInstaller installer = Class.forName(INSTALLER_CLASS)
                .asSubclass(ServiceInstaller.class)
                .getDeclaredConstructor()
                .newInstance();
        closing = new FutureTask<>(() -> {
            installer.close();
            return null;
        });
        try {
            return installer.install(config, processor, stock);
        } catch (Throwable failure) {
            beforeShutdown(); // what was started before the failure stops now
            throw failure;
        }
    }

    /**
     * The proxy's gRPC server or its local broker is about to stop. Both call this, from shutdown hooks that run at the same time;
     * whichever comes first closes the plugin, and both wait for that.
     */
    public static void beforeShutdown() {
        FutureTask<@Nullable Void> close = closing;
        if (close == null) {
            return;
        }
        // a thread of its own, since a close that hangs must not keep the proxy from stopping; extra runs do nothing
        Thread closer = new Thread(close, "lite-close");
        closer.setDaemon(true);
        closer.start();
        String problem = null;
        Throwable cause = null;
        try {
            close.get(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            problem = "litetopic: closing failed, the proxy goes on with its shutdown";
            cause = e.getCause();
        } catch (TimeoutException e) {
            problem =
                    "litetopic: not closed within " + CLOSE_TIMEOUT_SECONDS + " s, the proxy goes on with its shutdown";
            cause = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (problem != null) {
            LoggerFactory.getLogger(LoggerName.PROXY_LOGGER_NAME).error(problem, cause);
        }
    }
}
