package io.litetopic.samples;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;

/** Consumes the lite topics of two users and suspends one of them now and then. Runs until it is stopped. */
public final class LitePushConsumerSample {

    private LitePushConsumerSample() {}

    public static void main(String[] args) throws ClientException {
        LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        ClientConfiguration clientConfiguration = SampleSettings.clientConfiguration();
        // tag::consumer[]
        LitePushConsumer consumer = provider.newLitePushConsumerBuilder()
                .setClientConfiguration(clientConfiguration)
                .bindTopic(SampleSettings.topic())
                .setConsumerGroup(SampleSettings.group())
                .setMessageListener(messageView -> {
                    String userId = messageView.getLiteTopic().orElseThrow(IllegalStateException::new);
                    if (shouldThrottle(userId)) {
                        return ConsumeResultSuspend.of(Duration.ofMillis(100));
                    }
                    process(messageView);
                    return ConsumeResult.SUCCESS;
                })
                .build();
        consumer.subscribeLite("user-1");
        consumer.subscribeLite("user-2");
        Set<String> subscribed = consumer.getLiteTopicSet();
        // end::consumer[]
        System.out.println("subscribed to " + subscribed);
        SampleSettings.closeOnExit(consumer);
    }

    private static boolean shouldThrottle(String userId) {
        return userId.equals("user-2") && ThreadLocalRandom.current().nextInt(3) == 0;
    }

    private static void process(MessageView messageView) {
        System.out.println(
                messageView.getLiteTopic().orElse("") + ": " + StandardCharsets.UTF_8.decode(messageView.getBody()));
    }
}
