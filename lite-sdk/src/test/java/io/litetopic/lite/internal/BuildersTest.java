package io.litetopic.lite.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePushConsumerBuilder;
import io.litetopic.lite.LiteSimpleConsumerBuilder;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.message.Message;
import org.junit.jupiter.api.Test;

class BuildersTest {

    private static final ClientConfiguration NOWHERE = ClientConfiguration.newBuilder()
            .setEndpoints("127.0.0.1:1")
            .setRequestTimeout(Duration.ofSeconds(1))
            .setMaxStartupAttempts(1)
            .enableSsl(false)
            .build();

    private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();

    @Test
    void providerIsLoadedOnce() {
        assertThat(LiteClientServiceProvider.loadService()).isSameAs(provider);
    }

    @Test
    void consumerNeedsAllMandatorySettings() {
        LitePushConsumerBuilder builder = provider.newLitePushConsumerBuilder();
        assertMissing(builder, "clientConfiguration");
        builder.setClientConfiguration(NOWHERE);
        assertMissing(builder, "consumerGroup");
        builder.setConsumerGroup("workers");
        assertMissing(builder, "messageListener or asyncMessageListener");
        builder.setMessageListener(message -> ConsumeResult.SUCCESS);
        assertMissing(builder, "bindTopic");
    }

    @Test
    void consumerSettingsAreCheckedAtTheCall() {
        LitePushConsumerBuilder builder = provider.newLitePushConsumerBuilder();

        assertThatThrownBy(() -> builder.bindTopic(" ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.setConsumerGroup("two words"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two words");
        assertThatThrownBy(() -> builder.setConsumptionThreadCount(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("consumptionThreadCount=0");
        assertThatThrownBy(() -> builder.setMaxCacheMessageCount(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.setMaxCacheMessageSizeInBytes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.setMaxConcurrency(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxConcurrency=0");
        assertThatThrownBy(() -> builder.setCloseTimeout(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("closeTimeout=PT-0.001S");
    }

    @Test
    void consumerRefusesSettingsThatContradictEachOther() {
        assertThatThrownBy(() -> builder()
                        .setMessageListener(message -> ConsumeResult.SUCCESS)
                        .setAsyncMessageListener(message -> CompletableFuture.completedFuture(ConsumeResult.SUCCESS))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("set one");
        assertThatThrownBy(() -> builder()
                        .setMessageListener(message -> ConsumeResult.SUCCESS)
                        .setMaxConcurrency(50)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxConcurrency=50")
                .hasMessageContaining("set consumptionThreadCount");
        assertThatThrownBy(() -> builder()
                        .setAsyncMessageListener(message -> CompletableFuture.completedFuture(ConsumeResult.SUCCESS))
                        .setConsumptionExecutor(Runnable::run)
                        .setConsumptionThreadCount(4)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("consumptionThreadCount=4")
                .hasMessageContaining("set maxConcurrency");
    }

    @Test
    void consumerThatReachesNoServerFailsWithItsAddressAndTheRemedy() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        ClientConfiguration configuration = ClientConfiguration.newBuilder()
                .setEndpoints("127.0.0.1:" + port)
                .setMaxStartupAttempts(1)
                .enableSsl(false)
                .build();

        assertThatThrownBy(() -> provider.newLitePushConsumerBuilder()
                        .setClientConfiguration(configuration)
                        .bindTopic("inference")
                        .setConsumerGroup("workers")
                        .setMessageListener(message -> ConsumeResult.SUCCESS)
                        .build())
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("inference")
                .hasMessageContaining("check the endpoints");
    }

    @Test
    void simpleConsumerChecksItsSettingsAtTheCallAndNeedsThemAll() {
        LiteSimpleConsumerBuilder builder = provider.newLiteSimpleConsumerBuilder();

        assertThatThrownBy(() -> builder.bindTopic(" ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.setConsumerGroup("two words")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.setAwaitDuration(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("awaitDuration=PT0S");
        builder.setClientConfiguration(NOWHERE).setConsumerGroup("workers").bindTopic("inference");
        assertThatThrownBy(builder::build)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("awaitDuration has not been set yet");
    }

    @Test
    void producerThatReachesNoServerFailsWithItsAddressAndTheRemedy() {
        assertThatThrownBy(() -> provider.newProducerBuilder()
                        .setClientConfiguration(NOWHERE)
                        .setTopics("inference")
                        .build())
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageContaining("inference")
                .hasMessageContaining("check the endpoints");
    }

    @Test
    void messageKeepsItsLiteTopic() {
        Message message = provider.newMessageBuilder()
                .setTopic("inference")
                .setLiteTopic("user-1")
                .setBody(new byte[] {1})
                .build();

        assertThat(message.getLiteTopic()).hasValue("user-1");
        assertThat(message.getMessageGroup()).isEmpty();
    }

    @Test
    void messageBuilderRefusesBadLiteTopics() {
        assertThatThrownBy(() -> provider.newMessageBuilder().setLiteTopic("x".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes=64");
    }

    private LitePushConsumerBuilder builder() {
        return provider.newLitePushConsumerBuilder()
                .setClientConfiguration(NOWHERE)
                .bindTopic("inference")
                .setConsumerGroup("workers");
    }

    private static void assertMissing(LitePushConsumerBuilder builder, String setting) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(NullPointerException.class)
                .hasMessage(setting + " has not been set yet");
    }
}
