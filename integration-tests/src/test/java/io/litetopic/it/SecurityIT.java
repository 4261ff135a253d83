package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.Status;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.StaticSessionCredentialsProvider;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may do what, against a proxy and a broker with authentication and authorization, in local mode. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecurityIT {
    private static final Duration SHORT = Duration.ofMillis(500);

    private static final String CONFIG = """
            bindTopics:
              inference:
                groups:
                  workers: { mode: shared, subscriptionsPerClient: 50 }
              chat:
                permissions:
                  - { user: tenant-a, liteTopics: "tenant-a/*", actions: [PUB, SUB] }
                  - { user: tenant-b, liteTopics: "tenant-b/*", actions: [PUB, SUB] }
                  - { user: "*", liteTopics: news, actions: SUB }
                groups:
                  chatters: { mode: shared, subscriptionsPerClient: 50 }
                  everybody: { mode: wildcard }
            limits: { namesPerRequest: 50, acksPerRequest: 4, receivesPerClient: 3, requestBytes: 5000 }
            """;

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(
            StockCluster.builder().accessControl("admin", "admin-secret").litePluginConfig(CONFIG));

    @BeforeAll
    static void createUsers() {
        AccessUsers users = new AccessUsers(cluster.get());
        users.create("entitled", "Topic:inference,Group:workers");
        users.create("notopic", "Group:workers");
        users.create("nogroup", "Topic:inference");
        users.create("tenant-a", "Topic:chat,Group:chatters,Group:everybody,Group:readers");
        users.create("tenant-b", "Topic:chat,Group:chatters,Group:everybody");
    }

    // ---- rights on topic and group ----

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void refusesWhoSendsNoCredentials(LiteRpc rpc) {
        try (SignedClient client = SignedClient.anonymous(cluster.grpcEndpoints())) {
            assertCode(rpc.call(client), Code.UNAUTHORIZED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void refusesAWrongPassword(LiteRpc rpc) {
        try (SignedClient client = SignedClient.of(cluster.grpcEndpoints(), "entitled", "other")) {
            assertCode(rpc.call(client), Code.UNAUTHORIZED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void refusesWhoHasNoRightOnTheTopic(LiteRpc rpc) {
        try (SignedClient client = client("notopic")) {
            assertCode(rpc.call(client), Code.UNAUTHORIZED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void refusesWhoHasNoRightOnTheGroup(LiteRpc rpc) {
        try (SignedClient client = client("nogroup")) {
            Status status = rpc.call(client);

            if (rpc.namesGroup()) {
                assertCode(status, Code.UNAUTHORIZED);
            } else {
                assertThat(rpc.entitled()).as(status.getMessage()).contains(status.getCode());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void servesWhoHasTheRights(LiteRpc rpc) {
        try (SignedClient client = client("entitled")) {
            assertCode(client.telemetry("inference", "workers"), Code.OK); // consumers connect before anything else

            Status status = rpc.call(client);

            assertThat(rpc.entitled()).as(status.toString()).contains(status.getCode());
        }
    }

    @ParameterizedTest
    @MethodSource("io.litetopic.it.LiteRpc#all")
    void believesNoUserNameThatIsNotSigned(LiteRpc rpc) {
        try (SignedClient client = client("notopic").withHeader("x-mq-authorization-ak", "admin")) {
            assertCode(rpc.call(client), Code.UNAUTHORIZED);
        }
    }

    @Test
    void bindTopicIsNotReadThroughAnOrdinaryGroupUnderAForgedName() {
        try (SignedClient client = client("notopic").withHeader("x-mq-authorization-ak", "admin")) {
            assertCode(client.receive("inference", "readers", SHORT).status(), Code.UNAUTHORIZED);
        }
    }

    @Test
    void deliversToTheSdkWithCredentials() throws Exception {
        ClientConfiguration configuration = ClientConfiguration.newBuilder()
                .setEndpoints(cluster.grpcEndpoints())
                .enableSsl(false)
                .setCredentialProvider(new StaticSessionCredentialsProvider("entitled", "entitled-secret"))
                .build();
        Set<String> received = new ConcurrentSkipListSet<>();

        try (Producer producer = LiteClients.PROVIDER
                        .newProducerBuilder()
                        .setClientConfiguration(configuration)
                        .setTopics("inference")
                        .build();
                LitePushConsumer consumer = LiteClients.PROVIDER
                        .newLitePushConsumerBuilder()
                        .setClientConfiguration(configuration)
                        .bindTopic("inference")
                        .setConsumerGroup("workers")
                        .setMessageListener(message -> {
                            received.add(message.getLiteTopic().orElse("none"));
                            return ConsumeResult.SUCCESS;
                        })
                        .build()) {
            consumer.subscribeLite("sdk-1");
            consumer.subscribeLite("sdk-2");
            producer.send(LiteClients.message("inference", "sdk-1", 1));
            producer.send(LiteClients.message("inference", "sdk-2", 2));

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(received).containsExactly("sdk-1", "sdk-2"));
        }
    }

    // ---- client ids ----

    @Test
    void clientIdBelongsToTheUserWhoHadItFirstUntilThatClientEnds() {
        try (SignedClient owner = client("entitled");
                SignedClient other =
                        SignedClient.of(cluster.grpcEndpoints(), "admin", "admin-secret", owner.clientId())) {
            assertCode(owner.telemetry("inference", "workers"), Code.OK);
            assertCode(owner.subscribe("inference", "workers", "mine"), Code.OK);

            for (LiteRpc rpc : LiteRpc.all()) {
                Status status = rpc.call(other);
                assertThat(status.getCode()).as("%s: %s", rpc, status).isEqualTo(Code.FORBIDDEN);
                assertThat(status.getMessage())
                        .contains(
                                "the client id is in use by another user", owner.clientId(), "a client id of your own");
            }
            assertCode(other.notifyTermination(""), Code.FORBIDDEN);
            assertCode(owner.subscribe("inference", "workers", "mine-too"), Code.OK);

            assertCode(owner.notifyTermination("workers"), Code.OK);
            assertCode(other.subscribe("inference", "workers", "theirs"), Code.OK);
        }
    }

    @Test
    void handleOfAnotherUserIsOfNoUse() {
        try (SignedClient holder = client("entitled");
                SignedClient thief = SignedClient.of(cluster.grpcEndpoints(), "admin", "admin-secret")) {
            assertCode(holder.subscribe("inference", "workers", "precious"), Code.OK);
            assertCode(holder.sendLite("inference", "precious"), Code.OK);
            String handle = receiveOne(holder, "inference", "workers")
                    .getSystemProperties()
                    .getReceiptHandle();

            assertCode(thief.ack("inference", "workers", handle), Code.INVALID_RECEIPT_HANDLE);
            assertCode(thief.changeInvisibleDuration("inference", "workers", handle), Code.INVALID_RECEIPT_HANDLE);
            assertCode(thief.forwardToDeadLetterQueue("inference", "workers", handle), Code.INVALID_RECEIPT_HANDLE);

            assertCode(holder.ack("inference", "workers", handle), Code.OK);
        }
    }

    // ---- permissions on lite topics ----

    @Test
    void tenantsUseTheirOwnLiteTopicsOnly() {
        try (SignedClient a = client("tenant-a");
                SignedClient b = client("tenant-b")) {
            assertCode(a.sendLite("chat", "tenant-a/1"), Code.OK);
            assertCode(b.sendLite("chat", "tenant-b/1"), Code.OK);
            assertForbidden(b.sendLite("chat", "tenant-a/1"), "tenant-b", "tenant-a/1", "PUB");
            assertForbidden(b.sendFifo("chat", "tenant-a/1"), "tenant-b", "tenant-a/1", "PUB");
            assertForbidden(b.sendLite("chat", "news"), "tenant-b", "news", "PUB");

            assertForbidden(
                    b.subscribe("chat", "chatters", "tenant-b/1", "tenant-a/1", "tenant-a/2"),
                    "tenant-b",
                    "tenant-a/1",
                    "SUB");
            assertForbidden(
                    b.sync(LiteSubscriptionAction.COMPLETE_ADD, "chat", "chatters", List.of("tenant-a/1")),
                    "tenant-b",
                    "tenant-a/1",
                    "SUB");
            assertCode(b.subscribe("chat", "chatters", "news", "tenant-b/1"), Code.OK);
            assertCode(a.subscribe("chat", "chatters", "tenant-a/1"), Code.OK);

            assertThat(receiveAll(b, "chat", "chatters")).containsExactly("tenant-b/1");
            assertThat(receiveAll(a, "chat", "chatters")).containsExactly("tenant-a/1");
            assertCode(
                    b.sync(LiteSubscriptionAction.PARTIAL_REMOVE, "chat", "chatters", List.of("tenant-a/1")), Code.OK);
        }
    }

    @Test
    void wildcardGroupDeliversWhatEachUserMayReceive() {
        try (SignedClient a = client("tenant-a");
                SignedClient b = client("tenant-b")) {
            assertCode(a.telemetry("chat", "everybody"), Code.OK);
            assertCode(b.telemetry("chat", "everybody"), Code.OK);
            assertCode(a.sendLite("chat", "tenant-a/w"), Code.OK);
            assertCode(b.sendLite("chat", "tenant-b/w"), Code.OK);

            assertThat(receiveAll(b, "chat", "everybody"))
                    .contains("tenant-b/w")
                    .allMatch(liteTopic -> liteTopic.startsWith("tenant-b/"));
            assertThat(receiveAll(a, "chat", "everybody"))
                    .contains("tenant-a/w")
                    .allMatch(liteTopic -> liteTopic.startsWith("tenant-a/"));
        }
    }

    @Test
    void bindTopicWithPermissionsIsNoOrdinaryTopicForItsTenants() {
        try (SignedClient a = client("tenant-a");
                SignedClient admin = SignedClient.of(cluster.grpcEndpoints(), "admin", "admin-secret")) {
            Status read = a.receive("chat", "readers", SHORT).status();

            assertCode(read, Code.FORBIDDEN);
            assertThat(read.getMessage()).contains("tenant-a", "bindTopic=chat", "SUB", "bindTopics.chat.permissions");
            // rules hold for super users too
            assertForbidden(admin.sendLite("chat", "tenant-a/1"), "admin", "tenant-a/1", "PUB");
        }
    }

    // ---- limits ----

    @Test
    void requestsBeyondTheLimitsAreRefused() {
        try (SignedClient client = client("entitled")) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 51; i++) {
                names.add("limit-" + i);
            }
            Status tooManyNames = client.sync(LiteSubscriptionAction.PARTIAL_ADD, "inference", "workers", names);
            Status tooManyAcks = client.ack("inference", "workers", "a", "b", "c", "d", "e");
            Status tooManyBytes = client.ack("inference", "workers", "x".repeat(5000));

            assertCode(tooManyNames, Code.PAYLOAD_TOO_LARGE);
            assertThat(tooManyNames.getMessage()).contains("liteTopics=51", "max=50", "limits.namesPerRequest");
            assertCode(tooManyAcks, Code.PAYLOAD_TOO_LARGE);
            assertThat(tooManyAcks.getMessage()).contains("entries=5", "max=4", "limits.acksPerRequest");
            assertCode(tooManyBytes, Code.PAYLOAD_TOO_LARGE);
            assertThat(tooManyBytes.getMessage()).contains("max=5000", "limits.requestBytes");
        }
    }

    @Test
    void receiveCallsOfAClientAreCountedUntilTheyEnd() {
        SignedClient client = client("entitled");
        try (client;
                SignedClient sameClient =
                        SignedClient.of(cluster.grpcEndpoints(), "entitled", "entitled-secret", client.clientId())) {
            assertCode(client.subscribe("inference", "workers", "quiet"), Code.OK);
            client.receiveInBackground("inference", "workers");
            client.receiveInBackground("inference", "workers");
            client.receiveInBackground("inference", "workers");

            await().untilAsserted(() -> {
                Status status =
                        sameClient.receive("inference", "workers", SHORT).status();
                assertCode(status, Code.TOO_MANY_REQUESTS);
                assertThat(status.getMessage()).contains(client.clientId(), "max=3", "limits.receivesPerClient");
            });

            client.close();
            await().untilAsserted(() ->
                    assertCode(sameClient.receive("inference", "workers", SHORT).status(), Code.MESSAGE_NOT_FOUND));
        }
    }

    // ---- changes while the proxy runs ----

    @Test
    @Order(Order.DEFAULT + 1)
    void permissionsChangeWithTheFile() throws IOException {
        try (SignedClient a = client("tenant-a");
                SignedClient b = client("tenant-b");
                SignedClient admin = SignedClient.of(cluster.grpcEndpoints(), "admin", "admin-secret")) {
            assertForbidden(b.sendLite("chat", "shared"), "tenant-b", "shared", "PUB");
            assertCode(a.telemetry("chat", "everybody"), Code.OK);
            receiveAll(a, "chat", "everybody", 0);
            assertCode(a.subscribe("chat", "chatters", "tenant-a/revoked", "tenant-a/kept"), Code.OK);

            replaceConfig(CONFIG.replace(
                            "permissions:", "permissions:\n      - { user: admin, liteTopics: \"*\", actions: PUB }")
                    .replace("\"tenant-b/*\"", "[\"tenant-b/*\", shared]")
                    .replace("\"tenant-a/*\", actions: [PUB, SUB]", "\"tenant-a/kept\", actions: [PUB, SUB]")
                    .replace("namesPerRequest: 50", "namesPerRequest: 60"));

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertCode(b.sendLite("chat", "shared"), Code.OK));
            assertForbidden(a.sendLite("chat", "tenant-a/revoked"), "tenant-a", "tenant-a/revoked", "PUB");
            assertCode(admin.sendLite("chat", "tenant-a/revoked"), Code.OK);
            assertCode(admin.sendLite("chat", "tenant-a/kept"), Code.OK);
            assertThat(receiveAll(a, "chat", "chatters", 1)).containsExactly("tenant-a/kept");
            assertThat(receiveAll(a, "chat", "everybody", 1)).containsExactly("tenant-a/kept");
            await().untilAsserted(() -> assertThat(proxyLog())
                    .contains("need a restart of the proxy, only permissions do not keys=[limits.namesPerRequest]"));

            replaceConfig("bindTopics: { chat: { permissions: [ { user: tenant-a } ], groups: { chatters: {} } } }");

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(proxyLog())
                            .contains("the changed configuration is refused as a whole", "permissions[0].liteTopics"));
            assertCode(b.sendLite("chat", "shared"), Code.OK);
            assertForbidden(b.sendLite("chat", "tenant-a/1"), "tenant-b", "tenant-a/1", "PUB");
        }
    }

    private static String proxyLog() throws IOException {
        Path folder = cluster.dataDirectory().resolve("proxy").resolve("home");
        StringBuilder text = new StringBuilder();
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(path -> path.endsWith("proxy.log")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    private static void replaceConfig(String text) throws IOException {
        Path file = cluster.dataDirectory().resolve("proxy").resolve("lite-topic.yaml");
        Path next = Files.writeString(file.resolveSibling("next.yaml"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Set<String> receiveAll(SignedClient client, String topic, String group) {
        return receiveAll(client, topic, group, 1);
    }

    /** Lite topics of all messages that come before there is nothing more, of {@code atLeast} ones. */
    private static Set<String> receiveAll(SignedClient client, String topic, String group, int atLeast) {
        Set<String> liteTopics = new TreeSet<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            SignedClient.Received received = client.receive(topic, group, Duration.ofSeconds(2));
            received.messages()
                    .forEach(message ->
                            liteTopics.add(message.getSystemProperties().getLiteTopic()));
            return received.messages().isEmpty() && liteTopics.size() >= atLeast;
        });
        return liteTopics;
    }

    private static Message receiveOne(SignedClient client, String topic, String group) {
        List<Message> messages = new ArrayList<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            messages.addAll(client.receive(topic, group, Duration.ofSeconds(2)).messages());
            return !messages.isEmpty();
        });
        assertThat(messages).hasSize(1);
        return messages.get(0);
    }

    private static SignedClient client(String user) {
        return SignedClient.of(cluster.grpcEndpoints(), user, AccessUsers.password(user));
    }

    private static void assertForbidden(Status status, String user, String liteTopic, String action) {
        assertCode(status, Code.FORBIDDEN);
        assertThat(status.getMessage())
                .contains("user=" + user, "liteTopic=" + liteTopic, "action=" + action, "bindTopics.chat.permissions");
    }

    private static void assertCode(Status status, Code code) {
        assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    }
}
