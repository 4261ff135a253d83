package io.litetopic.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An unmodified RocketMQ on this machine: name server, broker and proxy in JVMs of their own, started from the Maven
 * artifacts of Apache RocketMQ, ready for clients when {@link StockClusterBuilder#start()} returns.
 *
 * <pre>{@code
 * try (StockCluster cluster = StockCluster.builder().start()) {
 *     cluster.createTopic("orders", TopicType.NORMAL, 4);
 *     ClientConfiguration configuration =
 *             ClientConfiguration.newBuilder().setEndpoints(cluster.grpcEndpoints()).build();
 *     ...
 * }
 * }</pre>
 *
 * <p>No process outlives the cluster: they end with {@link #close()}, when this JVM ends, and also when this JVM is killed.
 * Thread-safe.
 */
public final class StockCluster implements AutoCloseable {
    /** The RocketMQ version that LiteTopic is tested against, and the default. */
    public static final String BASELINE_VERSION = "5.3.3";

    private static final Logger log = LoggerFactory.getLogger(StockCluster.class);
    private static final Duration TOPIC_TIMEOUT = Duration.ofSeconds(45);
    private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();

    private final DataFolder dataFolder;
    private final ClusterPorts ports;
    private final AdminTool adminTool;
    private final ReadinessChecks checks;
    private final ServerProcess nameServer;
    private final ServerProcess broker;
    private final ServerProcess proxy;
    private final Thread closeOnExit = new Thread(this::shutDown, "litetopic-testkit-exit");
    private boolean closed; // guarded by this

    private StockCluster(
            DataFolder dataFolder,
            ClusterPorts ports,
            AdminTool adminTool,
            ServerProcess nameServer,
            ServerProcess broker,
            ServerProcess proxy,
            @Nullable SuperUser superUser) {
        this.dataFolder = dataFolder;
        this.ports = ports;
        this.adminTool = adminTool;
        this.checks = new ReadinessChecks(ports, superUser);
        this.nameServer = nameServer;
        this.broker = broker;
        this.proxy = proxy;
    }

    /** A name server forgets its routes when it ends; it is of use again when the broker has come back to it. */
    private Optional<String> brokerIsBack() {
        return broker.isRunning()
                ? checks.routeIsRegistered(ConfigFiles.CLUSTER_NAME).missing()
                : Optional.empty();
    }

    /** A builder with all defaults: the baseline version, local mode, free ports, a temporary data folder, no plugin. */
    public static StockClusterBuilder builder() {
        return new StockClusterBuilder();
    }

    static StockCluster start(ClusterOptions options) {
        long startNanos = System.nanoTime();
        String classPath = ServerClassPath.of(options.version());
        DataFolder dataFolder = DataFolder.open(options.dataDirectory());
        ClusterPorts ports = null;
        StockCluster cluster;
        try {
            ports = ClusterPorts.take(options.nameServerPort(), options.brokerPort(), options.grpcPort());
            ClusterProcesses processes = new ClusterProcesses(options, dataFolder, ports, classPath);
            ServerProcess nameServer = processes.nameServer();
            ServerProcess proxy = processes.proxy(nameServer);
            ServerProcess broker = options.proxyMode() == ProxyMode.LOCAL ? proxy : processes.broker(nameServer);
            AdminTool adminTool = new AdminTool(dataFolder, classPath, Loopback.hostAndPort(ports.nameServer()));
            cluster = new StockCluster(dataFolder, ports, adminTool, nameServer, broker, proxy, options.superUser());
            if (options.superUser() != null) {
                dataFolder.write(
                        dataFolder.rocketmqHome().resolve("conf").resolve("tools.yml"),
                        ConfigFiles.tools(options.superUser()));
            }
        } catch (RuntimeException e) {
            if (ports != null) {
                ports.close();
            }
            dataFolder.close();
            throw e;
        }
        cluster.launch();
        log.info(
                "stock cluster is ready version={} mode={} grpc={} namesrv={} dataDirectory={} startMillis={}",
                options.version(),
                options.proxyMode(),
                cluster.grpcEndpoints(),
                cluster.nameServerAddress(),
                cluster.dataDirectory(),
                Duration.ofNanos(System.nanoTime() - startNanos).toMillis());
        return cluster;
    }

    /** Address for {@code ClientConfiguration.setEndpoints}: {@code 127.0.0.1:PORT}. */
    public String grpcEndpoints() {
        return Loopback.hostAndPort(ports.grpc());
    }

    /** Address of the name server: {@code 127.0.0.1:PORT}. */
    public String nameServerAddress() {
        return Loopback.hostAndPort(ports.nameServer());
    }

    /** Address of the broker: {@code 127.0.0.1:PORT}. */
    public String brokerAddress() {
        return Loopback.hostAndPort(ports.broker());
    }

    /** The folder that holds messages, configuration and logs. */
    public Path dataDirectory() {
        return dataFolder.root();
    }

    /** The proxy's process; in local mode the same object as {@link #broker()}. */
    public ServerProcess proxy() {
        return proxy;
    }

    /** The broker's process; in local mode the same object as {@link #proxy()}. */
    public ServerProcess broker() {
        return broker;
    }

    /** The name server's process. Its restart also waits until a running broker has registered again, some ten seconds. */
    public ServerProcess nameServer() {
        return nameServer;
    }

    /**
     * Creates a topic and waits until the proxy serves it. Blocks for one to two seconds.
     *
     * @param queues number of queues, at least 1
     * @throws IllegalStateException if stock refuses, with its own words, or the proxy does not serve the topic in 45 s
     */
    public void createTopic(String name, TopicType type, int queues) {
        if (queues < 1) {
            throw new IllegalArgumentException("queues of topic " + name + " must be at least 1, but is " + queues);
        }
        String count = Integer.toString(queues);
        adminTool.runOrFail(
                "updateTopic",
                "-b",
                brokerAddress(),
                "-t",
                name,
                "-r",
                count,
                "-w",
                count,
                "-a",
                "+message.type=" + type);
        await(checks.proxyServes(name, type.name().toUpperCase(Locale.ROOT)));
    }

    /**
     * Creates a consumer group, or changes it.
     *
     * @param orderly whether the group consumes messages of a message group in order, as FIFO topics and lite topics need
     * @throws IllegalStateException if stock refuses, with its own words
     */
    public void createGroup(String name, boolean orderly) {
        adminTool.runOrFail("updateSubGroup", "-b", brokerAddress(), "-g", name, "-o", Boolean.toString(orderly));
    }

    /**
     * Runs stock {@code mqadmin} in a JVM of its own and waits for its end, 60 s at most.
     *
     * @param args subcommand and its options; {@code -n} with this cluster's name server is added if absent
     */
    public AdminResult mqadmin(String... args) {
        return adminTool.run(args);
    }

    /**
     * Ends all processes in reverse order of their start. With a given data folder they are stopped, which takes stock ten
     * seconds and more, and those that do not stop in time are killed. With a temporary one they are killed at once, since
     * nothing of what they would write on the way out is kept, and the folder is deleted. A second call does nothing.
     */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(closeOnExit);
        } catch (IllegalStateException expected) {
            // this JVM is ending: the hook runs or has run, and whoever comes second does nothing
        }
        shutDown();
    }

    private void launch() {
        Runtime.getRuntime().addShutdownHook(closeOnExit);
        nameServer.awaitAfterRestart(this::brokerIsBack);
        try {
            nameServer.launch();
            broker.launch(); // needs the name server later than this, it starts much more slowly
            nameServer.awaitReady();
            broker.awaitReady();
            if (proxy != broker) {
                proxy.launch(); // in cluster mode it ends if the broker has no route yet
                proxy.awaitReady();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private synchronized void shutDown() {
        if (closed) {
            return;
        }
        closed = true;
        RuntimeException failure = null;
        for (ServerProcess process : List.of(proxy, broker, nameServer)) {
            failure = attempt(() -> process.close(dataFolder.isTemporary()), failure);
        }
        failure = attempt(ports::close, failure);
        failure = attempt(dataFolder::close, failure);
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable RuntimeException attempt(Runnable step, @Nullable RuntimeException earlier) {
        try {
            step.run();
            return earlier;
        } catch (RuntimeException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }

    private static void await(Readiness readiness) {
        long deadlineNanos = System.nanoTime() + TOPIC_TIMEOUT.toNanos();
        Optional<String> missing = readiness.missing();
        while (missing.isPresent()) {
            if (System.nanoTime() - deadlineNanos >= 0 || Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException(
                        "not ready after " + TOPIC_TIMEOUT.toSeconds() + " s: " + missing.get());
            }
            LockSupport.parkNanos(POLL_NANOS);
            missing = readiness.missing();
        }
    }
}
