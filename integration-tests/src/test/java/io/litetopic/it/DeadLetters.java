package io.litetopic.it;

import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;

/** What operators find in the dead letter queue of a group, with an ordinary consumer. */
final class DeadLetters {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private DeadLetters() {}

    /** Waits until the queue has so many and returns what it has; call it for a queue that exists. */
    static List<MessageView> of(StockCluster cluster, String group, int count) throws Exception {
        String topic = "%DLQ%" + group;
        String reader = group + "-dlq-reader";
        // The dead letter queue is a stock topic; giving it read permission is how operators look into it.
        new Mqadmin(cluster).run("updateTopicPerm", "-b", cluster.brokerAddress(), "-t", topic, "-p", "6");
        cluster.createGroup(reader, false);
        List<MessageView> found = new CopyOnWriteArrayList<>();
        try (PushConsumer ignored = OfficialClients.PROVIDER
                .newPushConsumerBuilder()
                .setClientConfiguration(OfficialClients.configuration(cluster))
                .setConsumerGroup(reader)
                .setSubscriptionExpressions(Map.of(topic, FilterExpression.SUB_ALL))
                .setMessageListener(message -> {
                    found.add(message);
                    return ConsumeResult.SUCCESS;
                })
                .build()) {
            await().atMost(TIMEOUT).until(() -> found.size() >= count);
            return List.copyOf(found);
        }
    }
}
