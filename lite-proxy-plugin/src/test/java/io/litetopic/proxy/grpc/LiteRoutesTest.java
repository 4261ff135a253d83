package io.litetopic.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.Broker;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import org.junit.jupiter.api.Test;

class LiteRoutesTest {
    private static final Endpoints OF_STOCK = LiteRoutes.endpoints("10.0.0.1:8081");

    @Test
    void addsTheLiteTypeAndLeavesStocksAddressWhereNothingIsKnown() {
        Endpoints several = Endpoints.newBuilder()
                .setScheme(OF_STOCK.getScheme())
                .addAddresses(OF_STOCK.getAddresses(0))
                .addAddresses(LiteRoutes.endpoints("10.0.0.2:8082").getAddresses(0))
                .build();

        MessageQueue queue = LiteRoutes.route(route(), several, null).getMessageQueues(0);

        assertThat(queue.getBroker().getEndpoints()).isEqualTo(OF_STOCK);
        assertThat(queue.getAcceptMessageTypesList()).containsExactly(MessageType.FIFO, MessageType.LITE);
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
