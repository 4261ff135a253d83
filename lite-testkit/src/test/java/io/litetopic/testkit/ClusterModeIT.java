package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClusterModeIT {
    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().proxyMode(ProxyMode.CLUSTER));

    private final OfficialClient client = new OfficialClient(cluster.grpcEndpoints());

    @BeforeAll
    static void createTopics() {
        cluster.createTopic("greetings", TopicType.NORMAL, 2);
        cluster.createGroup("readers", false);
    }

    @Test
    void everyServerHasAProcessOfItsOwn() {
        assertThat(new long[] {
                    cluster.nameServer().pid(),
                    cluster.broker().pid(),
                    cluster.proxy().pid()
                })
                .doesNotHaveDuplicates();
        assertThat(cluster.proxy().name()).isEqualTo("proxy");
        assertThat(cluster.broker().name()).isEqualTo("broker");
    }

    @Test
    void officialClientSendsAndReceives() throws Exception {
        client.send("greetings", "hello");

        assertThat(client.receive("greetings", "readers")).isEqualTo("hello");
    }

    @Test
    void messageIsStillThereAfterBrokerAndProxyWereKilledAndRestarted() throws Exception {
        client.send("greetings", "still here");

        cluster.broker().kill();
        cluster.proxy().kill();

        assertThat(cluster.nameServer().isAlive()).isTrue();
        cluster.broker().restart();
        cluster.proxy().restart();
        assertThat(client.receive("greetings", "readers")).isEqualTo("still here");
    }

    @Test
    void restartedNameServerKnowsTheRoutesAgain() throws Exception {
        int nameServerPort = Integer.parseInt(cluster.nameServerAddress().split(":")[1]);
        cluster.nameServer().kill();

        cluster.nameServer().restart();

        assertThat(RemotingProbe.routeOf("greetings", nameServerPort)).isEqualTo(RemotingProbe.SUCCESS);
        cluster.createTopic("late", TopicType.FIFO, 1);
        assertThat(cluster.mqadmin("topicList").output()).contains("late");
    }
}
