package io.litetopic.samples;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;

/**
 * Replies that find their session: every chat session is a lite topic, to which the server that holds the user's
 * connection subscribes for as long as the session lasts. Replies come in order, also those sent before the subscription.
 */
public final class ChatSessionsSample {

    private static final String LAST = "(end)";

    /** Sessions whose users are connected to this server; the future ends with the last reply. */
    private final Map<String, CompletableFuture<Void>> sessions = new ConcurrentHashMap<>();

    private ChatSessionsSample() {}

    public static void main(String[] args) throws ClientException, IOException {
        new ChatSessionsSample().run();
    }

    private void run() throws ClientException, IOException {
        LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        ClientConfiguration clientConfiguration = SampleSettings.clientConfiguration();
        try (LitePushConsumer consumer = provider.newLitePushConsumerBuilder()
                        .setClientConfiguration(clientConfiguration)
                        .bindTopic(SampleSettings.topic())
                        .setConsumerGroup(SampleSettings.group())
                        .setMessageListener(this::pushToUser)
                        .build();
                Producer producer = provider.newProducerBuilder()
                        .setClientConfiguration(clientConfiguration)
                        .setTopics(SampleSettings.topic())
                        .build()) {
            for (int i = 1; i <= 3; i++) {
                String session = "chat/" + UUID.randomUUID();
                CompletableFuture<Void> ended = new CompletableFuture<>();
                sessions.put(session, ended);
                consumer.subscribeLite(session);
                reply(provider, producer, session);
                ended.join();
                consumer.unsubscribeLite(session);
                sessions.remove(session);
            }
            System.out.println("sessions left: " + consumer.getLiteTopicSet());
        }
    }

    /** The model's side: streams an answer in pieces to the session, wherever its user is connected. */
    private static void reply(LiteClientServiceProvider provider, Producer producer, String session)
            throws ClientException {
        for (String piece : new String[] {"Hello", "from", "a", "lite", "topic", LAST}) {
            producer.send(provider.newMessageBuilder()
                    .setTopic(SampleSettings.topic())
                    .setLiteTopic(session)
                    .setBody(piece.getBytes(StandardCharsets.UTF_8))
                    .build());
        }
    }

    private ConsumeResult pushToUser(MessageView messageView) {
        String session = messageView.getLiteTopic().orElseThrow(IllegalStateException::new);
        String piece = StandardCharsets.UTF_8.decode(messageView.getBody()).toString();
        System.out.println(session + ": " + piece);
        CompletableFuture<Void> ended = sessions.get(session);
        if (piece.equals(LAST) && ended != null) {
            ended.complete(null);
        }
        return ConsumeResult.SUCCESS;
    }
}
