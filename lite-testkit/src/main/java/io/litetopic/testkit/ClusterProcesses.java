package io.litetopic.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the configuration files of one cluster and describes its processes; starts nothing. */
final class ClusterProcesses {
    private static final String NAME_SERVER_MAIN = "org.apache.rocketmq.namesrv.NamesrvStartup";
    private static final String BROKER_MAIN = "org.apache.rocketmq.broker.BrokerStartup";
    private static final String PROXY_MAIN = "org.apache.rocketmq.proxy.ProxyStartup";

    private final ClusterOptions options;
    private final DataFolder dataFolder;
    private final ClusterPorts ports;
    private final String classPath;
    private final ReadinessChecks checks;

    ClusterProcesses(ClusterOptions options, DataFolder dataFolder, ClusterPorts ports, String classPath) {
        this.options = options;
        this.dataFolder = dataFolder;
        this.ports = ports;
        this.classPath = classPath;
        this.checks = new ReadinessChecks(ports.nameServer(), options.superUser());
    }

    ServerProcess nameServer() {
        Path folder = dataFolder.process("nameserver");
        Path config = dataFolder.write(folder.resolve("namesrv.conf"), ConfigFiles.nameServer(ports.nameServer()));
        return process(
                "nameserver",
                folder,
                NAME_SERVER_MAIN,
                List.of("-Xmx256m", "-XX:+UseSerialGC"),
                List.of("-c", config.toString()),
                checks.nameServerAnswers());
    }

    /** A broker of cluster mode. */
    ServerProcess broker(int index, ServerProcess nameServer) {
        String name = brokerFolder(index);
        Path config = brokerConfig(index);
        List<String> jvmOptions = new ArrayList<>(List.of("-Xms256m", "-Xmx1g"));
        jvmOptions.addAll(options.brokerJvmOptions());
        return process(
                name,
                dataFolder.process(name),
                BROKER_MAIN,
                jvmOptions,
                List.of("-c", config.toString(), "-n", Loopback.hostAndPort(ports.nameServer())),
                needs(nameServer).and(brokerIsRegistered(index)));
    }

    /**
     * A proxy, in local mode with the broker inside.
     *
     * @param index from 0; those after the first have folders named {@code proxy-2} and so on
     */
    ProxyNode proxy(int index, ProxyPorts proxyPorts, ServerProcess nameServer) {
        boolean local = options.proxyMode() == ProxyMode.LOCAL;
        String name = index == 0 ? "proxy" : "proxy-" + (index + 1);
        Path folder = dataFolder.process(name);
        Path brokerConfig = local ? brokerConfig(0) : folder; // the latter is not used
        ProxyLinks links = options.faultLinks() ? ProxyLinks.of(name, ports) : null;
        ProxyClock clock = options.shiftableClock() ? new ProxyClock(folder) : null;
        int nameServerPort =
                links == null ? ports.nameServer() : links.nameServer().port();
        Path config = dataFolder.write(
                folder.resolve("rmq-proxy.json"),
                ConfigFiles.proxy(proxyPorts, nameServerPort, options.proxyMode(), brokerConfig, proxyProperties()));
        List<String> arguments = new ArrayList<>(List.of(
                "-pm",
                options.proxyMode().optionValue(),
                "-pc",
                config.toString(),
                "-n",
                Loopback.hostAndPort(nameServerPort)));
        if (local) {
            arguments.addAll(List.of("-bc", brokerConfig.toString()));
        }
        List<String> jvmOptions = new ArrayList<>(List.of("-Xms256m", local ? "-Xmx1g" : "-Xmx768m"));
        if (clock != null) {
            jvmOptions.add(clock.javaAgentOption());
        }
        Readiness readiness = needs(nameServer);
        if (local) {
            readiness = readiness.and(brokerIsRegistered(0));
        }
        readiness = readiness.and(checks.proxyAnswers(proxyPorts.grpc()));
        if (options.hasLitePlugin()) {
            Path pluginConfig = pluginConfig(folder);
            jvmOptions.add(LitePlugin.javaAgentOption(LitePlugin.jar(options.litePluginJar()), pluginConfig));
            if (options.awaitLite()) {
                readiness = readiness.and(checks.pluginServes(proxyPorts.grpc(), bindTopics(pluginConfig)));
            }
        }
        jvmOptions.addAll(options.proxyJvmOptions());
        ServerProcess process =
                process(local ? "proxy+broker" : name, folder, PROXY_MAIN, jvmOptions, arguments, readiness);
        return new ProxyNode(process, proxyPorts, links, clock);
    }

    private Map<String, Object> proxyProperties() {
        Map<String, Object> properties = new LinkedHashMap<>();
        if (options.superUser() != null) {
            properties.putAll(ConfigFiles.proxyAccess(options.superUser()));
        }
        properties.putAll(options.proxyProperties());
        return properties;
    }

    private Readiness brokerIsRegistered(int index) {
        return checks.brokerIsRegistered(
                ConfigFiles.brokerName(index), ports.brokers().get(index).listen());
    }

    private static String brokerFolder(int index) {
        return index == 0 ? "broker" : ConfigFiles.brokerName(index);
    }

    private ServerProcess process(
            String name,
            Path folder,
            String mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Readiness readiness) {
        JavaCommand command = new JavaCommand(
                mainClass, classPath, dataFolder.rocketmqHome(), folder.resolve("home"), jvmOptions, arguments);
        boolean waitsForPlugin = mainClass.equals(PROXY_MAIN) && options.hasLitePlugin() && options.awaitLite();
        return new ServerProcess(
                name,
                command,
                folder,
                readiness,
                options.startTimeout(),
                options.stopTimeout(),
                waitsForPlugin ? LitePlugin.REFUSAL : null);
    }

    private Path brokerConfig(int index) {
        Map<String, String> properties = new LinkedHashMap<>();
        if (options.superUser() != null) {
            properties.putAll(ConfigFiles.brokerAccess(options.superUser()));
        }
        properties.putAll(options.brokerProperties());
        return dataFolder.write(
                dataFolder.process(brokerFolder(index)).resolve("broker.conf"),
                ConfigFiles.broker(
                        ConfigFiles.brokerName(index),
                        ports.brokers().get(index),
                        dataFolder.store(index),
                        properties));
    }

    private Path pluginConfig(Path folder) {
        Path file = options.litePluginConfigFile();
        String text = options.litePluginConfig();
        if (text != null) {
            return dataFolder.write(folder.resolve("lite-topic.yaml"), text);
        }
        if (file == null || !Files.isReadable(file)) {
            throw new IllegalArgumentException("cannot read the plugin's configuration " + file
                    + "; litePlugin needs an existing YAML file, litePluginConfig takes the text itself");
        }
        return file;
    }

    private static Set<String> bindTopics(Path pluginConfig) {
        try {
            return LitePlugin.bindTopics(Files.readString(pluginConfig));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the plugin's configuration " + pluginConfig, e);
        }
    }

    private static Readiness needs(ServerProcess other) {
        return () -> {
            other.requireAlive();
            return Optional.empty();
        };
    }
}
