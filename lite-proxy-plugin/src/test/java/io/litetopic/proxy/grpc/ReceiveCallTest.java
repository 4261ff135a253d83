package io.litetopic.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.ReceiveMessageResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.config.PluginConfig;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
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
        Answer broken = receive("1");
        assertThat(broken.completed.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(broken.responses).hasSize(1);
        assertThat(broken.responses.get(0).getStatus().getCode()).isEqualTo(Code.MESSAGE_NOT_FOUND);

        broker.append(QUEUE, "fine", message());
        Answer fine = receive("2");
        assertThat(fine.completed.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(fine.messages()).isEqualTo(1);

        receive("3"); // the second and last attempt
        await().untilAsserted(() -> assertThat(broker.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.liteTopic()).isEqualTo("broken")));
    }

    @Test
    void answerThatIsAskedForAgainWithItsAttemptIdIsDeliveredAgainAtOnce() throws Exception {
        dispatcher().subscribe("client", Set.of("fine")).join();
        broker.append(QUEUE, "fine", message());
        assertThat(receive("same").messagesWhenCompleted()).isEqualTo(1);

        Answer again = receive("same");

        assertThat(again.messagesWhenCompleted()).isEqualTo(1);
        assertThat(again.responses.get(1).getMessage().getSystemProperties().getDeliveryAttempt())
                .isEqualTo(1);
    }

    private GroupDispatcher dispatcher() {
        return Objects.requireNonNull(
                Objects.requireNonNull(topics.ofTopic("chat")).dispatcher("group"));
    }

    private Answer receive(String attemptId) {
        GroupDispatcher dispatcher = dispatcher();
        Answer answer = new Answer();
        ReceiveCall call = new ReceiveCall(
                dispatcher, "client", answer, new LiteMessageConverter(), Runnable::run, Duration.ofMinutes(5));
        Poll poll = new Poll("client", 10, 10, Duration.ofMinutes(5).toNanos(), call);
        call.rememberIn(attempts.begin(
                "client", attemptId, () -> call.onCancelled(() -> dispatcher.cancelPoll(poll)), this::giveBack));
        dispatcher.poll(poll, Duration.ofSeconds(20));
        return answer;
    }

    private void giveBack(ReceiptHandle handle) {
        assertThat(dispatcher().suspend("client", handle, Duration.ofMillis(1))).isNotNull();
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

    /** What the client sees. */
    private static final class Answer extends ServerCallStreamObserver<ReceiveMessageResponse> {
        final List<ReceiveMessageResponse> responses = new CopyOnWriteArrayList<>();
        final CompletableFuture<@Nullable Void> completed = new CompletableFuture<>();

        long messages() {
            return responses.stream().filter(ReceiveMessageResponse::hasMessage).count();
        }

        long messagesWhenCompleted() throws Exception {
            completed.get(10, TimeUnit.SECONDS);
            return messages();
        }

        @Override
        public void onNext(ReceiveMessageResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable error) {
            completed.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            completed.complete(null);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        @SuppressWarnings("deprecation")
        public void disableAutoInboundFlowControl() {}
    }
}
