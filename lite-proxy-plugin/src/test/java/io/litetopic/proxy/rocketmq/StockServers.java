package io.litetopic.proxy.rocketmq;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A name server and an unmodified proxy in local mode, each in a JVM of its own on ports of 127.0.0.1, with the protocol classes
 * that stock ships. Only for tests of this module: everybody else has the testkit, which cannot be a dependency here.
 */
public final class StockServers implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final Path folder;
    private final int nameServerPort = freePort();
    private final int grpcPort = freePort();
    private final List<Process> processes = new ArrayList<>();

    private StockServers(Path folder) {
        this.folder = folder;
    }

    /** Returns when both processes run; not when they are ready. */
    public static StockServers start(Path folder, String... proxyJvmOptions) throws IOException {
        StockServers servers = new StockServers(folder);
        servers.launch(
                "namesrv", List.of(), "org.apache.rocketmq.namesrv.NamesrvStartup", "-c", servers.nameServerConf());
        servers.launch(
                "proxy",
                Arrays.asList(proxyJvmOptions),
                "org.apache.rocketmq.proxy.ProxyStartup",
                "-pc",
                servers.proxyConf(),
                "-bc",
                servers.brokerConf());
        return servers;
    }

    public String nameServer() {
        return LOOPBACK + ":" + nameServerPort;
    }

    public int grpcPort() {
        return grpcPort;
    }

    /** Standard output and standard error of the proxy so far. */
    public String proxyOutput() {
        return read(folder.resolve("proxy.out"));
    }

    /** The proxy's own log so far. */
    public String proxyLog() {
        return read(folder.resolve("logs/rocketmqlogs/proxy.log"));
    }

    /** Asks the proxy to stop, as an operator does. */
    public boolean stopProxy() throws InterruptedException {
        Process proxy = processes.get(processes.size() - 1);
        proxy.destroy();
        return proxy.waitFor(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    private void launch(String name, List<String> jvmOptions, String mainClass, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:MaxDirectMemorySize=512m",
                "-Duser.home=" + folder));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", stockClassPath(), mainClass));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile());
        builder.environment().put("ROCKETMQ_HOME", folder.toString());
        processes.add(builder.start());
    }

    private String nameServerConf() throws IOException {
        return write("namesrv.conf", "listenPort=" + nameServerPort, "bindAddress=" + LOOPBACK);
    }

    private String brokerConf() throws IOException {
        return write(
                "broker.conf",
                "brokerClusterName=DefaultCluster",
                "brokerName=broker-a",
                "brokerIP1=" + LOOPBACK,
                "bindAddress=" + LOOPBACK,
                "listenPort=" + freePort(),
                "haListenPort=" + freePort(),
                "storePathRootDir=" + folder.resolve("store"),
                "storePathCommitLog=" + folder.resolve("store/commitlog"),
                "mappedFileSizeCommitLog=" + (16 << 20),
                "mappedFileSizeConsumeQueue=60000",
                "diskMaxUsedSpaceRatio=95",
                "autoCreateTopicEnable=false");
    }

    private String proxyConf() throws IOException {
        String json = "{\"rocketMQClusterName\":\"DefaultCluster\",\"proxyMode\":\"local\",\"namesrvAddr\":\"%s\","
                + "\"grpcServerPort\":%d,\"remotingListenPort\":%d,\"localServeAddr\":\"%s\","
                + "\"grpcShutdownTimeSeconds\":1}";
        return write("rmq-proxy.json", json.formatted(nameServer(), grpcPort, freePort(), LOOPBACK));
    }

    private String write(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines)).toString();
    }

    /** The test's own jars, without the plugin and with stock's protocol classes instead of the newer ones. */
    private static String stockClassPath() {
        Path stockLib = Path.of(System.getProperty("litetopic.stock.lib"));
        Stream<String> jars = Stream.of(
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                .split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .filter(entry -> !entry.contains("rocketmq-proto") && !entry.contains("lite-proxy-plugin"));
        return Stream.concat(Stream.of(stockLib + File.separator + "*"), jars)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
