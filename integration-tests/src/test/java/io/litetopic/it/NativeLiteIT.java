package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteException;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our client at brokers that have lite topics of their own, without the plugin. */
class NativeLiteIT {
    @RegisterExtension
    static final StockClusterExtension cluster =
            StockClusterExtension.of(StockCluster.builder().nativeLite().proxyMode(ProxyMode.CLUSTER));

    @BeforeAll
    static void prepare() {
        cluster.createTopic("native", TopicType.LITE, 2);
        cluster.createNativeLiteGroup("native-workers", "native");
        cluster.createTopic("plain", TopicType.FIFO, 2);
        cluster.createGroup("plain-workers", true);
    }

    @Test
    void consumerSaysThatTheBrokersOwnLiteTopicsAreNotServed() {
        assertThatThrownBy(() -> LiteClients.consumer(
                        cluster.get(), "native", "native-workers", message -> ConsumeResult.SUCCESS))
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("bindTopic=native")
                .hasMessageContaining("of type LITE")
                .hasMessageContaining("LitePushConsumer of the official client");
    }

    @Test
    void producerSaysThatTheBrokersOwnLiteTopicsAreNotServed() throws Exception {
        try (Producer producer = LiteClients.producer(cluster.get(), "native")) {
            assertThatThrownBy(() -> producer.send(LiteClients.message("native", "user-1", 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("topic=native, liteTopic=user-1")
                    .hasMessageContaining("official producer");
        }
    }

    @Test
    void fifoTopicsAtSuchAProxyAreNotTakenForThePluginsEither() throws Exception {
        assertThatThrownBy(() ->
                        LiteClients.consumer(cluster.get(), "plain", "plain-workers", message -> ConsumeResult.SUCCESS))
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("bindTopic=plain")
                .hasMessageContaining("RocketMQ 5.5.0 or later")
                .hasMessageContaining("without the LiteTopic plugin");
        try (Producer producer = LiteClients.producer(cluster.get(), "plain")) {
            assertThatThrownBy(() -> producer.send(LiteClients.message("plain", "user-1", 0)))
                    .isInstanceOf(LiteException.class)
                    .hasMessageContaining("topic=plain, liteTopic=user-1")
                    .hasMessageContaining("RocketMQ 5.5.0 or later");
        }
    }
}
