package io.litetopic.samples;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;

/**
 * A limit per tenant that no other tenant feels: every tenant is a lite topic with an allowance of 5 requests per second.
 * One of them floods. Its lite topic is suspended until its next request is due, exactly; no thread waits for that.
 */
public final class ThrottledTenantsSample {

    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final List<String> TENANTS = List.of("tenant-calm", "tenant-steady", "tenant-flooding");

    private final Map<String, Long> nextAllowedNanos = new ConcurrentHashMap<>();

    private ThrottledTenantsSample() {}

    public static void main(String[] args) throws ClientException, IOException {
        new ThrottledTenantsSample().run();
    }

    private void run() throws ClientException, IOException {
        LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        ClientConfiguration clientConfiguration = SampleSettings.clientConfiguration();
        LitePushConsumer consumer = provider.newLitePushConsumerBuilder()
                .setClientConfiguration(clientConfiguration)
                .bindTopic(SampleSettings.topic())
                .setConsumerGroup(SampleSettings.group())
                .setMessageListener(this::consume)
                .build();
        SampleSettings.closeOnExit(consumer);
        for (String tenant : TENANTS) {
            consumer.subscribeLite(tenant);
        }
        try (Producer producer = provider.newProducerBuilder()
                .setClientConfiguration(clientConfiguration)
                .setTopics(SampleSettings.topic())
                .build()) {
            for (String tenant : TENANTS) {
                int requests = tenant.equals("tenant-flooding") ? 50 : 3;
                for (int i = 1; i <= requests; i++) {
                    producer.send(provider.newMessageBuilder()
                            .setTopic(SampleSettings.topic())
                            .setLiteTopic(tenant)
                            .setBody(("request " + i).getBytes(StandardCharsets.UTF_8))
                            .build());
                }
            }
        }
    }

    private ConsumeResult consume(MessageView messageView) {
        String tenant = messageView.getLiteTopic().orElseThrow(IllegalStateException::new);
        // Messages of one lite topic come one after the other, so no other thread works on this tenant's entry.
        long now = System.nanoTime();
        long waitNanos = nextAllowedNanos.getOrDefault(tenant, now) - now;
        if (waitNanos > 0) {
            return ConsumeResultSuspend.of(Duration.ofNanos(Math.max(waitNanos, 1_000_000)));
        }
        nextAllowedNanos.put(tenant, now + INTERVAL.toNanos());
        System.out.println(tenant + ": " + StandardCharsets.UTF_8.decode(messageView.getBody()));
        return ConsumeResult.SUCCESS;
    }
}
