package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.Status;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes of operators: each is named together with its remedy, and stock traffic is served all the same. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // each also runs alone; this order needs the fewest restarts
class BadConfigurationIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern COMMAND = Pattern.compile("run: mqadmin ([^;]+)");

    private static final String MALFORMED = """
            bindTopics:
              inference:
                ttl: soon
                groups:
                  workers: { mode: shared, colour: red }
            """;

    private static final String WELL_FORMED = """
            bindTopics:
              inference:
                groups:
                  workers: { mode: shared }
              chat:
                groups:
                  chatters: { mode: shared, maxAttempts: 3 }
            """;

    private static final RawClient.Address WORKERS = new RawClient.Address("inference", "workers");
    private static final RawClient.Address CHATTERS = new RawClient.Address("chat", "chatters");

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(
            StockCluster.builder().litePluginConfig(MALFORMED).awaitLite(false));

    private final Mqadmin mqadmin = new Mqadmin(cluster.get());

    @BeforeAll
    static void createOrdinaryTopicAndGroup() {
        cluster.createTopic("inference", TopicType.NORMAL, 4);
        cluster.createGroup("chatters", false);
    }

    @Test
    @Order(1)
    void malformedFileIsNamedWithLineAndKeyAndOnlyStockTrafficIsServed() throws Exception {
        startedWith(MALFORMED);

        assertThat(standardError().lines().filter(line -> line.startsWith("litetopic: NOT ACTIVE")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line)
                        .contains(configFile() + ":3:10: bindTopics.inference.ttl: 'soon' is not a duration; write")
                        .contains(configFile()
                                + ":5:32: bindTopics.inference.groups.workers.colour: unknown key; known here:")
                        .endsWith(
                                "stock traffic is served, lite topics are not: put this right and restart the proxy"));
        assertStockTrafficIsServed();
        assertThatThrownBy(() -> LiteClientServiceProvider.loadService()
                        .newLitePushConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .bindTopic("inference")
                        .setConsumerGroup("workers")
                        .setMessageListener(view -> ConsumeResult.SUCCESS)
                        .build())
                .isInstanceOf(LitePluginMissingException.class)
                .hasMessageContainingAll("without the LiteTopic plugin", "look into its log", "did not start");
    }

    @Test
    @Order(2)
    void unfitTopicAndGroupAreRefusedWithTheCommandThatMakesThemFit(@TempDir Path exports) throws Exception {
        startedWith(WELL_FORMED);

        List<String> commands = new ArrayList<>();
        try (RawClient raw = new RawClient(cluster.grpcEndpoints())) {
            String topicRefused = refusal(raw, WORKERS);
            assertThat(topicRefused)
                    .contains("topic 'inference' on broker " + cluster.brokerAddress() + " has message type NORMAL but"
                            + " FIFO is needed");
            commands.add(commandIn(topicRefused));
            String groupRefused = refusal(raw, CHATTERS);
            assertThat(groupRefused)
                    .contains("consumer group 'chatters' on broker " + cluster.brokerAddress() + " is not orderly");
            commands.add(commandIn(groupRefused));
        }

        String nameServer = "'" + cluster.nameServerAddress() + "'";
        assertThat(commands)
                .containsExactly(
                        "updateTopic -n " + nameServer
                                + " -c DefaultCluster -t inference -r 4 -w 4 -a +message.type=FIFO",
                        "updateSubGroup -n " + nameServer + " -c DefaultCluster -g chatters -s true -o true -q 1 -r 2");
        assertThat(standardError())
                .contains("litetopic: bind topic 'inference' is NOT SERVED: ", "run: mqadmin " + commands.get(0))
                .contains("litetopic: bind topic 'chat' is NOT SERVED: ", "run: mqadmin " + commands.get(1));
        assertThat(mqadmin.exportMetadata(exports)).doesNotContain("\"chat\":", "\"workers\":");
        assertStockTrafficIsServed();

        for (String command : commands) {
            mqadmin.run(command.replace("'", "").split(" "));
        }
        restart();

        assertLiteTopicsAreServed(WORKERS);
        assertLiteTopicsAreServed(CHATTERS);
    }

    private static void assertLiteTopicsAreServed(RawClient.Address address) {
        String liteTopic = UUID.randomUUID().toString();
        try (RawClient raw = new RawClient(cluster.grpcEndpoints())) {
            await().atMost(PATIENCE)
                    .until(() -> raw.sync(LiteSubscriptionAction.COMPLETE_ADD, address, liteTopic)
                                    .getCode()
                            == Code.OK);
            assertThat(raw.sendLite(address.topic(), liteTopic, "hello").getCode())
                    .isEqualTo(Code.OK);
            List<Message> messages = raw.receive(address, 1).messages();
            assertThat(messages)
                    .singleElement()
                    .satisfies(message ->
                            assertThat(message.getBody().toStringUtf8()).isEqualTo("hello"));
            assertThat(raw.ack(address, messages.get(0).getSystemProperties().getReceiptHandle())
                            .getCode())
                    .isEqualTo(Code.OK);
        }
    }

    /** What the server answers once it has found out that it cannot serve the topic. */
    private static String refusal(RawClient raw, RawClient.Address address) {
        Status refused = await().atMost(PATIENCE)
                .until(
                        () -> raw.sync(LiteSubscriptionAction.COMPLETE_ADD, address, "any"),
                        status -> status.getMessage().contains("cannot be used"));
        assertThat(refused.getCode()).isNotEqualTo(Code.OK);
        return refused.getMessage();
    }

    private static String commandIn(String refusal) {
        Matcher command = COMMAND.matcher(refusal);
        assertThat(command.find()).as(refusal).isTrue();
        return command.group(1).trim();
    }

    private static void assertStockTrafficIsServed() throws Exception {
        byte[] body = OfficialClients.body(7);
        try (Producer producer = OfficialClients.producer(cluster.get(), "inference");
                SimpleConsumer consumer = OfficialClients.PROVIDER
                        .newSimpleConsumerBuilder()
                        .setClientConfiguration(OfficialClients.configuration(cluster.get()))
                        .setConsumerGroup("readers")
                        .setAwaitDuration(Duration.ofSeconds(5))
                        .setSubscriptionExpressions(Map.of("inference", FilterExpression.SUB_ALL))
                        .build()) {
            producer.send(OfficialClients.PROVIDER
                    .newMessageBuilder()
                    .setTopic("inference")
                    .setBody(body)
                    .build());
            List<MessageView> received = await().atMost(PATIENCE)
                    .until(() -> consumer.receive(1, Duration.ofMinutes(1)), messages -> !messages.isEmpty());
            assertThat(received).extracting(OfficialClients::number).containsExactly(7);
            consumer.ack(received.get(0));
        }
    }

    /** Restarts the proxy unless it runs with this configuration. */
    private static void startedWith(String yaml) throws IOException {
        if (!Files.readString(configFile()).equals(yaml)) {
            Files.writeString(configFile(), yaml);
            restart();
        }
    }

    private static void restart() {
        cluster.proxy().kill(); // much faster than a stop
        cluster.proxy().restart();
    }

    private static Path configFile() {
        return cluster.dataDirectory().resolve("proxy/lite-topic.yaml");
    }

    private static String standardError() throws IOException {
        return Files.readString(cluster.dataDirectory().resolve("proxy/stderr.log"));
    }
}
