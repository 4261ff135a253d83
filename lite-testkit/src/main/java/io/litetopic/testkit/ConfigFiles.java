package io.litetopic.testkit;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Renders the configuration files of the stock processes. Defaults make starts quick and files small and leave what
 * clients see as stock has it; the caller's entries win over them, except those that the cluster itself depends on.
 */
final class ConfigFiles {
    static final String CLUSTER_NAME = "DefaultCluster";
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private static final Set<String> RESERVED_BROKER_KEYS = Set.of(
            "brokerClusterName",
            "brokerName",
            "brokerId",
            "brokerIP1",
            "brokerIP2",
            "bindAddress",
            "listenPort",
            "haListenPort",
            "namesrvAddr",
            "storePathRootDir",
            "storePathCommitLog");
    private static final Set<String> RESERVED_PROXY_KEYS = Set.of(
            "rocketMQClusterName",
            "proxyMode",
            "namesrvAddr",
            "grpcServerPort",
            "remotingListenPort",
            "localServeAddr",
            "brokerConfigPath");

    private ConfigFiles() {}

    /** Name of the broker of that index: {@code broker-a} is the first. */
    static String brokerName(int index) {
        return "broker-" + (char) ('a' + index);
    }

    static String nameServer(int port) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("listenPort", Integer.toString(port));
        entries.put("bindAddress", Loopback.HOST);
        return properties(entries);
    }

    static String broker(String brokerName, BrokerPorts ports, Path store, Map<String, String> extra) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("brokerClusterName", CLUSTER_NAME);
        entries.put("brokerName", brokerName);
        entries.put("brokerId", "0");
        entries.put("brokerIP1", Loopback.HOST);
        entries.put("brokerIP2", Loopback.HOST);
        entries.put("bindAddress", Loopback.HOST);
        entries.put("listenPort", Integer.toString(ports.listen()));
        entries.put("haListenPort", Integer.toString(ports.ha()));
        entries.put("storePathRootDir", store.toString());
        entries.put("storePathCommitLog", store.resolve("commitlog").toString());
        entries.put("autoCreateTopicEnable", "false");
        // back in the routes within 10 s, the least that stock allows, after the name server was restarted
        entries.put("registerNameServerPeriod", "10000");
        entries.put("flushDiskType", "ASYNC_FLUSH");
        // small files: 64 MiB of messages, 30,000 entries of 20 bytes per queue, 400,000 keys per index
        entries.put("mappedFileSizeCommitLog", Integer.toString(64 << 20));
        entries.put("mappedFileSizeConsumeQueue", Integer.toString(30_000 * 20));
        entries.put("maxHashSlotNum", "100000");
        entries.put("maxIndexNum", "400000");
        entries.put("warmMapedFileEnable", "false");
        entries.put("transientStorePoolEnable", "false");
        // developers' disks are full: stock would refuse writes at 75 to 90 % and delete messages early
        entries.put("diskMaxUsedSpaceRatio", "95");
        entries.put("diskSpaceCleanForciblyRatio", "97");
        entries.put("diskSpaceWarningLevelRatio", "98");
        entries.putAll(extra);
        return properties(entries);
    }

    /** @param nameServer port at which this proxy finds the name server */
    static String proxy(ProxyPorts ports, int nameServer, ProxyMode mode, Path brokerConf, Map<String, Object> extra) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("rocketMQClusterName", CLUSTER_NAME);
        entries.put("proxyMode", mode.optionValue());
        entries.put("namesrvAddr", Loopback.hostAndPort(nameServer));
        entries.put("grpcServerPort", ports.grpc());
        entries.put("remotingListenPort", ports.remoting());
        entries.put("localServeAddr", Loopback.HOST);
        if (mode == ProxyMode.LOCAL) {
            entries.put("brokerConfigPath", brokerConf.toString());
        }
        // how long a stop waits for clients that stay connected; push clients always do
        entries.put("grpcShutdownTimeSeconds", 1);
        entries.putAll(extra);
        return GSON.toJson(entries) + "\n";
    }

    /** What switches the brokers' own lite topics on in {@code broker.conf}. */
    static Map<String, String> nativeLite() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("enableLmq", "true");
        entries.put("enableMultiDispatch", "true");
        entries.put("storeType", "defaultRocksDB");
        return entries;
    }

    /** What switches access control on in {@code broker.conf}. */
    static Map<String, String> brokerAccess(SuperUser user) {
        String packageName = "org.apache.rocketmq.auth.";
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("authenticationEnabled", "true");
        entries.put(
                "authenticationMetadataProvider",
                packageName + "authentication.provider.LocalAuthenticationMetadataProvider");
        entries.put("authorizationEnabled", "true");
        entries.put(
                "authorizationMetadataProvider",
                packageName + "authorization.provider.LocalAuthorizationMetadataProvider");
        entries.put("initAuthenticationUser", json("username", user.accessKey(), "password", user.secretKey()));
        entries.put("innerClientAuthenticationCredentials", innerCredentials(user));
        return entries;
    }

    /** What switches access control on in {@code rmq-proxy.json}. */
    static Map<String, Object> proxyAccess(SuperUser user) {
        String packageName = "org.apache.rocketmq.proxy.auth.";
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("authenticationEnabled", true);
        entries.put("authenticationMetadataProvider", packageName + "ProxyAuthenticationMetadataProvider");
        entries.put("authorizationEnabled", true);
        entries.put("authorizationMetadataProvider", packageName + "ProxyAuthorizationMetadataProvider");
        entries.put("innerClientAuthenticationCredentials", innerCredentials(user));
        entries.put("enableAclRpcHookForClusterMode", true);
        return entries;
    }

    /** {@code tools.yml}, where {@code mqadmin} looks for its credentials. */
    static String tools(SuperUser user) {
        return "accessKey: " + user.accessKey() + "\nsecretKey: " + user.secretKey() + "\n";
    }

    private static String innerCredentials(SuperUser user) {
        return json("accessKey", user.accessKey(), "secretKey", user.secretKey());
    }

    /** On one line, for a value in a properties file. */
    private static String json(String key1, String value1, String key2, String value2) {
        JsonObject object = new JsonObject();
        object.addProperty(key1, value1);
        object.addProperty(key2, value2);
        return object.toString();
    }

    static void requireFreeBrokerKey(String key) {
        requireFree(key, RESERVED_BROKER_KEYS, "broker property");
    }

    static void requireFreeProxyKey(String key) {
        requireFree(key, RESERVED_PROXY_KEYS, "proxy property");
    }

    private static void requireFree(String key, Set<String> reserved, String kind) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("the name of a " + kind + " must not be blank");
        }
        if (reserved.contains(key)) {
            throw new IllegalArgumentException(kind + " " + key + " is set by the testkit, as are "
                    + new TreeSet<>(reserved) + "; use the builder's methods for ports, mode and data folder");
        }
    }

    private static String properties(Map<String, String> entries) {
        StringBuilder text = new StringBuilder();
        entries.forEach((key, value) -> text.append(key)
                .append('=')
                .append(value.replace("\\", "\\\\").replace("\n", "\\n"))
                .append('\n'));
        return text.toString();
    }
}
