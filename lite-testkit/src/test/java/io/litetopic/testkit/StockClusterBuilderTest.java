package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StockClusterBuilderTest {
    private final StockClusterBuilder builder = StockCluster.builder();

    @Test
    void refusesPortsOutOfRangeWithTheValueAndTheRange() {
        assertThatThrownBy(() -> builder.grpcPort(65_536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("grpcPort must be 0 (any free port) or 1 to 65535, but is 65536");
        assertThatThrownBy(() -> builder.nameServerPort(-1)).hasMessageContaining("but is -1");
        assertThatThrownBy(() -> builder.brokerPort(2)).hasMessageContaining("3 to 65535, but is 2");
    }

    @Test
    void refusesTimeoutsThatAreNotPositive() {
        assertThatThrownBy(() -> builder.startTimeout(Duration.ZERO))
                .hasMessageContaining("startTimeout must be positive");
        assertThatThrownBy(() -> builder.stopTimeout(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
    }

    @Test
    void refusesABlankVersion() {
        assertThatThrownBy(() -> builder.version(" ")).hasMessageContaining("for example \"5.3.3\"");
    }

    @Test
    void refusesProxyPropertiesThatAreNotPlainValues() {
        assertThatThrownBy(() -> builder.proxyProperty("key", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("proxy property key must be a string, number or boolean");
    }

    @Test
    void refusesBrokerJvmOptionsWhereTheBrokerHasNoJvm() {
        builder.brokerJvmOption("-Xmx2g");

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("use proxyJvmOption");
    }

    @Test
    void refusesNumbersOfServersOutOfRange() {
        assertThatThrownBy(() -> builder.proxies(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxies must be 1 to 9, but is 0");
        assertThatThrownBy(() -> builder.brokers(10)).hasMessage("brokers must be 1 to 9, but is 10");
    }

    @Test
    void refusesSeveralServersAndLinksInLocalMode() {
        builder.proxies(2);

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("proxies=2")
                .hasMessageContaining("use proxyMode(ProxyMode.CLUSTER)");
    }

    @Test
    void refusesNativeLiteTopicsInLocalMode() {
        builder.nativeLite();

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nativeLite")
                .hasMessageContaining("use proxyMode(ProxyMode.CLUSTER)");
    }
}
