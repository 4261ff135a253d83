package io.litetopic.samples;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.SendReceipt;

/** Sends a few messages to the lite topics given as arguments, by default those of two users. */
public final class LiteProducerSample {

    private LiteProducerSample() {}

    public static void main(String[] args) throws ClientException, IOException {
        List<String> liteTopics = args.length > 0 ? List.of(args) : List.of("user-1", "user-2");
        LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        try (Producer producer = provider.newProducerBuilder()
                .setClientConfiguration(SampleSettings.clientConfiguration())
                .setTopics(SampleSettings.topic())
                .build()) {
            for (int i = 1; i <= 10; i++) {
                for (String liteTopic : liteTopics) {
                    send(provider, producer, liteTopic, "message " + i);
                }
            }
        }
    }

    private static void send(LiteClientServiceProvider provider, Producer producer, String liteTopic, String text)
            throws ClientException {
        Message message = provider.newMessageBuilder()
                .setTopic(SampleSettings.topic())
                .setLiteTopic(liteTopic)
                .setKeys(liteTopic + "/" + text)
                .setBody(text.getBytes(StandardCharsets.UTF_8))
                .build();
        try {
            SendReceipt receipt = producer.send(message);
            System.out.println("sent to " + liteTopic + ": " + receipt.getMessageId());
        } catch (LiteTopicQuotaExceededException e) {
            // Only a lite topic that does not exist yet meets the quota: send again once idle ones have expired.
            System.err.println(e.getMessage());
        }
    }
}
