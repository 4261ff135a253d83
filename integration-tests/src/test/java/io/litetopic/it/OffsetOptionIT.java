package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.OffsetOption;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a new subscription starts: as its offset option says, and later messages follow. */
class OffsetOptionIT {
    private static final RawClient.Address WORKERS = new RawClient.Address("inference", "workers");

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }"));

    @Test
    void lastGoesOnWhereTheGroupIs() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "last", "a", "b");

            subscribe(client, "last", OffsetOption.newBuilder().setPolicy(OffsetOption.Policy.LAST));

            assertThat(bodies(consume(client, 2))).containsExactly("a", "b");
        }
    }

    @Test
    void maxLeavesOutWhatWaits() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "max", "a", "b");

            subscribe(client, "max", OffsetOption.newBuilder().setPolicy(OffsetOption.Policy.MAX));
            send(client, "max", "c");

            assertThat(bodies(consume(client, 1))).containsExactly("c");
            assertThat(client.receive(WORKERS, 1).messages()).isEmpty();
        }
    }

    @Test
    void minBringsBackWhatTheGroupHasConsumed() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "min", "a", "b");
            subscribe(client, "min", OffsetOption.newBuilder());
            assertThat(bodies(consume(client, 2))).containsExactly("a", "b");
            unsubscribe(client, "min");

            subscribe(client, "min", OffsetOption.newBuilder().setPolicy(OffsetOption.Policy.MIN));
            send(client, "min", "c");

            assertThat(bodies(consume(client, 3))).containsExactly("a", "b", "c");
        }
    }

    @Test
    void offsetIsThatOfAMessageReceivedBefore() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "offset", "a", "b", "c");
            subscribe(client, "offset", OffsetOption.newBuilder());
            List<Message> before = consume(client, 3);
            unsubscribe(client, "offset");

            subscribe(
                    client,
                    "offset",
                    OffsetOption.newBuilder()
                            .setOffset(before.get(1).getSystemProperties().getQueueOffset()));

            assertThat(bodies(consume(client, 2))).containsExactly("b", "c");
        }
    }

    @Test
    void tailIsTheLastMessagesOfTheLiteTopicAlone() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "tail", "a", "b", "c");
            send(client, "neighbour", "x", "y", "z");

            subscribe(client, "tail", OffsetOption.newBuilder().setTailN(2));
            send(client, "tail", "d");

            assertThat(bodies(consume(client, 3))).containsExactly("b", "c", "d");
            assertThat(client.receive(WORKERS, 1).messages()).isEmpty();
        }
    }

    @Test
    void timestampLeavesOutWhatWasStoredBefore() {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            send(client, "timestamp", "a", "b");
            long sentAt = System.currentTimeMillis();
            await().until(() -> System.currentTimeMillis() > sentAt + 1);
            long mark = System.currentTimeMillis();
            send(client, "timestamp", "c", "d");

            subscribe(client, "timestamp", OffsetOption.newBuilder().setTimestamp(mark));

            assertThat(bodies(consume(client, 2))).containsExactly("c", "d");
        }
    }

    private static void send(RawClient client, String liteTopic, String... bodies) {
        for (String body : bodies) {
            assertThat(client.sendLite("inference", liteTopic, body).getCode()).isEqualTo(Code.OK);
        }
    }

    private static void subscribe(RawClient client, String liteTopic, OffsetOption.Builder option) {
        assertThat(client.sync(LiteSubscriptionAction.PARTIAL_ADD, WORKERS, option.build(), liteTopic)
                        .getCode())
                .isEqualTo(Code.OK);
    }

    private static void unsubscribe(RawClient client, String liteTopic) {
        assertThat(client.sync(LiteSubscriptionAction.PARTIAL_REMOVE, WORKERS, liteTopic)
                        .getCode())
                .isEqualTo(Code.OK);
    }

    /** Receives and acks so many messages. */
    private static List<Message> consume(RawClient client, int count) {
        List<Message> messages = new ArrayList<>();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            for (Message message : client.receive(WORKERS, 10).messages()) {
                messages.add(message);
                assertThat(client.ack(WORKERS, message.getSystemProperties().getReceiptHandle())
                                .getCode())
                        .isEqualTo(Code.OK);
            }
            return messages.size() >= count;
        });
        return messages;
    }

    private static List<String> bodies(List<Message> messages) {
        return messages.stream()
                .map(message -> message.getBody().toStringUtf8())
                .toList();
    }
}
