package io.litetopic.proxy.agent;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of {@code -javaagent:lite-proxy-plugin.jar[=/path/lite-topic.yaml]} in an unmodified RocketMQ proxy. In any other
 * JVM, such as a broker's or mqadmin's, it does nothing. The JVM always starts.
 *
 * <p>The configuration file is the agent's argument, else system property {@code lite.config}, else environment variable
 * {@code LITE_CONFIG}, else {@code $ROCKETMQ_HOME/conf/lite-topic.yaml}. It is read when the proxy registers its gRPC service.
 */
public final class LiteAgent {
    /** Without a hook into this class nobody would ever ask for {@link #hookFailure()}. */
    static final String FIRST_SEAM = "org/apache/rocketmq/proxy/grpc/GrpcServerBuilder";

    private static volatile @Nullable String argument;
    private static volatile @Nullable String hookFailure;

    private LiteAgent() {}

    /** Called by the JVM before the main class. */
    public static void premain(@Nullable String agentArgument, Instrumentation instrumentation) {
        try {
            File self = new File(LiteAgent.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            argument = agentArgument;
            instrumentation.addTransformer(
                    new ProxyClassTransformer(new JarFile(self), ClassLoader.getSystemClassLoader()));
        } catch (Throwable anything) { // an exception from here would keep the JVM from starting
            Outcome.notActiveTooEarlyForLog(anything);
        }
    }

    static @Nullable String argument() {
        return argument;
    }

    /** The first class that could not be transformed, or {@code null} if all is well. */
    static @Nullable String hookFailure() {
        return hookFailure;
    }

    /** The proxy runs on classes that the plugin's classes cannot be combined with. */
    static void loadedElsewhere(@Nullable ClassLoader loader) {
        Outcome.notActiveTooEarlyForLog(new IllegalStateException("the proxy's classes were loaded by "
                + (loader == null ? "the bootstrap class loader" : loader)
                + " instead of the application class loader; start the proxy with its jars in -cp, not in"
                + " -Djava.ext.dirs or -Xbootclasspath"));
    }

    static void hookFailed(String className, Throwable failure) {
        if (className.equals(FIRST_SEAM)) {
            Outcome.notActiveTooEarlyForLog(failure);
        }
        if (hookFailure == null) {
            hookFailure = className + ": " + failure;
        }
    }
}
