package io.litetopic.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);
    private static final String ONE = MemberId.of("one", "one:8081");
    private static final String TWO = MemberId.of("two", "two:8081");

    @Test
    void proxyThatIsAloneLeavesClientsTheAddressThatTheyUse() {
        assertThat(new ClusterView(ONE, List.of(ONE), Map.of(QUEUE, ONE), false).isShared())
                .isFalse();
    }

    @Test
    void proxyThatLeavesSendsClientsToTheOneThatStays() {
        ClusterView view = new ClusterView(ONE, List.of(TWO), Map.of(QUEUE, TWO), false);

        assertThat(view.isShared()).isTrue();
        assertThat(view.addressesOfOwners()).containsExactly("two:8081");
    }

    @Test
    void proxyThatLeavesAsTheLastOneLeavesClientsWhereTheyAre() {
        assertThat(new ClusterView(ONE, List.of(), Map.of(), false).isShared()).isFalse();
    }

    @Test
    void proxyThatIsLeftAloneKeepsItsAdvertisedAddress() {
        ClusterView view = new ClusterView(ONE, List.of(ONE), Map.of(QUEUE, ONE), true);

        assertThat(view.isShared()).isTrue();
        assertThat(view.addressesOfOwners()).containsExactly("one:8081");
    }
}
