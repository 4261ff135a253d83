package io.litetopic.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ReceiveMessageResponse;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.SubscriptionMode;
import io.litetopic.proxy.rocketmq.LiteMessageConverter;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.BindTopics;
import io.litetopic.proxy.runtime.GroupDispatcher;
import io.litetopic.proxy.runtime.InMemoryBroker;
import io.litetopic.proxy.runtime.LiteRuntime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReceiveCallTest {
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUE);
    private final BindTopics topics = new BindTopics(new PluginConfig(Map.of(
            "chat",
            new BindTopicConfig(
                    "chat",
                    null,
                    100,
                    1,
                    Map.of("group", new LiteGroupConfig("group", SubscriptionMode.SHARED, 10, 100, 2))))));
    private final LiteRuntime runtime = new LiteRuntime(topics, "owner", () -> {}, broker, config -> {});
    private final ReceiveAttempts attempts = new ReceiveAttempts();

    @BeforeEach
    void start() {
        runtime.start((clientId, group, liteTopic, reason) -> {});
        BindTopic topic = Objects.requireNonNull(topics.ofTopic("chat"));
        await().untilAsserted(() -> assertThat(topic.hasServed()).isTrue());
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void messageThatCannotBeConvertedDelaysNoOtherAndEndsInTheDeadLetterQueue() throws Exception {
        dispatcher().subscribe("client", Set.of("broken", "fine")).join();
        broker.append(QUEUE, "broken", "no message of the broker");
        FakeCall<ReceiveMessageResponse> broken = receive("1");
        assertThat(broken.completed.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(broken.values).hasSize(1);
        assertThat(broken.values.get(0).getStatus().getCode()).isEqualTo(Code.MESSAGE_NOT_FOUND);

        broker.append(QUEUE, "fine", message());
        FakeCall<ReceiveMessageResponse> fine = receive("2");
        assertThat(fine.completed.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(messages(fine)).isEqualTo(1);

        receive("3"); // the second and last attempt
        await().untilAsserted(() -> assertThat(broker.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.liteTopic()).isEqualTo("broken")));
    }

    @Test
    void answerThatIsAskedForAgainWithItsAttemptIdIsDeliveredAgainAtOnce() throws Exception {
        dispatcher().subscribe("client", Set.of("fine")).join();
        broker.append(QUEUE, "fine", message());
        assertThat(messagesWhenCompleted(receive("same"))).isEqualTo(1);

        FakeCall<ReceiveMessageResponse> again = receive("same");

        assertThat(messagesWhenCompleted(again)).isEqualTo(1);
        assertThat(again.values.get(1).getMessage().getSystemProperties().getDeliveryAttempt())
                .isEqualTo(1);
    }

    private GroupDispatcher dispatcher() {
        return Objects.requireNonNull(
                Objects.requireNonNull(topics.ofTopic("chat")).dispatcher("group"));
    }

    private FakeCall<ReceiveMessageResponse> receive(String attemptId) {
        GroupDispatcher dispatcher = dispatcher();
        FakeCall<ReceiveMessageResponse> answer = new FakeCall<>();
        ReceiveCall call = new ReceiveCall(
                dispatcher, "client", answer, new LiteMessageConverter(), Runnable::run, Duration.ofMinutes(5));
        Poll poll = new Poll("client", 10, 10, Duration.ofMinutes(5).toNanos(), call);
        call.rememberIn(attempts.begin(
                "client", attemptId, () -> call.onCancelled(() -> dispatcher.cancelPoll(poll)), this::giveBack));
        dispatcher.poll(poll, Duration.ofSeconds(20), LiteTopicFilter.ALL);
        return answer;
    }

    private void giveBack(ReceiptHandle handle) {
        assertThat(dispatcher().giveBack("client", handle)).isNotNull();
    }

    private static long messages(FakeCall<ReceiveMessageResponse> answer) {
        return answer.values.stream().filter(ReceiveMessageResponse::hasMessage).count();
    }

    private static long messagesWhenCompleted(FakeCall<ReceiveMessageResponse> answer) throws Exception {
        answer.completed.get(10, TimeUnit.SECONDS);
        return messages(answer);
    }

    private static MessageExt message() {
        InetSocketAddress host = new InetSocketAddress(InetAddress.getLoopbackAddress(), 10911);
        MessageExt message = new MessageExt();
        message.setTopic("chat");
        message.setBody("hello".getBytes(StandardCharsets.UTF_8));
        message.putUserProperty("language", "en");
        message.setMsgId("7F00000100002A9F0000000000000000");
        message.setBornHost(host);
        message.setStoreHost(host);
        return message;
    }
}
