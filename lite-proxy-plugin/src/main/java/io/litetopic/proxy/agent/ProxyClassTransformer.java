package io.litetopic.proxy.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the protocol classes by those of the plugin's jar and adds the hooks to stock methods, as the proxy's class loader
 * defines the classes. Every other class, and every other class loader, passes untouched. The bytes of protocol classes are read
 * from the jar when they are needed, so nothing of them stays in memory.
 */
final class ProxyClassTransformer implements ClassFileTransformer {
    private static final String PROTOCOL_PREFIX = "apache/rocketmq/v2/";
    /** Names only: touching {@link StockHook} would load Byte Buddy into JVMs that are no proxy. */
    private static final Set<String> HOOKED_CLASSES = Collections.unmodifiableSet(new HashSet<>(Arrays.asList(
            "org/apache/rocketmq/proxy/grpc/v2/GrpcMessagingApplication",
            "org/apache/rocketmq/proxy/grpc/GrpcServerBuilder",
            "org/apache/rocketmq/proxy/grpc/GrpcServer",
            "org/apache/rocketmq/broker/BrokerController")));

    private final JarFile pluginJar;
    private final ClassLoader proxyLoader;

    /** @param pluginJar stays open as long as the JVM runs */
    ProxyClassTransformer(JarFile pluginJar, ClassLoader proxyLoader) {
        this.pluginJar = pluginJar;
        this.proxyLoader = proxyLoader;
    }

    @Override
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            @Nullable String className,
            @Nullable Class<?> classBeingRedefined,
            @Nullable ProtectionDomain protectionDomain,
            byte[] classFile) {
        if (className == null) {
            return null;
        }
        if (loader != proxyLoader) {
            if (className.equals(LiteAgent.FIRST_SEAM)) {
                LiteAgent.loadedElsewhere(loader);
            }
            return null;
        }
        try {
            if (className.startsWith(PROTOCOL_PREFIX)) {
                return protocolClass(className);
            }
            return HOOKED_CLASSES.contains(className)
                    ? StockHook.advise(className.replace('/', '.'), classFile, loader)
                    : null;
        } catch (Throwable anything) { // the JVM would drop it without a word; stock goes on with its own class
            LiteAgent.hookFailed(className, anything);
            return null;
        }
    }

    private byte @Nullable [] protocolClass(String className) throws IOException {
        ZipEntry entry = pluginJar.getEntry(className + ".class");
        if (entry == null) {
            return null;
        }
        try (InputStream in = pluginJar.getInputStream(entry)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) entry.getSize());
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes.write(buffer, 0, n);
            }
            return bytes.toByteArray();
        }
    }
}
