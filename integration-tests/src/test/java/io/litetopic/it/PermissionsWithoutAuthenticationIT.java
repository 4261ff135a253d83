package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rules for users that the proxy does not know: nobody is let in. */
class PermissionsWithoutAuthenticationIT {
    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().awaitLite(false).litePluginConfig("""
                    bindTopics:
                      chat:
                        permissions: [ { user: tenant-a, liteTopics: "*", actions: [PUB, SUB] } ]
                        groups: { chatters: {} }
                      open:
                        groups: { workers: {} }
                    """));

    @Test
    void topicWithPermissionsIsClosedAndTheOthersAreServed() {
        try (SignedClient client = SignedClient.of(cluster.grpcEndpoints(), "tenant-a", "any")) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(client.sendLite("open", "user-1").getCode())
                                    .isEqualTo(Code.OK));

            assertClosed(client.sendLite("chat", "user-1"));
            assertClosed(client.queryRoute("chat"));
            assertClosed(client.telemetry("chat", "chatters"));
            assertClosed(client.subscribe("chat", "chatters", "user-1"));
            assertClosed(
                    client.receive("chat", "chatters", Duration.ofSeconds(1)).status());
            assertClosed(client.receive("chat", "others", Duration.ofSeconds(1)).status());
            assertClosed(client.ack("chat", "chatters", "any"));
            assertThat(cluster.proxy().logTail(200))
                    .contains("bind topic 'chat' is NOT SERVED: it has permissions", "set authenticationEnabled");
        }
    }

    private static void assertClosed(Status status) {
        assertThat(status.getCode()).as(status.toString()).isEqualTo(Code.FORBIDDEN);
        assertThat(status.getMessage()).contains("bind topic 'chat' is closed", "set authenticationEnabled");
    }
}
