package io.litetopic.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes a {@link StockCluster}. Every setting is optional. Bad values fail at the call with an {@link
 * IllegalArgumentException}. A builder may start several clusters, one after the other or, without a given data folder and
 * given ports, side by side. Not thread-safe.
 */
public final class StockClusterBuilder {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_SERVERS = 9; // of a kind: more say nothing new and need gigabytes
    private static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(30);

    private String version = StockCluster.BASELINE_VERSION;
    private boolean nativeLite;
    private @Nullable Path dataDirectory;
    private ProxyMode proxyMode = ProxyMode.LOCAL;
    private int grpcPort;
    private int nameServerPort;
    private int brokerPort;
    private int proxies = 1;
    private int brokers = 1;
    private boolean faultLinks;
    private boolean shiftableClock;
    private @Nullable String litePluginConfig;
    private @Nullable Path litePluginConfigFile;
    private @Nullable Path litePluginJar;
    private boolean awaitLite = true;
    private @Nullable SuperUser superUser;
    private final Map<String, Object> proxyProperties = new LinkedHashMap<>();
    private final Map<String, String> brokerProperties = new LinkedHashMap<>();
    private final List<String> proxyJvmOptions = new ArrayList<>();
    private final List<String> brokerJvmOptions = new ArrayList<>();
    private Duration startTimeout = DEFAULT_START_TIMEOUT;
    private Duration stopTimeout = DEFAULT_STOP_TIMEOUT;

    StockClusterBuilder() {}

    /** Version of RocketMQ as on Maven Central; {@link StockCluster#BASELINE_VERSION} by default. */
    public StockClusterBuilder version(String rocketmqVersion) {
        if (rocketmqVersion.isBlank()) {
            throw new IllegalArgumentException(
                    "version must not be blank; for example \"" + StockCluster.BASELINE_VERSION + "\"");
        }
        this.version = rocketmqVersion;
        return this;
    }

    /**
     * Switches the brokers' own lite topics on, as stock needs it for topics of type {@link TopicType#LITE}: light message queues,
     * multi dispatch, and the RocksDB store. In {@link ProxyMode#CLUSTER} and from {@link StockCluster#NATIVE_LITE_VERSION} on, which
     * this also sets as version; {@link #version} may name a later one. Off by default.
     */
    public StockClusterBuilder nativeLite() {
        this.nativeLite = true;
        this.version = StockCluster.NATIVE_LITE_VERSION;
        return this;
    }

    /**
     * Folder for messages, configuration and logs, created if it is missing. It survives the cluster, and the next one that is
     * given it continues with its topics and messages. By default a temporary folder, which close deletes.
     */
    public StockClusterBuilder dataDirectory(Path folder) {
        this.dataDirectory = folder;
        return this;
    }

    /** {@link ProxyMode#LOCAL} by default. */
    public StockClusterBuilder proxyMode(ProxyMode mode) {
        this.proxyMode = mode;
        return this;
    }

    /**
     * Number of proxies, 1 to 9, 1 by default; more than one in {@link ProxyMode#CLUSTER} only. They have the same configuration, and
     * ports and folders of their own ({@code proxy}, {@code proxy-2}, ...). {@link StockCluster#addProxy()} adds one later.
     */
    public StockClusterBuilder proxies(int number) {
        this.proxies = checkedNumber(number, "proxies");
        return this;
    }

    /**
     * Number of brokers, 1 to 9, 1 by default; more than one in {@link ProxyMode#CLUSTER} only. All are masters of one cluster, named
     * {@code broker-a}, {@code broker-b}, ..., with the same configuration and with ports, folders ({@code broker}, {@code
     * broker-b}, ...) and stores of their own.
     */
    public StockClusterBuilder brokers(int number) {
        this.brokers = checkedNumber(number, "brokers");
        return this;
    }

    /**
     * Lets every proxy reach the name server and each broker through links of its own, which tests can cut and freeze: see {@link
     * StockCluster#brokerLink} and {@link StockCluster#nameServerLink}. In {@link ProxyMode#CLUSTER} only. Off by default, since the
     * bytes take a way through this JVM.
     */
    public StockClusterBuilder faultLinks() {
        this.faultLinks = true;
        return this;
    }

    /**
     * Lets tests shift the wall clock of the plugin in each proxy, see {@link StockCluster#shiftProxyClock}. Off by default.
     */
    public StockClusterBuilder shiftableProxyClock() {
        this.shiftableClock = true;
        return this;
    }

    /** Port that clients connect to, of the first proxy; 0, the default, takes a free one at each start. */
    public StockClusterBuilder grpcPort(int port) {
        this.grpcPort = checkedPort(port, "grpcPort", 1);
        return this;
    }

    /** Port of the name server; 0, the default, takes a free one at each start. */
    public StockClusterBuilder nameServerPort(int port) {
        this.nameServerPort = checkedPort(port, "nameServerPort", 1);
        return this;
    }

    /** Port of the first broker, which takes {@code port - 2} too; 0, the default, takes free ones at each start. */
    public StockClusterBuilder brokerPort(int port) {
        this.brokerPort = checkedPort(port, "brokerPort", 1 + BrokerPorts.FAST_CHANNEL_DISTANCE);
        return this;
    }

    /** Runs the proxy with the LiteTopic plugin, which reads this YAML file. */
    public StockClusterBuilder litePlugin(Path configYaml) {
        this.litePluginConfigFile = configYaml;
        this.litePluginConfig = null;
        return this;
    }

