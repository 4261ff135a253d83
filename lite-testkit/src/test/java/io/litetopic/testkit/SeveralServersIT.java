package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two proxies and two brokers, with links between them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeveralServersIT {
    private static final Duration RECOVERY = Duration.ofSeconds(30);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .proxyMode(ProxyMode.CLUSTER)
            .proxies(2)
            .brokers(2)
            .faultLinks());

    private final OfficialClient first = new OfficialClient(cluster.get().grpcEndpoints(0));
    private final OfficialClient second = new OfficialClient(cluster.get().grpcEndpoints(1));

    @BeforeAll
    static void createTopics() {
        cluster.createTopic("greetings", TopicType.NORMAL, 1);
        cluster.createGroup("readers", false);
    }

    @Test
    @Order(1)
    void topicIsOnAllBrokersAndServedByAllProxies() throws Exception {
        assertThat(cluster.mqadmin("topicRoute", "-t", "greetings").output()).contains("broker-a", "broker-b");

        first.send("greetings", "to the first");
        assertThat(second.receive("greetings", "readers")).isEqualTo("to the first");
    }

    @Test
    @Order(1)
    void proxyWhoseLinksAreCutFailsWhileTheOtherServes() throws Exception {
        for (int broker = 0; broker < 2; broker++) {
            cluster.get().brokerLink(1, broker).cut();
        }
        try {
            assertThatThrownBy(() -> second.send("greetings", "into the void")).isNotNull();
            first.send("greetings", "around the cut");
            assertThat(first.receive("greetings", "readers")).isEqualTo("around the cut");
        } finally {
            for (int broker = 0; broker < 2; broker++) {
                cluster.get().brokerLink(1, broker).heal();
            }
        }
        await().atMost(RECOVERY).ignoreExceptions().untilAsserted(() -> second.send("greetings", "healed"));
        assertThat(second.receive("greetings", "readers")).isEqualTo("healed");
    }

    @Test
    @Order(1)
    void brokerThatRefusesWritesAcceptsThemAgain() throws Exception {
        refuseWritesOnAllBrokers(true);
        try {
            assertThatThrownBy(() -> first.send("greetings", "refused"))
                    .hasStackTraceContaining("broker unable to service");
        } finally {
            refuseWritesOnAllBrokers(false);
        }
        first.send("greetings", "accepted");
        assertThat(first.receive("greetings", "readers")).isEqualTo("accepted");
    }

    @Test
    @Order(2) // ends the first proxy
    void addedProxyServesWithFolderAndLinksOfItsOwnWhenAnotherIsDown() throws Exception {
        ServerProcess added = cluster.get().addProxy();

        assertThat(added.name()).isEqualTo("proxy-3");
        assertThat(cluster.get().proxies()).hasSize(3).endsWith(added);
        assertThat(cluster.get().brokerLink(2, 0).name()).isEqualTo("proxy-3 to broker-a");
        new OfficialClient(cluster.get().grpcEndpoints(2)).send("greetings", "to the third");
        cluster.proxy().kill();
        OfficialClient all = new OfficialClient(cluster.grpcEndpoints());
        assertThat(all.receive("greetings", "readers")).isEqualTo("to the third");
    }

    @Test
    @Order(1)
    void everyServerHasAProcessOfItsOwn() throws IOException {
        List<ServerProcess> proxies = cluster.get().proxies();
        List<ServerProcess> brokers = cluster.get().brokers();

        assertThat(proxies).extracting(ServerProcess::name).startsWith("proxy", "proxy-2");
        assertThat(brokers).extracting(ServerProcess::name).containsExactly("broker", "broker-b");
        assertThat(cluster.dataDirectory().resolve("store-broker-b/commitlog")).isDirectory();
        for (int broker = 0; broker < 2; broker++) {
            int port = Integer.parseInt(cluster.get().brokerAddress(broker).split(":", -1)[1]);
            assertThat(RemotingProbe.brokerStatus(port)).isEqualTo(RemotingProbe.SUCCESS);
        }
    }

    private static void refuseWritesOnAllBrokers(boolean refuse) {
        IntStream.range(0, 2).parallel().forEach(broker -> cluster.get().refuseWrites(broker, refuse));
    }
}
