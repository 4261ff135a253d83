package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.QueryAssignmentResponse;
import apache.rocketmq.v2.Settings;
import apache.rocketmq.v2.TelemetryCommand;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that says what it is with the type that later clients use: a simple consumer of lite topics. */
class LiteSimpleConsumerIT {
    private static final RawClient.Address WORKERS = new RawClient.Address("inference", "workers");
    private static final Duration LONG = Duration.ofMinutes(5);

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            .litePluginConfig("bindTopics: { inference: { groups: { workers: { mode: shared } } } }"));

    @Test
    void isAnsweredWithItsTypeAndLimitsAndKnownWithoutASubscription() throws Exception {
        try (RawClient client = new RawClient(cluster.grpcEndpoints())) {
            Settings settings = declare(client);

            assertThat(settings.getClientType()).isEqualTo(ClientType.LITE_SIMPLE_CONSUMER);
            assertThat(settings.getSubscription().getLiteSubscriptionQuota()).isEqualTo(2_000);
            assertThat(settings.getSubscription().getMaxLiteTopicSize()).isEqualTo(63);
            assertThat(settings.hasBackoffPolicy()).isTrue();
            assertThat(client.heartbeat(ClientType.LITE_SIMPLE_CONSUMER, WORKERS)
                            .getCode())
                    .isEqualTo(Code.OK);
            QueryAssignmentResponse assignments = client.queryAssignment(WORKERS);
            assertThat(assignments.getStatus().getCode()).isEqualTo(Code.OK);
            assertThat(assignments.getAssignmentsList()).hasSizeBetween(1, 4);
            assertThat(client.receive(WORKERS, 1, LONG).status().getCode()).isEqualTo(Code.MESSAGE_NOT_FOUND);
            assertThat(client.terminate(WORKERS).getCode()).isEqualTo(Code.OK);
        }
    }

    @Test
    void getsSeveralMessagesOfALiteTopicInOrderAndAcksThemOneByOne() throws Exception {
        try (RawClient client = subscriber("several")) {
            send(client, "several", 5);

            List<Message> messages = new ArrayList<>();
            await().until(() -> {
                messages.addAll(client.receive(WORKERS, 10, LONG).messages());
                return messages.size() == 5;
            });

            assertThat(bodies(messages)).containsExactly("0", "1", "2", "3", "4");
            assertThat(messages)
                    .allSatisfy(message -> assertThat(client.ack(WORKERS, "several", handle(message))
                                    .getCode())
                            .isEqualTo(Code.OK));
            assertThat(client.ack(WORKERS, "several", handle(messages.get(0))).getCode())
                    .isEqualTo(Code.INVALID_RECEIPT_HANDLE);
        }
    }

    @Test
    void deliveryComesBackWhenItsInvisibleDurationIsOver() throws Exception {
        try (RawClient client = subscriber("hidden")) {
            send(client, "hidden", 1);
            long receivedAt = System.nanoTime();
            Message first = client.receive(WORKERS, 1, Duration.ofMillis(1_500))
                    .messages()
                    .get(0);

            Message second = client.receive(WORKERS, 1, LONG).messages().get(0);

            assertThat(System.nanoTime() - receivedAt)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(1_500).toNanos());
            assertThat(first.getSystemProperties().getDeliveryAttempt()).isEqualTo(1);
            assertThat(second.getSystemProperties().getDeliveryAttempt()).isEqualTo(2);
            assertThat(client.ack(WORKERS, handle(first)).getCode()).isEqualTo(Code.INVALID_RECEIPT_HANDLE);
            assertThat(client.ack(WORKERS, handle(second)).getCode()).isEqualTo(Code.OK);
        }
    }

    @Test
    void changesTheInvisibleDurationAndSuspends() throws Exception {
        try (RawClient client = subscriber("changed")) {
            send(client, "changed", 1);
            Message held =
                    client.receive(WORKERS, 1, Duration.ofSeconds(1)).messages().get(0);
            assertThat(client.changeInvisibleDuration(WORKERS, handle(held), LONG)
                            .getCode())
                    .isEqualTo(Code.OK);
            assertThat(client.receive(WORKERS, 1, LONG).status().getCode()).isEqualTo(Code.MESSAGE_NOT_FOUND);

            long suspendedAt = System.nanoTime();
            assertThat(client.suspend(WORKERS, "changed", handle(held), Duration.ofMillis(700))
                            .getCode())
                    .isEqualTo(Code.OK);
            Message again = client.receive(WORKERS, 1, LONG).messages().get(0);

            assertThat(System.nanoTime() - suspendedAt)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(700).toNanos());
            assertThat(again.getSystemProperties().getDeliveryAttempt())
                    .as("a suspend is no attempt")
                    .isEqualTo(1);
            assertThat(client.ack(WORKERS, handle(again)).getCode()).isEqualTo(Code.OK);
        }
    }

    @Test
    void mustSayForHowLongItTakesMessages() throws Exception {
        try (RawClient client = subscriber("endless")) {
            var answer = client.receive(WORKERS, 1, null);

            assertThat(answer.status().getCode()).isEqualTo(Code.ILLEGAL_INVISIBLE_TIME);
            assertThat(answer.status().getMessage()).contains("requested=none", "set invisible_duration");
        }
    }

    /** Declared, then subscribed. */
    private static RawClient subscriber(String liteTopic) throws InterruptedException {
        RawClient client = new RawClient(cluster.grpcEndpoints());
        declare(client);
        assertThat(client.sync(LiteSubscriptionAction.PARTIAL_ADD, WORKERS, liteTopic)
                        .getCode())
                .isEqualTo(Code.OK);
        return client;
    }

    private static Settings declare(RawClient client) throws InterruptedException {
        TelemetryCommand answer =
                client.declare(ClientType.LITE_SIMPLE_CONSUMER, WORKERS).poll(10, TimeUnit.SECONDS);
        assertThat(answer).isNotNull();
        return answer.getSettings();
    }

    private static void send(RawClient client, String liteTopic, int messages) {
        for (int number = 0; number < messages; number++) {
            assertThat(client.sendLite("inference", liteTopic, String.valueOf(number))
                            .getCode())
                    .isEqualTo(Code.OK);
        }
    }

    private static List<String> bodies(List<Message> messages) {
        return messages.stream()
                .map(message -> message.getBody().toStringUtf8())
                .toList();
    }

    private static String handle(Message message) {
        return message.getSystemProperties().getReceiptHandle();
    }
}