    /** Runs the proxy with the LiteTopic plugin and this YAML text, which is written to the data folder. */
    public StockClusterBuilder litePluginConfig(String yamlText) {
        this.litePluginConfig = yamlText;
        this.litePluginConfigFile = null;
        return this;
    }

    /**
     * The plugin's jar. By default the one that the system property {@code litetopic.plugin.jar} names, else the artifact
     * {@code io.litetopic:lite-proxy-plugin} of the testkit's own version.
     */
    public StockClusterBuilder litePluginJar(Path jar) {
        this.litePluginJar = jar;
        return this;
    }

    /**
     * Whether a start with the plugin waits until every bind topic of its configuration is served; true by default. With
     * false the start is over when the stock services answer, whatever the plugin does.
     */
    public StockClusterBuilder awaitLite(boolean await) {
        this.awaitLite = await;
        return this;
    }

    /**
     * Switches on authentication and authorization in proxy and broker, with one super user, as which the cluster's parts and
     * {@link StockCluster#mqadmin} act. Clients need credentials then; further users come with {@code mqadmin createUser} and
     * {@code createAcl}. Off by default.
     *
     * @param accessKey 3 to 64 letters, digits, {@code -} or {@code _}; the same for the secret key
     */
    public StockClusterBuilder accessControl(String accessKey, String secretKey) {
        this.superUser = new SuperUser(accessKey, secretKey);
        return this;
    }

    /** Adds an entry to {@code rmq-proxy.json}: a string, number or boolean. */
    public StockClusterBuilder proxyProperty(String key, Object value) {
        ConfigFiles.requireFreeProxyKey(key);
        if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
            throw new IllegalArgumentException(
                    "proxy property " + key + " must be a string, number or boolean, but is a "
                            + value.getClass().getName());
        }
        proxyProperties.put(key, value);
        return this;
    }

    /** Adds an entry to {@code broker.conf}. */
    public StockClusterBuilder brokerProperty(String key, String value) {
        ConfigFiles.requireFreeBrokerKey(key);
        brokerProperties.put(key, value);
        return this;
    }

    /** Adds an option to the JVM of the proxy, in local mode also the broker's; for example {@code -Xmx2g}. */
    public StockClusterBuilder proxyJvmOption(String option) {
        proxyJvmOptions.add(option);
        return this;
    }

    /** Adds an option to the JVM of the broker; in cluster mode only. */
    public StockClusterBuilder brokerJvmOption(String option) {
        brokerJvmOptions.add(option);
        return this;
    }

    /** How long each process may take until it is ready; positive, 60 s by default. */
    public StockClusterBuilder startTimeout(Duration timeout) {
        this.startTimeout = checkedTimeout(timeout, "startTimeout");
        return this;
    }

    /** How long each process may take to stop before it is killed; positive, 30 s by default. */
    public StockClusterBuilder stopTimeout(Duration timeout) {
        this.stopTimeout = checkedTimeout(timeout, "stopTimeout");
        return this;
    }

    /**
     * Starts the cluster and blocks until it serves requests.
     *
     * @throws ClusterStartException if a process ends or is not ready in time; nothing is left running
     * @throws IllegalStateException if the server's jars cannot be found, the data folder is in use, or a given port is taken
     */
    public StockCluster start() {
        if (proxyMode == ProxyMode.LOCAL && !brokerJvmOptions.isEmpty()) {
            throw new IllegalArgumentException("brokerJvmOption " + brokerJvmOptions
                    + " has no JVM to go to: in LOCAL mode the broker runs in the proxy's; use proxyJvmOption");
        }
        if (proxyMode == ProxyMode.LOCAL && (proxies > 1 || brokers > 1 || faultLinks)) {
            throw new IllegalArgumentException(
                    "proxies=" + proxies + ", brokers=" + brokers + ", faultLinks=" + faultLinks
                            + " need processes of their own: in LOCAL mode proxy and broker are one; use"
                            + " proxyMode(ProxyMode.CLUSTER)");
        }
        if (nativeLite && proxyMode == ProxyMode.LOCAL) {
            throw new IllegalArgumentException(
                    "nativeLite needs a proxy of its own: stock has not implemented it in LOCAL mode; use"
                            + " proxyMode(ProxyMode.CLUSTER)");
        }
        Map<String, String> allBrokerProperties = new LinkedHashMap<>();
        if (nativeLite) {
            allBrokerProperties.putAll(ConfigFiles.nativeLite());
        }
        allBrokerProperties.putAll(brokerProperties);
        return StockCluster.start(new ClusterOptions(
                version,
                dataDirectory,
                proxyMode,
                grpcPort,
                nameServerPort,
                brokerPort,
                proxies,
                brokers,
                faultLinks,
                shiftableClock,
                litePluginConfig,
                litePluginConfigFile,
                litePluginJar,
                awaitLite,
                superUser,
                proxyProperties,
                allBrokerProperties,
                proxyJvmOptions,
                brokerJvmOptions,
                startTimeout,
                stopTimeout));
    }

    private static int checkedPort(int port, String setting, int lowest) {
        if (port != 0 && (port < lowest || port > MAX_PORT)) {
            throw new IllegalArgumentException(
                    setting + " must be 0 (any free port) or " + lowest + " to " + MAX_PORT + ", but is " + port);
        }
        return port;
    }

    private static int checkedNumber(int number, String setting) {
        if (number < 1 || number > MAX_SERVERS) {
            throw new IllegalArgumentException(setting + " must be 1 to " + MAX_SERVERS + ", but is " + number);
        }
        return number;
    }

    private static Duration checkedTimeout(Duration timeout, String setting) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(setting + " must be positive, but is " + timeout);
        }
        return timeout;
    }
}
