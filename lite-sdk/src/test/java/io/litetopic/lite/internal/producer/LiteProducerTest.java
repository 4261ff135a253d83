package io.litetopic.lite.internal.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.internal.rocketmq.ProducerRoutes;
import io.litetopic.lite.observability.LiteObserver;
import io.litetopic.lite.observability.OpenTelemetryObserver;
import io.litetopic.lite.observability.SendObservation;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.message.MessageId;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.RecallReceipt;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.apache.rocketmq.client.apis.producer.Transaction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiteProducerTest {

    private static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();

    private final RecordingProducer official = new RecordingProducer();
    private final LiteProducer producer = producer(Observers.NONE);

    @Test
    void liteMessageGoesOutAsFifoMessageOfItsLiteTopic() throws Exception {
        producer.send(PROVIDER.newMessageBuilder()
                .setTopic("inference")
                .setLiteTopic("user-1")
                .setBody(new byte[] {1, 2, 3})
                .setTag("tag")
                .setKeys("k1", "k2")
                .addProperty("name", "value")
                .build());

        Message sent = official.sent.get(0);
        assertThat(sent.getTopic()).isEqualTo("inference");
        assertThat(sent.getMessageGroup()).hasValue("user-1");
        assertThat(sent.getLiteTopic()).isEmpty();
        assertThat(sent.getProperties()).containsEntry("__LITE_TOPIC", "user-1").containsEntry("name", "value");
        assertThat(sent.getTag()).hasValue("tag");
        assertThat(sent.getKeys()).containsExactly("k1", "k2");
        assertThat(sent.getBody().remaining()).isEqualTo(3);
    }

    @Test
    void traceOfASendTravelsInTheMessageUnlessTheApplicationHasSetOne() throws Exception {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        OpenTelemetry openTelemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        LiteProducer traced = producer(Observers.NONE.and(OpenTelemetryObserver.of(openTelemetry)));

        traced.send(lite("user-1").build());
        traced.sendAsync(lite("user-1").addProperty("traceparent", "its own").build())
                .get();
        traced.send(PROVIDER.newMessageBuilder()
                .setTopic("orders")
                .setBody(new byte[1])
                .build());

        List<SpanData> spans = exporter.getFinishedSpanItems();
        assertThat(spans).extracting(SpanData::getName).containsExactly("send inference", "send inference");
        assertThat(spans).extracting(SpanData::getKind).containsOnly(SpanKind.PRODUCER);
        assertThat(official.sent.get(0).getProperties().get("traceparent"))
                .contains(spans.get(0).getTraceId())
                .contains(spans.get(0).getSpanId());
        assertThat(official.sent.get(1).getProperties()).containsEntry("traceparent", "its own");
        assertThat(official.sent.get(2).getProperties()).isEmpty();
    }

    @Test
    void observersAreToldOfSendsThatFail() {
        List<@Nullable Throwable> ends = new ArrayList<>();
        LiteProducer observed = producer(Observers.NONE.and(new LiteObserver() {
            @Override
            public SendObservation sending(Message message, String liteTopic, BiConsumer<String, String> properties) {
                return ends::add;
            }
        }));
        Message reserved = lite("user-1").addProperty("__LITE_TOPIC", "user-2").build();

        assertThatThrownBy(() -> observed.send(reserved)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> observed.sendAsync(reserved)).isInstanceOf(IllegalArgumentException.class);

        assertThat(ends).hasSize(2).allSatisfy(end -> assertThat(end).isInstanceOf(IllegalArgumentException.class));
    }

    private LiteProducer producer(Observers observers) {
        return new LiteProducer(
                official,
                new LiteMessageMapping(PROVIDER),
                ProducerRoutes.of(official, Duration.ofSeconds(3)),
                Duration.ofMillis(300),
                observers);
    }

    private static MessageBuilder lite(String liteTopic) {
        return PROVIDER.newMessageBuilder()
                .setTopic("inference")
                .setLiteTopic(liteTopic)
                .setBody(new byte[] {1, 2, 3});
    }

    @Test
    void otherMessagesPassUnchanged() throws Exception {
        Message message = PROVIDER.newMessageBuilder()
                .setTopic("orders")
                .setMessageGroup("g")
                .setBody(new byte[] {1})
                .build();

        producer.send(message);
        assertThat(producer.sendAsync(message)).isCompleted();
        producer.send(message, new NoTransaction());

        assertThat(official.sent).containsExactly(message, message, message);
    }

    @Test
    void badLiteTopicsOfOfficialMessagesAreRefusedBeforeAnyCall() {
        Message message = message("x".repeat(64));

        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> producer.sendAsync(message)).isInstanceOf(IllegalArgumentException.class);
        assertThat(official.sent).isEmpty();
    }

    @Test
    void reservedPropertyIsRefused() {
        Message message = PROVIDER.newMessageBuilder()
                .setTopic("inference")
                .setLiteTopic("user-1")
                .setBody(new byte[] {1})
                .addProperty("__LITE_TOPIC", "user-2")
                .build();

        assertThatThrownBy(() -> producer.send(message))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("__LITE_TOPIC");
    }

    @Test
    void transactionalLiteMessageIsRefused() {
        assertThatThrownBy(() -> producer.send(message("user-1"), new NoTransaction()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user-1");
    }

    @Test
    void quotaOfLiteTopicsHasItsOwnException() {
        official.failure = new ClientException(42901, "req-1", "quota reached [quota=10]");

        assertThatThrownBy(() -> producer.send(message("user-1")))
                .isInstanceOfSatisfying(LiteTopicQuotaExceededException.class, e -> {
                    assertThat(e).hasMessageContaining("quota=10").hasMessageContaining("user-1");
                    assertThat(e.getRequestId()).hasValue("req-1");
                    assertThat(e.isRetryable()).isTrue();
                });
        assertThatThrownBy(() -> producer.sendAsync(message("user-1")).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LiteTopicQuotaExceededException.class);
    }

    @Test
    void otherFailuresPassUnchanged() {
        ClientException failure = new ClientException(50001, "req-1", "broken");
        official.failure = failure;

        assertThatThrownBy(() -> producer.send(message("user-1"))).isSameAs(failure);
        assertThatThrownBy(() -> producer.sendAsync(message("user-1")).get()).hasCause(failure);
    }

    @Test
    void sendThatTakesLongerThanASendMayFailsAtClose() {
        official.next = new CompletableFuture<>();
        CompletableFuture<SendReceipt> send = producer.sendAsync(message("user-1"));

        producer.close();

        assertThat(send)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(LiteException.class)
                .withMessageContaining("may have been stored");
        assertThat(official.closes).isEqualTo(1);
    }

    @Test
    void receiptListenerMayCloseTheProducer() {
        official.next = new CompletableFuture<>();
        CompletableFuture<Void> closed = producer.sendAsync(message("user-1")).thenAccept(receipt -> producer.close());

        official.next.complete(new Receipt());

        assertThat(closed).isCompleted();
        assertThat(official.closes).isEqualTo(1);
    }

    @Test
    void sendsAfterCloseFailAndFurtherClosesDoNothing() {
        producer.close();
        producer.close();

        assertThatThrownBy(() -> producer.send(message("user-1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> producer.sendAsync(message("user-1")).get())
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(official.sent).isEmpty();
        assertThat(official.closes).isEqualTo(1);
    }

    private static Message message(String liteTopic) {
        return PROVIDER.newMessageBuilder()
                .setTopic("inference")
                .setLiteTopic(liteTopic)
                .setBody(new byte[] {1})
                .build();
    }

    private static final class RecordingProducer implements Producer {
        private final List<Message> sent = new ArrayList<>();
        private CompletableFuture<SendReceipt> next = CompletableFuture.completedFuture(new Receipt());
        private @Nullable ClientException failure;
        private int closes;

        @Override
        public SendReceipt send(Message message) throws ClientException {
            if (failure != null) {
                throw failure;
            }
            sent.add(message);
            return new Receipt();
        }

        @Override
        public SendReceipt send(Message message, Transaction transaction) {
            sent.add(message);
            return new Receipt();
        }

        @Override
        public CompletableFuture<SendReceipt> sendAsync(Message message) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            sent.add(message);
            return next;
        }

        @Override
        public Transaction beginTransaction() {
            return new NoTransaction();
        }

        @Override
        public RecallReceipt recallMessage(String topic, String recallHandle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<RecallReceipt> recallMessageAsync(String topic, String recallHandle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closes++;
        }
    }

    private record Receipt() implements SendReceipt {
        @Override
        public MessageId getMessageId() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String getRecallHandle() {
            return "";
        }
    }

    private record NoTransaction() implements Transaction {
        @Override
        public void commit() {}

        @Override
        public void rollback() {}
    }
}
