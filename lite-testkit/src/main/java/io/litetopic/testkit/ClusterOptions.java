package io.litetopic.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the builder collected, checked value by value.
 *
 * @param proxies how many; more than one in cluster mode only, as are brokers and links
 * @param faultLinks whether each proxy reaches the others through links that can be cut
 * @param shiftableClock whether the plugin's wall clock can be shifted
 * @param dataDirectory null for a temporary one
 * @param litePluginConfig text of the plugin's configuration; null without text
 * @param litePluginConfigFile file with the plugin's configuration; null without file. At most one of the two is set
 * @param litePluginJar null to look for it
 * @param superUser null for a cluster without access control
 */
record ClusterOptions(
        String version,
        @Nullable Path dataDirectory,
        ProxyMode proxyMode,
        int grpcPort,
        int nameServerPort,
        int brokerPort,
        int proxies,
        int brokers,
        boolean faultLinks,
        boolean shiftableClock,
        @Nullable String litePluginConfig,
        @Nullable Path litePluginConfigFile,
        @Nullable Path litePluginJar,
        boolean awaitLite,
        @Nullable SuperUser superUser,
        Map<String, Object> proxyProperties,
        Map<String, String> brokerProperties,
        List<String> proxyJvmOptions,
        List<String> brokerJvmOptions,
        Duration startTimeout,
        Duration stopTimeout) {

    ClusterOptions {
        proxyProperties = Map.copyOf(proxyProperties);
        brokerProperties = Map.copyOf(brokerProperties);
        proxyJvmOptions = List.copyOf(proxyJvmOptions);
        brokerJvmOptions = List.copyOf(brokerJvmOptions);
    }

    boolean hasLitePlugin() {
        return litePluginConfig != null || litePluginConfigFile != null;
    }
}
