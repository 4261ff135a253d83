package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StockClusterExtensionTest {
    @Test
    void accessorsSayHowToRegisterWhenNoTestIsRunning() {
        StockClusterExtension unregistered = StockClusterExtension.of(StockCluster.builder());

        assertThatThrownBy(unregistered::grpcEndpoints)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@RegisterExtension");
    }
}
