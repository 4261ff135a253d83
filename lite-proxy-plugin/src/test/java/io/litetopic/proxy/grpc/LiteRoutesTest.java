package io.litetopic.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.Broker;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterView;
import io.litetopic.proxy.cluster.MemberId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiteRoutesTest {
    private static final Endpoints OF_STOCK = LiteRoutes.endpoints("10.0.0.1:8081");

    private static final Endpoints SEVERAL = Endpoints.newBuilder()
            .setScheme(OF_STOCK.getScheme())
            .addAddresses(OF_STOCK.getAddresses(0))
            .addAddresses(LiteRoutes.endpoints("10.0.0.2:8082").getAddresses(0))
            .build();
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);
    private static final String ONE = MemberId.of("one", "10.1.0.1:8081");
    private static final String TWO = MemberId.of("two", "10.1.0.2:8081");

    @Test
    void addsTheLiteTypeAndLeavesStocksAddressWhereNothingIsKnown() {
        MessageQueue queue = LiteRoutes.route(route(), SEVERAL, null).getMessageQueues(0);

        assertThat(queue.getBroker().getEndpoints()).isEqualTo(OF_STOCK);
        assertThat(queue.getAcceptMessageTypesList()).containsExactly(MessageType.FIFO, MessageType.LITE);
    }

    @Test
    void severalAddressesOfTheClientStayWithTheirPortsWhereThisProxyIsAlone() {
        ClusterView alone = new ClusterView(ONE, List.of(ONE), Map.of(QUEUE, ONE), false);

        assertThat(endpoints(SEVERAL, alone)).isEqualTo(SEVERAL);
    }

    @Test
    void singleAddressOfTheClientStaysAsStockHasIt() {
        ClusterView alone = new ClusterView(ONE, List.of(ONE), Map.of(QUEUE, ONE), false);

        assertThat(endpoints(LiteRoutes.endpoints("10.0.0.3:80"), alone)).isEqualTo(OF_STOCK);
    }

    @Test
    void queueIsShownAtItsOwnerWhereThereAreSeveralProxies() {
        ClusterView shared = new ClusterView(ONE, List.of(ONE, TWO), Map.of(QUEUE, TWO), true);

        assertThat(endpoints(SEVERAL, shared)).isEqualTo(LiteRoutes.endpoints("10.1.0.2:8081"));
    }

    @Test
    void queueThatNobodyOwnsIsShownAtAnOwner() {
        ClusterView shared =
                new ClusterView(ONE, List.of(ONE, TWO), Map.of(BrokerQueue.of("chat", "broker-b", 3), TWO), true);

        assertThat(endpoints(SEVERAL, shared)).isEqualTo(LiteRoutes.endpoints("10.1.0.2:8081"));
    }

    private static Endpoints endpoints(Endpoints accessPoint, ClusterView view) {
        return LiteRoutes.route(route(), accessPoint, view)
                .getMessageQueues(0)
                .getBroker()
                .getEndpoints();
    }

    private static QueryRouteResponse route() {
        return QueryRouteResponse.newBuilder()
                .addMessageQueues(MessageQueue.newBuilder()
                        .setTopic(Resource.newBuilder().setName("chat"))
                        .setBroker(Broker.newBuilder().setName("broker-a").setEndpoints(OF_STOCK))
                        .addAcceptMessageTypes(MessageType.FIFO))
                .build();
    }
}
