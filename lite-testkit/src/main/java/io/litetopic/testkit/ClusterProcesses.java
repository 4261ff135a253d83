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
        this.checks = new ReadinessChecks(ports, options.superUser());
    }

    ServerProcess nameServer() {
        Path folder = dataFolder.process("nameserver");
        Path config = dataFolder.write(folder.resolve("namesrv.conf"), ConfigFiles.nameServer(ports));
        return process(
                "nameserver",
                folder,
                NAME_SERVER_MAIN,
                List.of("-Xmx256m", "-XX:+UseSerialGC"),
                List.of("-c", config.toString()),
                checks.nameServerAnswers());
    }

    /** The broker of cluster mode. */
    ServerProcess broker(ServerProcess nameServer) {
        Path config = brokerConfig();
        List<String> jvmOptions = new ArrayList<>(List.of("-Xms256m", "-Xmx1g"));
        jvmOptions.addAll(options.brokerJvmOptions());
        return process(
                "broker",
                dataFolder.process("broker"),
                BROKER_MAIN,
                jvmOptions,
                List.of("-c", config.toString(), "-n", nameServerAddress()),
                needs(nameServer).and(checks.brokerIsRegistered()));
    }

    /** The proxy, with the broker inside in local mode. */
    ServerProcess proxy(ServerProcess nameServer) {
        boolean local = options.proxyMode() == ProxyMode.LOCAL;
        Path folder = dataFolder.process("proxy");
        Map<String, Object> properties = new LinkedHashMap<>();
        if (options.superUser() != null) {
            properties.putAll(ConfigFiles.proxyAccess(options.superUser()));
        }
        properties.putAll(options.proxyProperties());
        Path brokerConfig = brokerConfig();
        Path config = dataFolder.write(
                folder.resolve("rmq-proxy.json"),
                ConfigFiles.proxy(ports, options.proxyMode(), brokerConfig, properties));
        List<String> arguments = new ArrayList<>(
                List.of("-pm", options.proxyMode().optionValue(), "-pc", config.toString(), "-n", nameServerAddress()));
        if (local) {
            arguments.addAll(List.of("-bc", brokerConfig.toString()));
        }
        List<String> jvmOptions = new ArrayList<>(List.of("-Xms256m", local ? "-Xmx1g" : "-Xmx768m"));
        Readiness readiness = needs(nameServer);
        if (local) {
            readiness = readiness.and(checks.brokerIsRegistered());
        }
        readiness = readiness.and(checks.proxyAnswers());
        if (options.hasLitePlugin()) {
            Path pluginConfig = pluginConfig(folder);
            jvmOptions.add(LitePlugin.javaAgentOption(LitePlugin.jar(options.litePluginJar()), pluginConfig));
            if (options.awaitLite()) {
                readiness = readiness.and(checks.pluginServes(bindTopics(pluginConfig)));
            }
        }
        jvmOptions.addAll(options.proxyJvmOptions());
        return process(local ? "proxy+broker" : "proxy", folder, PROXY_MAIN, jvmOptions, arguments, readiness);
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

    private Path brokerConfig() {
        Map<String, String> properties = new LinkedHashMap<>();
        if (options.superUser() != null) {
            properties.putAll(ConfigFiles.brokerAccess(options.superUser()));
        }
        properties.putAll(options.brokerProperties());
        return dataFolder.write(
                dataFolder.process("broker").resolve("broker.conf"),
                ConfigFiles.broker(ports, dataFolder.store(), properties));
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

    private String nameServerAddress() {
        return Loopback.hostAndPort(ports.nameServer());
    }
}
