package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.ClientKind;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageView;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.java.message.MessageViewImpl;

/** Makes the clients of a contender. The settings that decide about speed are the defaults, except the number of threads. */
final class Clients {
    /** More than the default of 3 s, so that a machine under full load shows as latency and not as failed sends. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private static final int ATTEMPTS = 1; // a second one could repeat the first

    private final CaseSpec spec;
    private final ClientConfiguration configuration;

    Clients(CaseSpec spec) {
        this.spec = spec;
        this.configuration = ClientConfiguration.newBuilder()
                .setEndpoints(spec.endpoints())
                .setRequestTimeout(REQUEST_TIMEOUT)
                .enableSsl(false)
                .build();
    }

    Sender sender() throws ClientException {
        if (spec.contender().client() == ClientKind.SDK) {
            LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
            return sender(
                    provider.newProducerBuilder()
                            .setClientConfiguration(configuration)
                            .setTopics(spec.topic())
                            .setMaxAttempts(ATTEMPTS)
                            .build(),
                    (liteTopic, body) -> message(provider.newMessageBuilder(), body)
                            .setLiteTopic(liteTopic)
                            .build());
        }
        ClientServiceProvider provider = ClientServiceProvider.loadService();
        boolean lite = spec.contender().hasSubscriptions();
        return sender(
                provider.newProducerBuilder()
                        .setClientConfiguration(configuration)
                        .setTopics(spec.topic())
                        .setMaxAttempts(ATTEMPTS)
                        .build(),
                (liteTopic, body) -> {
                    MessageBuilder builder = message(provider.newMessageBuilder(), body);
                    return (lite ? builder.setLiteTopic(liteTopic) : builder.setMessageGroup(liteTopic)).build();
                });
    }

    Receiver receiver(int threads, Handler handler) throws ClientException {
        if (spec.contender().client() == ClientKind.SDK) {
            return sdkReceiver(threads, handler);
        }
        return spec.contender().hasSubscriptions()
                ? officialLiteReceiver(threads, handler)
                : fifoReceiver(threads, handler);
    }

    private MessageBuilder message(MessageBuilder builder, byte[] body) {
        return builder.setTopic(spec.topic()).setBody(body);
    }

    private Receiver sdkReceiver(int threads, Handler handler) throws ClientException {
        LitePushConsumer consumer = LiteClientServiceProvider.loadService()
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration)
                .bindTopic(spec.topic())
                .setConsumerGroup(spec.group())
                .setConsumptionThreadCount(threads)
                .setMessageListener(view -> sdkResult(handler, view))
                .build();
        return new OpenReceiver(consumer::subscribeLite, consumer::unsubscribeLite, consumer);
    }

    private Receiver officialLiteReceiver(int threads, Handler handler) throws ClientException {
        org.apache.rocketmq.client.apis.consumer.LitePushConsumer consumer = ClientServiceProvider.loadService()
                .newLitePushConsumerBuilder()
                .setClientConfiguration(configuration)
                .bindTopic(spec.topic())
                .setConsumerGroup(spec.group())
                .setConsumptionThreadCount(threads)
                .setMessageListener(view -> officialResult(handler, view))
                .build();
        return new OpenReceiver(consumer::subscribeLite, consumer::unsubscribeLite, consumer);
    }

    /** The accelerator lets the message groups of one response be handled side by side. */
    private Receiver fifoReceiver(int threads, Handler handler) throws ClientException {
        PushConsumer consumer = ClientServiceProvider.loadService()
                .newPushConsumerBuilder()
                .setClientConfiguration(configuration)
                .setConsumerGroup(spec.group())
                .setSubscriptionExpressions(Map.of(spec.topic(), FilterExpression.SUB_ALL))
                .setConsumptionThreadCount(threads)
                .setEnableFifoConsumeAccelerator(true)
                .setMessageListener(view -> officialResult(handler, view))
                .build();
        return new OpenReceiver(liteTopic -> {}, liteTopic -> {}, consumer);
    }

    private static ConsumeResult sdkResult(Handler handler, MessageView view) {
        try {
            Duration suspend = handler.handle(Payload.decode(view.getBody()), view.getQueueOffset());
            return suspend == null ? ConsumeResult.SUCCESS : ConsumeResultSuspend.of(suspend);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ConsumeResult.FAILURE;
        }
    }

    private static org.apache.rocketmq.client.apis.consumer.ConsumeResult officialResult(
            Handler handler, org.apache.rocketmq.client.apis.message.MessageView view) {
        try {
            long offset = ((MessageViewImpl) view).getOffset();
            if (handler.handle(Payload.decode(view.getBody()), offset) != null) {
                throw new IllegalStateException("this client cannot suspend, but the load wants it to");
            }
            return org.apache.rocketmq.client.apis.consumer.ConsumeResult.SUCCESS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return org.apache.rocketmq.client.apis.consumer.ConsumeResult.FAILURE;
        }
    }

    private static Sender sender(Producer producer, BiFunction<String, byte[], Message> message) {
        return new Sender() {
            @Override
            public CompletableFuture<?> send(String liteTopic, byte[] body) {
                return producer.sendAsync(message.apply(liteTopic, body));
            }

            @Override
            public void close() throws IOException {
                producer.close();
            }
        };
    }

    @FunctionalInterface
    private interface Change {
        void apply(String liteTopic) throws ClientException;
    }

    private record OpenReceiver(Change subscription, Change unsubscription, Closeable consumer) implements Receiver {
        @Override
        public void subscribe(String liteTopic) throws ClientException {
            subscription.apply(liteTopic);
        }

        @Override
        public void unsubscribe(String liteTopic) throws ClientException {
            unsubscription.apply(liteTopic);
        }

        @Override
        public void close() throws IOException {
            consumer.close();
        }
    }
}
