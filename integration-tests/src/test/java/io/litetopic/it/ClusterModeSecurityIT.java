package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.Status;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The proxy apart from its broker, both with authentication and authorization: the proxy asks the broker for users and rights. */
class ClusterModeSecurityIT {
    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .proxyMode(ProxyMode.CLUSTER)
            .accessControl("admin", "admin-secret")
            .litePluginConfig("bindTopics: { inference: { groups: { workers: {} } } }"));

    @BeforeAll
    static void createUsers() {
        AccessUsers users = new AccessUsers(cluster.get());
        users.create("entitled", "Topic:inference,Group:workers");
        users.create("notopic", "Group:workers");
        users.create("nogroup", "Topic:inference");
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void refusesWhoLacksCredentialsOrRights(LiteRpc rpc) {
        try (SignedClient anonymous = SignedClient.anonymous(cluster.grpcEndpoints());
                SignedClient wrongPassword = SignedClient.of(cluster.grpcEndpoints(), "entitled", "other");
                SignedClient noTopic = client("notopic");
                SignedClient noGroup = client("nogroup")) {
            assertCode(rpc.call(anonymous), Code.UNAUTHORIZED);
            assertCode(rpc.call(wrongPassword), Code.UNAUTHORIZED);
            assertCode(rpc.call(noTopic), Code.UNAUTHORIZED);
            if (rpc.namesGroup()) {
                assertCode(rpc.call(noGroup), Code.UNAUTHORIZED);
            }
        }
    }

    @Test
    void servesWhoHasTheRights() {
        try (SignedClient client = client("entitled")) {
            assertCode(client.telemetry("inference", "workers"), Code.OK);
            assertCode(client.subscribe("inference", "workers", "user-7"), Code.OK);
            assertCode(client.sendLite("inference", "user-7"), Code.OK);

            List<Message> messages = client.receive("inference", "workers", Duration.ofSeconds(10))
                    .messages();

            assertThat(messages).hasSize(1);
            assertCode(
                    client.ack(
                            "inference",
                            "workers",
                            messages.get(0).getSystemProperties().getReceiptHandle()),
                    Code.OK);
            assertCode(client.notifyTermination("workers"), Code.OK);
        }
    }

    private static SignedClient client(String user) {
        return SignedClient.of(cluster.grpcEndpoints(), user, AccessUsers.password(user));
    }

    private static void assertCode(Status status, Code code) {
        assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    }
}
