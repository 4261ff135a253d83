package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.CaseSpec;
import io.litetopic.cli.bench.ClientKind;
import io.litetopic.lite.LiteClientServiceProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.java.message.MessageViewImpl;

/** Makes the clients of a contender. The settings that decide about speed are the defaults, except the number of threads. */
final class Clients {
    /** More than the default of 3 s, so that a machine under full load shows as latency and not as failed sends. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private final ClientConfiguration configuration;
    private final CaseSpec spec;

    Clients(CaseSpec spec) {
        this.spec = spec;
        this.configuration = ClientConfiguration.newBuilder()
                .setEndpoints(spec.endpoints())
                .setRequestTimeout(REQUEST_TIMEOUT)
                .enableSsl(false)
                .build();
    }

    Sender sender() throws ClientException {
        return spec.contender().client() == ClientKind.SDK ? new SdkSender() : new OfficialSender();
    }

    Receiver receiver(int threads, Handler handler) throws ClientException {
        if (spec.contender().client() == ClientKind.SDK) {
            return new SdkReceiver(threads, handler);
        }
        return spec.contender().hasSubscriptions()
                ? new OfficialLiteReceiver(threads, handler)
                : new FifoReceiver(threads, handler);
    }

    private final class SdkSender implements Sender {
        private final LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        private final Producer producer;

        SdkSender() throws ClientException {
            this.producer = provider.newProducerBuilder()
                    .setClientConfiguration(configuration)
                    .setTopics(spec.topic())
                    .setMaxAttempts(1) // a second attempt could repeat the first
                    .build();
        }

        @Override
        public CompletableFuture<?> send(String liteTopic, byte[] body) {
            return producer.sendAsync(provider.newMessageBuilder()
                    .setTopic(spec.topic())
                    .setLiteTopic(liteTopic)
                    .setBody(body)
                    .build());
        }

        @Override
        public void close() throws IOException {
            producer.close();
        }
    }

    private final class OfficialSender implements Sender {
        private final ClientServiceProvider provider = ClientServiceProvider.loadService();
        private final Producer producer;

        OfficialSender() throws ClientException {
            this.producer = provider.newProducerBuilder()
                    .setClientConfiguration(configuration)
                    .setTopics(spec.topic())
                    .setMaxAttempts(1)
                    .build();
        }

        @Override
        public CompletableFuture<?> send(String liteTopic, byte[] body) {
            var builder = provider.newMessageBuilder().setTopic(spec.topic()).setBody(body);
            Message message = spec.contender().hasSubscriptions()
                    ? builder.setLiteTopic(liteTopic).build()
                    : builder.setMessageGroup(liteTopic).build();
            return producer.sendAsync(message);
        }

        @Override
        public void close() throws IOException {
            producer.close();
        }
    }

    private final class SdkReceiver implements Receiver {
        private final io.litetopic.lite.LitePushConsumer consumer;

        SdkReceiver(int threads, Handler handler) throws ClientException {
            this.consumer = LiteClientServiceProvider.loadService()
                    .newLitePushConsumerBuilder()
                    .setClientConfiguration(configuration)
                    .bindTopic(spec.topic())
                    .setConsumerGroup(spec.group())
                    .setConsumptionThreadCount(threads)
                    .setMessageListener(view -> sdkResult(handler, view))
                    .build();
        }

        @Override
        public void subscribe(String liteTopic) throws ClientException {
            consumer.subscribeLite(liteTopic);
        }

        @Override
        public void unsubscribe(String liteTopic) throws ClientException {
            consumer.unsubscribeLite(liteTopic);
        }

        @Override
        public void close() throws IOException {
            consumer.close();
        }
    }

    private final class OfficialLiteReceiver implements Receiver {
        private final LitePushConsumer consumer;

        OfficialLiteReceiver(int threads, Handler handler) throws ClientException {
            this.consumer = ClientServiceProvider.loadService()
                    .newLitePushConsumerBuilder()
                    .setClientConfiguration(configuration)
                    .bindTopic(spec.topic())
                    .setConsumerGroup(spec.group())
                    .setConsumptionThreadCount(threads)
                    .setMessageListener(view -> officialResult(handler, view))
                    .build();
        }

        @Override
        public void subscribe(String liteTopic) throws ClientException {
            consumer.subscribeLite(liteTopic);
        }

        @Override
        public void unsubscribe(String liteTopic) throws ClientException {
            consumer.unsubscribeLite(liteTopic);
        }

        @Override
        public void close() throws IOException {
            consumer.close();
        }
    }

    /** Its accelerator lets the message groups of one response be handled side by side. */
    private final class FifoReceiver implements Receiver {
        private final PushConsumer consumer;

        FifoReceiver(int threads, Handler handler) throws ClientException {
            this.consumer = ClientServiceProvider.loadService()
                    .newPushConsumerBuilder()
                    .setClientConfiguration(configuration)
                    .setConsumerGroup(spec.group())
                    .setSubscriptionExpressions(Map.of(spec.topic(), FilterExpression.SUB_ALL))
                    .setConsumptionThreadCount(threads)
                    .setEnableFifoConsumeAccelerator(true)
                    .setMessageListener(view -> officialResult(handler, view))
                    .build();
        }

        @Override
        public void subscribe(String liteTopic) {}

        @Override
        public void unsubscribe(String liteTopic) {}

        @Override
        public void close() throws IOException {
            consumer.close();
        }
    }

    private static io.litetopic.lite.ConsumeResult sdkResult(Handler handler, io.litetopic.lite.MessageView view) {
        try {
            Duration suspend = handler.handle(Payload.decode(body(view)), view.getQueueOffset());
            return suspend == null
                    ? io.litetopic.lite.ConsumeResult.SUCCESS
                    : io.litetopic.lite.ConsumeResultSuspend.of(suspend);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return io.litetopic.lite.ConsumeResult.FAILURE;
        }
    }

    private static ConsumeResult officialResult(Handler handler, MessageView view) {
        try {
            long offset = ((MessageViewImpl) view).getOffset();
            if (handler.handle(Payload.decode(body(view)), offset) != null) {
                throw new IllegalStateException("this client cannot suspend, but the load wants it to");
            }
            return ConsumeResult.SUCCESS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ConsumeResult.FAILURE;
        }
    }

    private static ByteBuffer body(MessageView view) {
        return view.getBody();
    }
}
