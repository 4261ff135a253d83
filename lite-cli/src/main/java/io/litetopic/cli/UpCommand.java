package io.litetopic.cli;

import io.litetopic.testkit.ClusterStartException;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.ServerProcess;
import io.litetopic.testkit.StockCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lite up}: the embedded cluster in the foreground. Standard output carries the READY line and nothing else. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        description = {
            "Runs a stock RocketMQ cluster with the lite plugin on 127.0.0.1 until it is stopped by Ctrl-C or SIGTERM.",
            "Prints one line on standard output once lite requests are served:",
            "READY endpoints=HOST:PORT namesrv=HOST:PORT proxyPid=N brokerPid=N"
        },
        showDefaultValues = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:the cluster did not start, or one of its processes died",
            "2:wrong usage",
            "130:stopped cleanly by Ctrl-C (SIGINT)",
            "143:stopped cleanly by SIGTERM"
        })
final class UpCommand implements Callable<Integer> {
    private static final int HIGHEST_PORT = 65_535;

    @Option(names = "--config", paramLabel = "FILE", required = true, description = "YAML file of the lite plugin.")
    @SuppressWarnings("NullAway.Init") // required
    private Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "lite-data",
            description = "Folder for messages, offsets and logs. Created if missing; survives restarts.")
    @SuppressWarnings("NullAway.Init") // has a default
    private Path data;

    @Option(
            names = "--grpc-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Port of the proxy, for clients. 0: any free one.")
    private int grpcPort;

    @Option(
            names = "--namesrv-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Port of the name server. 0: any free one.")
    private int nameServerPort;

    @Option(
            names = "--broker-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Port of the broker. 0: any free one.")
    private int brokerPort;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "local",
            description = "local: broker and proxy in one process; cluster: each in its own.")
    @SuppressWarnings("NullAway.Init") // has a default
    private ProxyMode mode;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        check();
        System.err.println(
                "lite: starting RocketMQ " + StockCluster.BASELINE_VERSION + " in " + data.toAbsolutePath() + " ...");
        StockCluster cluster = start();
        Foreground foreground = new Foreground(cluster::close, System.err);
        try {
            foreground.stopOnSignal();
            System.out.println("READY endpoints=" + cluster.grpcEndpoints() + " namesrv=" + cluster.nameServerAddress()
                    + " proxyPid=" + cluster.proxy().pid() + " brokerPid="
                    + cluster.broker().pid());
            System.out.flush();
            return foreground.watch(processes(cluster));
        } finally {
            cluster.close();
        }
    }

    private StockCluster start() {
        try {
            return StockCluster.builder()
                    .dataDirectory(data.toAbsolutePath())
                    .proxyMode(mode)
                    .grpcPort(grpcPort)
                    .nameServerPort(nameServerPort)
                    .brokerPort(brokerPort)
                    .litePlugin(config.toAbsolutePath())
                    .start();
        } catch (ClusterStartException e) {
            throw new IllegalStateException(StartFailure.explain(String.valueOf(e.getMessage()), data), e);
        }
    }

    private void check() {
        if (!Files.isRegularFile(config) || !Files.isReadable(config)) {
            throw wrong("--config", config + " is not a readable file");
        }
        if (Files.exists(data) && !Files.isDirectory(data)) {
            throw wrong("--data", data + " is a file; name a folder");
        }
        checkPort("--grpc-port", grpcPort);
        checkPort("--namesrv-port", nameServerPort);
        checkPort("--broker-port", brokerPort);
        Map<Integer, String> taken = new LinkedHashMap<>();
        Map.of("--grpc-port", grpcPort, "--namesrv-port", nameServerPort, "--broker-port", brokerPort)
                .forEach((option, port) -> {
                    String other = port == 0 ? null : taken.putIfAbsent(port, option);
                    if (other != null) {
                        throw wrong(option, port + " is also the value of '" + other + "'; give each its own port");
                    }
                });
    }

    private void checkPort(String option, int port) {
        if (port < 0 || port > HIGHEST_PORT) {
            throw wrong(option, port + " is not between 0 and " + HIGHEST_PORT);
        }
    }

    private ParameterException wrong(String option, String why) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + why);
    }

    /** In local mode broker and proxy are one process: each is listed once. */
    private static Map<Long, ServerProcess> processes(StockCluster cluster) {
        Map<Long, ServerProcess> processes = new LinkedHashMap<>();
        for (ServerProcess process : new ServerProcess[] {cluster.nameServer(), cluster.broker(), cluster.proxy()}) {
            processes.put(process.pid(), process);
        }
        return processes;
    }
}
