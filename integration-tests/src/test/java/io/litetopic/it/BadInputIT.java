package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.OffsetOption;
import apache.rocketmq.v2.Status;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LiteException;
import io.litetopic.testkit.StockCluster;
import io.litetopic.testkit.StockClusterExtension;
import io.litetopic.testkit.TopicType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that ask for what cannot be: refused with the value, the limit and the remedy, and without any effect. */
class BadInputIT {
    /** Takes good messages. */
    private static final RawClient.Address CHATTERS = new RawClient.Address("chat", "chatters");
    /** Only bad messages are sent to it. */
    private static final RawClient.Address WORKERS = new RawClient.Address("inference", "workers");

    private static final List<String> WORKERS_WANT_CHAT = List.of(
            "consumerGroup=workers",
            "bindTopic=inference",
            "requested=chat",
            "use bind topic 'inference' or a group of its own");

    private static final LiteClientServiceProvider SDK = LiteClientServiceProvider.loadService();

    @RegisterExtension
    static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder()
            // official consumers wait for their long polls when they close
            .proxyProperty("grpcClientConsumerMinLongPollingTimeoutMillis", 1_000)
            .proxyProperty("grpcClientConsumerMaxLongPollingTimeoutMillis", 3_000)
            .litePluginConfig("""
                    bindTopics:
                      inference:
                        groups:
                          workers: { mode: shared }
                      chat:
                        groups:
                          chatters: { mode: shared }
                      narrow:
                        liteTopicQuota: 3
                        groups:
                          narrow-workers: { mode: shared }
                    """));

    @BeforeAll
    static void createOrdinaryTopic() {
        cluster.createTopic("ordinary", TopicType.FIFO, 1);
    }

    // ---- names ----

    @Test
    void badNamesAreRefusedWhenSendingAndNothingIsStored() throws Exception {
        Producer official = OfficialClients.producer(cluster.get(), "inference");
        Producer own = SDK.newProducerBuilder()
                .setClientConfiguration(configuration())
                .setTopics("inference")
                .build();

        try (official;
                own;
                RawClient raw = client()) {
            assertThat(LiteTopicNameCase.ALL).allSatisfy(bad -> {
                assertRefused(raw.sendLite("inference", bad.name(), "lost"), Code.ILLEGAL_LITE_TOPIC, bad.expected());
                if (bad.isBlank()) {
                    assertThatThrownBy(() -> OfficialClients.liteMessage("inference", bad.name(), 1))
                            .isInstanceOf(IllegalArgumentException.class);
                } else {
                    assertThatThrownBy(() -> official.send(OfficialClients.liteMessage("inference", bad.name(), 1)))
                            .isInstanceOf(ClientException.class)
                            .hasMessageContainingAll(bad.expected());
                    // made by the official builder, which lets it through
                    assertThatThrownBy(() -> own.send(OfficialClients.liteMessage("inference", bad.name(), 1)))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContainingAll(bad.expected());
                }
                assertThatThrownBy(() -> SDK.newMessageBuilder().setLiteTopic(bad.name()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll(bad.expected());
            });
        }
        assertThat(new Mqadmin(cluster.get()).stored("inference")).isZero();
    }

    @ParameterizedTest
    @MethodSource("subscriptionActions")
    void badNamesAreRefusedInSubscriptionsWithAllThatIsInTheRequest(LiteSubscriptionAction action) {
        assertThat(LiteTopicNameCase.ALL).allSatisfy(bad -> {
            try (RawClient raw = client()) {
                assertRefused(raw.sync(action, WORKERS, "good", bad.name()), Code.ILLEGAL_LITE_TOPIC, bad.expected());
                assertHasNoSubscription(raw, WORKERS);
            }
        });
    }

    static Stream<LiteSubscriptionAction> subscriptionActions() {
        return Stream.of(
                LiteSubscriptionAction.PARTIAL_ADD,
                LiteSubscriptionAction.COMPLETE_ADD,
                LiteSubscriptionAction.PARTIAL_REMOVE);
    }

    @Test
    void badNamesAreRefusedByTheOwnConsumerAndItsSetStaysAsItWas() throws Exception {
        try (var consumer = ownLite("inference", "workers")) {
            consumer.subscribeLite("good");

            assertThat(LiteTopicNameCase.ALL).allSatisfy(bad -> {
                List<ThrowingCallable> calls =
                        List.of(() -> consumer.subscribeLite(bad.name()), () -> consumer.unsubscribeLite(bad.name()));
                assertThat(calls)
                        .allSatisfy(call -> assertThatThrownBy(call)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContainingAll(bad.expected()));
            });
            assertThat(consumer.getLiteTopicSet()).containsExactly("good");
        }
    }

    @Test
    void badNamesAreRefusedForTheOfficialConsumerAndItsSetStaysAsItWas() throws Exception {
        try (LitePushConsumer consumer = officialLite("inference", "workers")) {
            consumer.subscribeLite("good");

            assertThat(LiteTopicNameCase.ALL).allSatisfy(bad -> {
                Throwable refusal = catchThrowable(() -> consumer.subscribeLite(bad.name()));
                if (bad.isBlank() || bad.name().length() > 63) {
                    assertThat(refusal).isInstanceOf(IllegalArgumentException.class);
                } else {
                    assertThat(refusal).isInstanceOf(ClientException.class).hasMessageContainingAll(bad.expected());
                }
            });
            assertThat(consumer.getLiteTopicSet()).containsExactly("good");
        }
    }

    // ---- topics and groups ----

    /**
     * @param address topic and group that do not belong together
     * @param code what a subscription to them is answered
     * @param message what the answer contains
     * @param reason what the exception of a client that is built on them contains
     */
    record AddressCase(RawClient.Address address, Code code, List<String> message, List<String> reason) {}

    static Stream<AddressCase> wrongAddresses() {
        return Stream.of(
                new AddressCase(
                        new RawClient.Address("nowhere", "strangers"),
                        Code.TOPIC_NOT_FOUND,
                        List.of("topic=nowhere", "declare it", "'strangers'", "bindTopics", "configuration"),
                        List.of("No topic route info", "nowhere")),
                new AddressCase(
                        new RawClient.Address("ordinary", "strangers"),
                        Code.TOPIC_NOT_FOUND,
                        List.of("topic=ordinary", "declare it", "'strangers'", "bindTopics", "configuration"),
                        List.of("strangers", "declare it", "bindTopics", "configuration")),
                new AddressCase(
                        new RawClient.Address("inference", "strangers"),
                        Code.CONSUMER_GROUP_NOT_FOUND,
                        List.of("consumerGroup=strangers", "bindTopics.inference.groups", "declare it"),
                        List.of("consumerGroup=strangers", "bindTopics.", "declare it", "configuration")),
                new AddressCase(
                        new RawClient.Address("chat", "workers"),
                        Code.ILLEGAL_CONSUMER_GROUP,
                        WORKERS_WANT_CHAT,
                        WORKERS_WANT_CHAT));
    }

    @ParameterizedTest
    @MethodSource("wrongAddresses")
    void topicsAndGroupsThatDoNotBelongTogetherAreRefused(AddressCase wrong) {
        try (RawClient raw = client()) {
            Status refusal = raw.sync(LiteSubscriptionAction.COMPLETE_ADD, wrong.address, "good");

            assertRefused(refusal, wrong.code, wrong.message.toArray(String[]::new));
            assertHasNoSubscription(raw, WORKERS);
            assertHasNoSubscription(raw, CHATTERS);
        }
    }

    @ParameterizedTest
    @MethodSource("wrongAddresses")
    void officialLiteConsumerDoesNotStartOnTopicAndGroupThatDoNotBelongTogether(AddressCase wrong) {
        Throwable failure = catchThrowable(
                () -> officialLite(wrong.address.topic(), wrong.address.group()).close());

        assertThat(causes(failure)).contains(wrong.reason);
    }

    @ParameterizedTest
    @MethodSource("wrongAddresses")
    void ownConsumerDoesNotStartOnTopicAndGroupThatDoNotBelongTogether(AddressCase wrong) {
        Throwable failure = catchThrowable(
                () -> ownLite(wrong.address.topic(), wrong.address.group()).close());

        assertThat(failure)
                .isInstanceOf(LiteException.class)
                .hasMessageContainingAll("bindTopic=" + wrong.address.topic(), "consumerGroup=" + wrong.address.group())
                .hasMessageContainingAll(wrong.reason.toArray(String[]::new));
    }

    @Test
    void ordinaryPushConsumerDoesNotStartInALiteGroup() {
        Throwable failure = catchThrowable(() -> OfficialClients.PROVIDER
                .newPushConsumerBuilder()
                .setClientConfiguration(configuration())
                .setConsumerGroup("workers")
                .setSubscriptionExpressions(Map.of("inference", FilterExpression.SUB_ALL))
                .setMessageListener(view -> ConsumeResult.SUCCESS)
                .build()
                .close());

        assertThat(causes(failure))
                .contains("consumerGroup=workers", "bindTopic=inference", "use a LitePushConsumer, or another group");
    }

    @Test
    void messageOfALiteTopicIsNotSentToAnOrdinaryTopic() {
        try (RawClient raw = client()) {
            assertRefused(
                    raw.sendLite("ordinary", "user-1", "lost"),
                    Code.BAD_REQUEST,
                    "topic=ordinary",
                    "liteTopic=user-1",
                    "declare it under bindTopics");
        }
    }

    // ---- where subscriptions start ----

    static Stream<Arguments> startsOutOfRange() {
        return Stream.of(
                Arguments.of(OffsetOption.newBuilder().setOffset(-1).build(), "offset=-1"),
                Arguments.of(OffsetOption.newBuilder().setOffset(1L << 48).build(), "offset=281474976710656"),
                Arguments.of(OffsetOption.newBuilder().setTailN(-1).build(), "tail_n=-1"),
                Arguments.of(OffsetOption.newBuilder().setTailN(1_000_001).build(), "tail_n=1000001"),
                Arguments.of(OffsetOption.newBuilder().setTimestamp(-1).build(), "timestamp=-1"),
                Arguments.of(
                        OffsetOption.newBuilder().setTimestamp(Long.MAX_VALUE).build(),
                        "timestamp=9223372036854775807"));
    }

    @ParameterizedTest
    @MethodSource("startsOutOfRange")
    void startOutOfRangeIsRefusedAndNothingIsSubscribed(OffsetOption option, String value) {
        try (RawClient raw = client()) {
            assertRefused(
                    raw.sync(LiteSubscriptionAction.PARTIAL_ADD, CHATTERS, option, "good"),
                    Code.BAD_REQUEST,
                    value,
                    "min=0",
                    "max=");
            assertHasNoSubscription(raw, CHATTERS);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PARTIAL_REMOVE", "COMPLETE_REMOVE"})
    void startOfARemovalIsRefusedAndTheSubscriptionStays(LiteSubscriptionAction action) {
        try (RawClient raw = client()) {
            Message held = deliver(raw, "started");
            assertRefused(
                    raw.sync(
                            action,
                            CHATTERS,
                            OffsetOption.newBuilder()
                                    .setPolicy(OffsetOption.Policy.MAX)
                                    .build(),
                            "started"),
                    Code.BAD_REQUEST,
                    "action=" + action,
                    "leave it out");
            assertThat(raw.ack(CHATTERS, held.getSystemProperties().getReceiptHandle())
                            .getCode())
                    .isEqualTo(Code.OK);
            assertThat(raw.sendLite("chat", "started", "next").getCode()).isEqualTo(Code.OK);
            List<Message> next = raw.receive(CHATTERS, 1).messages();
            assertThat(next).hasSize(1);
            raw.ack(CHATTERS, next.get(0).getSystemProperties().getReceiptHandle());
        }
    }

    // ---- quotas ----

    @Test
    void oneOfManyRacingSendsGetsTheLastPlaceInTheQuota() throws Exception {
        int senders = 64;
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(senders);
        try (RawClient raw = client()) {
            assertThat(raw.sendLite("narrow", "first", "body").getCode()).isEqualTo(Code.OK);
            assertThat(raw.sendLite("narrow", "second", "body").getCode()).isEqualTo(Code.OK);

            List<Future<Status>> sends = new ArrayList<>();
            for (int sender = 0; sender < senders; sender++) {
                String liteTopic = "racer-" + sender;
                sends.add(pool.submit(() -> {
                    start.await();
                    return raw.sendLite("narrow", liteTopic, "body");
                }));
            }
            start.countDown();
            List<Status> answers = new ArrayList<>();
            for (Future<Status> send : sends) {
                answers.add(send.get());
            }

            assertThat(answers).filteredOn(RawClient::isOk).hasSize(1);
            assertThat(answers)
                    .filteredOn(status -> !RawClient.isOk(status))
                    .allSatisfy(status -> assertRefused(status, Code.LITE_TOPIC_QUOTA_EXCEEDED, "quota=3"));
            await().untilAsserted(() ->
                    assertThat(new Mqadmin(cluster.get()).stored("narrow")).isEqualTo(3));
        } finally {
            pool.shutdownNow();
        }
    }

    // ---- suspends ----

    @Test
    void suspendOutOfRangeIsRefusedAndTheDeliveryStays() {
        Duration tooLong = Duration.ofDays(365).plusNanos(1);

        try (RawClient raw = client()) {
            Message held = deliver(raw, "suspended");
            String handle = held.getSystemProperties().getReceiptHandle();
            for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofNanos(1), tooLong)) {
                assertRefused(
                        raw.suspend(CHATTERS, "suspended", handle, bad),
                        Code.ILLEGAL_INVISIBLE_TIME,
                        "requested=" + bad,
                        "min=PT0.001S",
                        "max=PT8760H",
                        "choose one in that range");
            }

            // neither gone back nor suspended
            assertThat(raw.receive(CHATTERS, 1).messages()).isEmpty();
            assertThat(raw.ack(CHATTERS, handle).getCode()).isEqualTo(Code.OK);
            assertThat(raw.sendLite("chat", "suspended", "next").getCode()).isEqualTo(Code.OK);
            assertThat(raw.receive(CHATTERS, 1).messages())
                    .singleElement()
                    .satisfies(next -> assertThat(next.getBody().toStringUtf8()).isEqualTo("next"));
        }
    }

    @Test
    void suspendOutOfRangeIsRefusedByTheResultItself() {
        Duration tooLong = Duration.ofDays(365).plusNanos(1);

        assertThat(List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofNanos(999_999), tooLong))
                .allSatisfy(bad -> assertThatThrownBy(() -> ConsumeResultSuspend.of(bad))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll(
                                "suspendTime=" + bad, "min=PT0.001S", "max=PT8760H", "1 ms to 365 days"));
    }

    // ---- receipt handles ----

    @Test
    void foreignAndForgedReceiptHandlesAreRefusedAndTheDeliveryStays() {
        try (RawClient holder = client();
                RawClient other = client()) {
            Message held = deliver(holder, "held");
            String handle = held.getSystemProperties().getReceiptHandle();
            assertThat(other.sync(LiteSubscriptionAction.COMPLETE_ADD, CHATTERS, "held")
                            .getCode())
                    .isEqualTo(Code.OK);

            Map<String, Status> refusals = new LinkedHashMap<>();
            for (String bad : List.of("", "garbage !", "Z2FyYmFnZQ", forged(handle))) {
                tryAll(holder, bad, "handle '" + bad + "'", refusals);
            }
            tryAll(other, handle, "handle of another client", refusals);

            assertThat(refusals).hasSize(20).allSatisfy((what, status) -> {
                assertThat(status.getCode()).as(status.toString()).isEqualTo(Code.INVALID_RECEIPT_HANDLE);
                assertThat(status.getMessage()).isNotBlank();
            });
            assertThat(other.receive(CHATTERS, 1).messages()).isEmpty();
            assertThat(holder.ack(CHATTERS, handle).getCode()).isEqualTo(Code.OK);
            assertThat(holder.ack(CHATTERS, handle).getCode()).isEqualTo(Code.INVALID_RECEIPT_HANDLE);
        }
    }

    @Test
    void receiptHandleOfAnotherGroupIsRefusedAndTheDeliveryStays() {
        try (RawClient raw = client()) {
            String handle = deliver(raw, "of-one-group").getSystemProperties().getReceiptHandle();

            assertThat(raw.ack(WORKERS, handle).getCode()).isEqualTo(Code.INVALID_RECEIPT_HANDLE);
            assertRefused(
                    raw.ack(new RawClient.Address("chat", "workers"), handle),
                    Code.ILLEGAL_CONSUMER_GROUP,
                    "consumerGroup=workers",
                    "requested=chat");
            assertThat(raw.ack(CHATTERS, handle).getCode()).isEqualTo(Code.OK);
        }
    }

    @Test
    void receiptHandleOfAnotherLiteTopicIsRefusedAndTheDeliveryStays() {
        try (RawClient raw = client()) {
            String handle = deliver(raw, "named").getSystemProperties().getReceiptHandle();

            assertRefused(
                    raw.ack(CHATTERS, "other", handle),
                    Code.INVALID_RECEIPT_HANDLE,
                    "requested=other",
                    "liteTopic=named");
            assertRefused(
                    raw.suspend(CHATTERS, "other", handle, Duration.ofSeconds(1)),
                    Code.INVALID_RECEIPT_HANDLE,
                    "requested=other",
                    "liteTopic=named");
            assertThat(raw.ack(CHATTERS, "named", handle).getCode()).isEqualTo(Code.OK);
        }
    }

    private static void tryAll(RawClient client, String handle, String what, Map<String, Status> answers) {
        answers.put("ack with " + what, client.ack(CHATTERS, handle));
        answers.put("suspend with " + what, client.suspend(CHATTERS, "held", handle, Duration.ofSeconds(1)));
        answers.put("change with " + what, client.changeInvisibleDuration(CHATTERS, handle, Duration.ofSeconds(1)));
        answers.put("dead letter with " + what, client.forwardToDeadLetterQueue(CHATTERS, handle));
    }

    /** The handle of the same message in another delivery. */
    private static String forged(String handle) {
        byte[] bytes = Base64.getUrlDecoder().decode(handle);
        bytes[5] ^= 1;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Sends a message to the lite topic, which has none, and receives it. */
    private static Message deliver(RawClient client, String liteTopic) {
        String body = UUID.randomUUID().toString();
        assertThat(client.sync(LiteSubscriptionAction.COMPLETE_ADD, CHATTERS, liteTopic)
                        .getCode())
                .isEqualTo(Code.OK);
        assertThat(client.sendLite("chat", liteTopic, body).getCode()).isEqualTo(Code.OK);
        List<Message> messages = client.receive(CHATTERS, 1).messages();
        assertThat(messages)
                .singleElement()
                .satisfies(
                        message -> assertThat(message.getBody().toStringUtf8()).isEqualTo(body));
        return messages.get(0);
    }

    private static void assertHasNoSubscription(RawClient client, RawClient.Address address) {
        assertThat(client.receive(address, 1).status().getCode()).isEqualTo(Code.PRECONDITION_FAILED);
    }

    private static void assertRefused(Status status, Code code, String... message) {
        assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
        assertThat(status.getMessage()).contains(message);
    }

    private static LitePushConsumer officialLite(String topic, String group) throws ClientException {
        return OfficialClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration())
                .bindTopic(topic)
                .setConsumerGroup(group)
                .setMessageListener(view -> ConsumeResult.SUCCESS)
                .build();
    }

    private static io.litetopic.lite.LitePushConsumer ownLite(String topic, String group) throws ClientException {
        return SDK.newLitePushConsumerBuilder()
                .setClientConfiguration(configuration())
                .bindTopic(topic)
                .setConsumerGroup(group)
                .setMessageListener(view -> io.litetopic.lite.ConsumeResult.SUCCESS)
                .build();
    }

    /** As applications have it: three attempts to start. */
    private static ClientConfiguration configuration() {
        return ClientConfiguration.newBuilder()
                .setEndpoints(cluster.grpcEndpoints())
                .setRequestTimeout(Duration.ofSeconds(10))
                .enableSsl(false)
                .build();
    }

    private static RawClient client() {
        return new RawClient(cluster.grpcEndpoints());
    }

    /** All that a developer reads in the stack trace. */
    private static String causes(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.add(String.valueOf(cause));
        }
        return String.join("\n", messages);
    }
}
