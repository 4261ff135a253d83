package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NativeLiteClusterIT {
    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().nativeLite().proxyMode(ProxyMode.CLUSTER));

    @Test
    void brokersHaveLiteTopicsOfTheirOwn() throws IOException {
        cluster.createTopic("inference", TopicType.LITE, 2);
        cluster.createNativeLiteGroup("workers", "inference");

        int grpcPort = Integer.parseInt(cluster.grpcEndpoints().split(":")[1]);
        assertThat(RouteProbe.ask(grpcPort, "inference").acceptedTypes()).containsExactly("LITE");
        assertThat(cluster.mqadmin("getConsumerConfig", "-g", "workers").output())
                .contains("lite.bind.topic")
                .contains("inference");
    }
}
