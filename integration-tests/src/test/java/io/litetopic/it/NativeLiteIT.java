package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.time.Duration;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our client at brokers that have lite topics of their own, without the plugin. */
class NativeLiteIT {
    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(
            StockCluster.builder().nativeLite().proxyMode(ProxyMode.CLUSTER));

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
    void aFifoTopicIsConsumedAsPlainFifo() throws Exception {
        Deliveries deliveries = new Deliveries();
        try (Producer producer = LiteClients.producer(cluster.get(), "plain");
                LitePushConsumer consumer =
                        LiteClients.consumer(cluster.get(), "plain", "plain-workers", message -> {
                            deliveries.add(message.getLiteTopic().orElse(""), OfficialClients.number(message));
                            return ConsumeResult.SUCCESS;
                        })) {
            assertThatThrownBy(() -> consumer.subscribeLite("user-1")).isInstanceOf(LitePluginMissingException.class);

            producer.send(LiteClients.message("plain", "user-1", 0));
            producer.send(LiteClients.message("plain", "user-1", 1));

            await().atMost(Duration.ofSeconds(60)).until(() -> deliveries.total() >= 2);
            assertThat(deliveries.of("user-1")).containsExactly(0, 1);
        }
    }
}
