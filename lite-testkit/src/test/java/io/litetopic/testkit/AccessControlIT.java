package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AccessControlIT {
    @Test
    void clusterAsksForCredentialsAndItsOwnToolsHaveThem() throws Exception {
        try (StockCluster cluster =
                StockCluster.builder().accessControl("admin", "admin-secret").start()) {
            cluster.createTopic("greetings", TopicType.NORMAL, 1);
            int grpcPort = Integer.parseInt(cluster.grpcEndpoints().split(":")[1]);

            assertThat(RouteProbe.ask(grpcPort, "greetings", new SuperUser("admin", "admin-secret"))
                            .isOk())
                    .isTrue();
            assertThat(RouteProbe.ask(grpcPort, "greetings", new SuperUser("admin", "other-secret"))
                            .code())
                    .isEqualTo("UNAUTHORIZED");
            assertThat(RouteProbe.ask(grpcPort, "greetings").code()).isEqualTo("UNAUTHORIZED");
        }
    }
}
