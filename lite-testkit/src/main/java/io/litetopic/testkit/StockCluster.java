package io.litetopic.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An unmodified RocketMQ on this machine: name server, brokers and proxies in JVMs of their own, started from the Maven
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

    /** The first RocketMQ version whose brokers have lite topics of their own, see {@link StockClusterBuilder#nativeLite()}. */
    public static final String NATIVE_LITE_VERSION = "5.5.0";

    private static final Logger log = LoggerFactory.getLogger(StockCluster.class);
    private static final Duration TOPIC_TIMEOUT = Duration.ofSeconds(45);
    private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();
    private static final long END_OF_TIME_MILLIS = 4_102_444_800_000L; // the year 2100

    private final DataFolder dataFolder;
    private final ClusterPorts ports;
    private final ClusterProcesses processes;
    private final AdminTool adminTool;
    private final ReadinessChecks checks;
    private final ServerProcess nameServer;
    private final List<ServerProcess> brokers;
    private final List<ProxyNode> proxies = new CopyOnWriteArrayList<>(); // changed under this
    private final Thread closeOnExit = new Thread(this::shutDown, "litetopic-testkit-exit");
    private int proxiesEver; // guarded by this: their folders are numbered
    private boolean closed; // guarded by this

    private StockCluster(
            DataFolder dataFolder,
            ClusterPorts ports,
            ClusterProcesses processes,
            AdminTool adminTool,
            ClusterOptions options) {
        this.dataFolder = dataFolder;
        this.ports = ports;
        this.processes = processes;
        this.adminTool = adminTool;
        this.checks = new ReadinessChecks(ports.nameServer(), options.superUser());
        this.nameServer = processes.nameServer();
        for (ProxyPorts proxyPorts : ports.proxies()) {
            proxies.add(processes.proxy(proxies.size(), proxyPorts, nameServer));
        }
        this.proxiesEver = proxies.size();
        List<ServerProcess> brokerProcesses = new ArrayList<>();
        if (options.proxyMode() == ProxyMode.LOCAL) {
            brokerProcesses.add(proxies.get(0).process());
        } else {
            for (int i = 0; i < ports.brokers().size(); i++) {
                brokerProcesses.add(processes.broker(i, nameServer));
            }
        }
        this.brokers = List.copyOf(brokerProcesses);
    }

    /** A name server forgets its routes when it ends; it is of use again when the running brokers have come back to it. */
    private Optional<String> brokersAreBack() {
        for (int i = 0; i < brokers.size(); i++) {
            if (brokers.get(i).isRunning()) {
                Optional<String> missing =
                        checks.routeToBroker(ConfigFiles.brokerName(i)).missing();
                if (missing.isPresent()) {
                    return missing;
                }
            }
        }
        return Optional.empty();
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
            ports = ClusterPorts.take(
                    options.nameServerPort(),
                    options.brokerPort(),
                    options.grpcPort(),
                    options.brokers(),
                    options.proxies());
            ClusterProcesses processes = new ClusterProcesses(options, dataFolder, ports, classPath);
            AdminTool adminTool = new AdminTool(dataFolder, classPath, Loopback.hostAndPort(ports.nameServer()));
            cluster = new StockCluster(dataFolder, ports, processes, adminTool, options);
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

    /**
     * Address of all proxies for {@code ClientConfiguration.setEndpoints}: {@code 127.0.0.1:PORT}, and with several proxies {@code
     * 127.0.0.1:PORT1;127.0.0.1:PORT2}, of which clients use the first that accepts their connection.
     */
    public String grpcEndpoints() {
        return proxies.stream()
                .map(proxy -> Loopback.hostAndPort(proxy.ports().grpc()))
                .collect(Collectors.joining(";"));
    }

    /** Address of one proxy, {@code 127.0.0.1:PORT}. */
    public String grpcEndpoints(int proxy) {
        return Loopback.hostAndPort(proxyNode(proxy).ports().grpc());
    }

    /** Address of the name server: {@code 127.0.0.1:PORT}. */
    public String nameServerAddress() {
        return Loopback.hostAndPort(ports.nameServer());
    }

    /** Address of the broker, the first one if there are several: {@code 127.0.0.1:PORT}. */
    public String brokerAddress() {
        return brokerAddress(0);
    }

    /** Address of one broker: {@code 127.0.0.1:PORT}. */
    public String brokerAddress(int broker) {
        return Loopback.hostAndPort(ports.brokers()
                .get(checkedIndex(broker, brokers.size(), "broker"))
                .listen());
    }

    /** The folder that holds messages, configuration and logs. */
    public Path dataDirectory() {
        return dataFolder.root();
    }

    /** The proxy's process, the first one if there are several; in local mode the same object as {@link #broker()}. */
    public ServerProcess proxy() {
        return proxies.get(0).process();
    }

    /** All proxies in the order of their start, a snapshot; at least one. */
    public List<ServerProcess> proxies() {
        return proxies.stream().map(ProxyNode::process).toList();
    }

    /**
     * Starts one more proxy with the configuration of the others and waits until it serves requests. It is the last of {@link
     * #proxies()} from then on. In cluster mode only.
     *
     * @throws ClusterStartException if it does not become ready; nothing of it is left running
     */
    public ServerProcess addProxy() {
        if (proxy() == broker()) {
            throw new IllegalStateException("a cluster in local mode has one proxy, which is its broker; start it with"
                    + " proxyMode(ProxyMode.CLUSTER)");
        }
        ProxyNode added;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("cannot add a proxy: the cluster is closed");
            }
            added = processes.proxy(proxiesEver, ports.takeForProxy(), nameServer);
            proxiesEver++;
            proxies.add(added);
        }
        try {
            launch(added);
            added.process().awaitReady();
            return added.process();
        } catch (RuntimeException e) {
            proxies.remove(added);
            close(added, true);
            throw e;
        }
    }

    /** The broker's process, the first one if there are several; in local mode the same object as {@link #proxy()}. */
    public ServerProcess broker() {
        return brokers.get(0);
    }

    /** All brokers; at least one. */
    public List<ServerProcess> brokers() {
        return brokers;
    }

    /**
     * The network between one proxy and one broker; the other proxies, {@link #mqadmin} and everybody else have ways of their own.
     *
     * @param proxy index in {@link #proxies()}
     * @param broker index in {@link #brokers()}
     * @throws IllegalStateException if the builder was not told {@link StockClusterBuilder#faultLinks()}
     */
    public FaultLink brokerLink(int proxy, int broker) {
        return links(proxy).brokers().get(checkedIndex(broker, brokers.size(), "broker"));
    }

    /**
     * The network between one proxy and the name server.
     *
     * @param proxy index in {@link #proxies()}
     * @throws IllegalStateException if the builder was not told {@link StockClusterBuilder#faultLinks()}
     */
    public FaultLink nameServerLink(int proxy) {
        return links(proxy).nameServer();
    }

    /**
     * Sets the wall clock of the plugin in one proxy ahead of the real time, or behind it, at once and until the next call, restarts
     * included. The stock classes of that proxy keep the real time.
     *
     * @param proxy index in {@link #proxies()}
     * @param offset from the real time, not from what was set before; negative is behind; to the millisecond
     * @throws IllegalStateException if the builder was not told {@link StockClusterBuilder#shiftableProxyClock()}
     */
    public void shiftProxyClock(int proxy, Duration offset) {
        ProxyClock clock = proxyNode(proxy).clock();
        if (clock == null) {
            throw new IllegalStateException("the clocks of this cluster are those of the system; start it with the"
                    + " builder's shiftableProxyClock()");
        }
        clock.shift(offset);
        log.info(
                "wall clock shifted proxy={} offsetMillis={}",
                proxies().get(proxy).name(),
                offset.toMillis());
    }

    /**
     * Lets a broker refuse all messages, or accept them again, as one does that warms up; stock answers sends with SYSTEM_ERROR and
     * {@code broker unable to service}. Reading, acks, offsets and locks work on, and so do the copies that the broker itself makes for
     * dead letter queues. Lasts through a restart of the broker. Blocks for one to two seconds.
     *
     * <p>Stock has no full disk on demand: the limit that stops writes is at least 35 % of the partition, and with it the broker deletes
     * messages.
     *
     * @param broker index in {@link #brokers()}
     * @throws IllegalStateException if stock refuses the change
     */
    public void refuseWrites(int broker, boolean refuse) {
        long acceptFrom = refuse ? END_OF_TIME_MILLIS : 0;
        adminTool.runOrFail(
                "updateBrokerConfig",
                "-b",
                brokerAddress(broker),
                "-k",
                "startAcceptSendRequestTimeStamp",
                "-v",
                Long.toString(acceptFrom));
        log.info(
                "broker {} writes broker={}",
                refuse ? "refuses" : "accepts",
                brokers.get(broker).name());
    }

    /** The name server's process. Its restart also waits until the running brokers have registered again, some ten seconds. */
    public ServerProcess nameServer() {
        return nameServer;
    }

    /**
     * Creates a topic on all brokers and waits until the running proxies serve it. Blocks for one to two seconds.
     *
     * @param queues number of queues on each broker, at least 1
     * @throws IllegalStateException if stock refuses, with its own words, or a proxy does not serve the topic in 45 s
     */
    public void createTopic(String name, TopicType type, int queues) {
        if (queues < 1) {
            throw new IllegalArgumentException("queues of topic " + name + " must be at least 1, but is " + queues);
        }
        String count = Integer.toString(queues);
        for (int i = 0; i < brokers.size(); i++) {
            adminTool.runOrFail(
                    "updateTopic",
                    "-b",
                    brokerAddress(i),
                    "-t",
                    name,
                    "-r",
                    count,
                    "-w",
                    count,
                    "-a",
                    "+message.type=" + type);
        }
        // all brokers first: a proxy keeps the first route that it sees for a while
        Readiness served = checks.topicIsOn(brokerNames(), name);
        for (ProxyNode proxy : proxies) {
            if (proxy.process().isRunning()) {
                served = served.and(checks.proxyServes(
                        proxy.ports().grpc(), name, type.name().toUpperCase(Locale.ROOT)));
            }
        }
        await(served);
    }

    /**
     * Creates a consumer group on all brokers, or changes it.
     *
     * @param orderly whether the group consumes messages of a message group in order, as FIFO topics and lite topics need
     * @throws IllegalStateException if stock refuses, with its own words
     */
    public void createGroup(String name, boolean orderly) {
        for (int i = 0; i < brokers.size(); i++) {
            adminTool.runOrFail("updateSubGroup", "-b", brokerAddress(i), "-g", name, "-o", Boolean.toString(orderly));
        }
    }

    /**
     * Creates a group for the brokers' own lite topics on all brokers, with stock's defaults: shared, no wildcard, 2,000 lite topics per
     * client. {@link #mqadmin} changes them ({@code updateSubGroup --attributes +lite.sub.model=Exclusive} and so on).
     *
     * @param bindTopic a topic of type {@link TopicType#LITE}
     * @throws IllegalStateException if stock refuses, with its own words
     */
    public void createNativeLiteGroup(String name, String bindTopic) {
        for (int i = 0; i < brokers.size(); i++) {
            adminTool.runOrFail(
                    "updateSubGroup",
                    "-b",
                    brokerAddress(i),
                    "-g",
                    name,
                    "-o",
                    "true",
                    "--attributes",
                    "+lite.bind.topic=" + bindTopic);
        }
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
        nameServer.awaitAfterRestart(this::brokersAreBack);
        try {
            nameServer.launch();
            brokers.forEach(ServerProcess::launch); // need the name server later than this, they start much more slowly
            nameServer.awaitReady();
            brokers.forEach(ServerProcess::awaitReady);
            if (proxy() != broker()) {
                proxies.forEach(StockCluster::launch); // in cluster mode they end if a broker has no route yet
                proxies.forEach(proxy -> proxy.process().awaitReady());
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void launch(ProxyNode proxy) {
        if (proxy.links() != null) {
            proxy.links().start();
        }
        proxy.process().launch();
    }

    private static void close(ProxyNode proxy, boolean atOnce) {
        proxy.process().close(atOnce);
        if (proxy.links() != null) {
            proxy.links().close();
        }
    }

    private ProxyNode proxyNode(int index) {
        return proxies.get(checkedIndex(index, proxies.size(), "proxy"));
    }

    private ProxyLinks links(int proxy) {
        ProxyLinks links = proxyNode(proxy).links();
        if (links == null) {
            throw new IllegalStateException(
                    "the proxies of this cluster reach the other servers directly; start it with the builder's faultLinks()");
        }
        return links;
    }

    private Set<String> brokerNames() {
        return IntStream.range(0, brokers.size())
                .mapToObj(ConfigFiles::brokerName)
                .collect(Collectors.toSet());
    }

    private static int checkedIndex(int index, int size, String what) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException(
                    "no " + what + " with index " + index + "; this cluster has " + size + ", counted from 0");
        }
        return index;
    }

    private synchronized void shutDown() {
        if (closed) {
            return;
        }
        closed = true;
        boolean atOnce = dataFolder.isTemporary();
        RuntimeException failure = null;
        for (ProxyNode proxy : proxies) {
            failure = attempt(() -> close(proxy, atOnce), failure);
        }
        for (ServerProcess broker : brokers) {
            failure = attempt(() -> broker.close(atOnce), failure);
        }
        failure = attempt(() -> nameServer.close(atOnce), failure);
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
