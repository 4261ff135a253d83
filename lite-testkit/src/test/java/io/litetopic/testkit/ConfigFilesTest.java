package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ConfigFilesTest {
    private static final BrokerPorts BROKER_PORTS = new BrokerPorts(20_012, 20_013);
    private static final ProxyPorts PROXY_PORTS = new ProxyPorts(20_021, 20_022);
    private static final Path STORE = Path.of("/data/store");

    @Test
    void brokerListensOnLoopbackOnlyAndKeepsItsFilesInTheStoreFolder() throws IOException {
        Properties properties = parse(ConfigFiles.broker("broker-a", BROKER_PORTS, STORE, Map.of()));

        assertThat(properties)
                .containsEntry("bindAddress", "127.0.0.1")
                .containsEntry("brokerIP1", "127.0.0.1")
                .containsEntry("listenPort", "20012")
                .containsEntry("haListenPort", "20013")
                .containsEntry("storePathRootDir", "/data/store")
                .containsEntry("storePathCommitLog", "/data/store/commitlog")
                .containsEntry("autoCreateTopicEnable", "false");
    }

    @Test
    void callersBrokerPropertiesWinOverDefaults() throws IOException {
        Properties properties = parse(ConfigFiles.broker(
                "broker-a", BROKER_PORTS, STORE, Map.of("autoCreateTopicEnable", "true", "odd", "a\\b\nc")));

        assertThat(properties).containsEntry("autoCreateTopicEnable", "true").containsEntry("odd", "a\\b\nc");
    }

    @Test
    void proxyNamesAllItsPortsAndItsBrokerInLocalMode() {
        JsonObject json = JsonParser.parseString(ConfigFiles.proxy(
                        PROXY_PORTS,
                        20_001,
                        ProxyMode.LOCAL,
                        Path.of("/data/broker.conf"),
                        Map.of("maxMessageGroupSize", 32)))
                .getAsJsonObject();

        assertThat(json.get("grpcServerPort").getAsInt()).isEqualTo(20_021);
        assertThat(json.get("remotingListenPort").getAsInt()).isEqualTo(20_022);
        assertThat(json.get("namesrvAddr").getAsString()).isEqualTo("127.0.0.1:20001");
        assertThat(json.get("proxyMode").getAsString()).isEqualTo("local");
        assertThat(json.get("brokerConfigPath").getAsString()).isEqualTo("/data/broker.conf");
        assertThat(json.get("maxMessageGroupSize").getAsInt()).isEqualTo(32);
    }

    @Test
    void proxyHasNoBrokerConfigurationInClusterMode() {
        JsonObject json = JsonParser.parseString(ConfigFiles.proxy(
                        PROXY_PORTS, 20_001, ProxyMode.CLUSTER, Path.of("/data/broker.conf"), Map.of()))
                .getAsJsonObject();

        assertThat(json.get("proxyMode").getAsString()).isEqualTo("cluster");
        assertThat(json.has("brokerConfigPath")).isFalse();
    }

    @Test
    void refusesKeysThatTheClusterDependsOnAndSaysWhatToUse() {
        assertThatThrownBy(() -> ConfigFiles.requireFreeBrokerKey("listenPort"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broker property listenPort is set by the testkit")
                .hasMessageContaining("use the builder's methods");
        assertThatThrownBy(() -> ConfigFiles.requireFreeProxyKey("grpcServerPort"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("proxy property grpcServerPort");
    }

    private static Properties parse(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return properties;
    }
}
