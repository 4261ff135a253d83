package io.litetopic.samples;

import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.THURSDAY;
import static java.time.DayOfWeek.TUESDAY;
import static java.time.DayOfWeek.WEDNESDAY;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.policy.LitePolicies;
import io.litetopic.lite.policy.LitePolicy;
import io.litetopic.lite.policy.Rate;
import io.litetopic.lite.policy.Schedule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.producer.Producer;

/**
 * Requests of tenants to a model provider, governed by policies: each tenant has the rate it pays for, all together have the
 * provider's, 8 calls run at a time, and when the provider says "later" everybody waits for as long as it said. The other
 * methods show one policy each; they are the code of docs/policies.md.
 */
public final class PoliciesSample {

    /** What the client of a provider throws for HTTP 429. */
    static final class TooManyRequestsException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Duration retryAfter;

        TooManyRequestsException(Duration retryAfter) {
            super("429, Retry-After: " + retryAfter.toSeconds());
            this.retryAfter = retryAfter;
        }

        Duration retryAfter() {
            return retryAfter;
        }
    }

    private static final List<String> TENANTS = List.of("acme/chat-1", "acme/chat-2", "globex/chat-1");

    private final Map<String, Rate> rates = Map.of("acme", Rate.perSecond(5), "globex", Rate.perSecond(1));
    private final Map<String, Duration> loading = new ConcurrentHashMap<>();
    private int calls;

    private PoliciesSample() {}

    public static void main(String[] args) throws ClientException, IOException {
        new PoliciesSample().run();
    }

    private void run() throws ClientException, IOException {
        LiteClientServiceProvider provider = LiteClientServiceProvider.loadService();
        ClientConfiguration clientConfiguration = SampleSettings.clientConfiguration();
        LitePushConsumer consumer = provider.newLitePushConsumerBuilder()
                .setClientConfiguration(clientConfiguration)
                .bindTopic(SampleSettings.topic())
                .setConsumerGroup(SampleSettings.group())
                .setMessageListener(governed())
                .build();
        SampleSettings.closeOnExit(consumer);
        for (String liteTopic : TENANTS) {
            consumer.subscribeLite(liteTopic);
        }
        try (Producer producer = provider.newProducerBuilder()
                .setClientConfiguration(clientConfiguration)
                .setTopics(SampleSettings.topic())
                .build()) {
            for (int i = 1; i <= 20; i++) {
                for (String liteTopic : TENANTS) {
                    producer.send(provider.newMessageBuilder()
                            .setTopic(SampleSettings.topic())
                            .setLiteTopic(liteTopic)
                            .setBody(("request " + i).getBytes(StandardCharsets.UTF_8))
                            .build());
                }
            }
        }
    }

    private MessageListener governed() {
        return LitePolicies.inOrder(
                        LitePolicies.rateLimitBy(this::tenantOf, tenant -> rates.getOrDefault(tenant, Rate.UNLIMITED)),
                        LitePolicies.rateLimitOfAll(Rate.perSecond(50)),
                        LitePolicies.concurrency(8),
                        LitePolicies.retryAfter(PoliciesSample::laterOf).sharedBy(liteTopic -> "provider"))
                .around(this::call);
    }

    LitePolicy ratePerLiteTopic() {
        return LitePolicies.rateLimit(Rate.perSecond(10).withBurst(20));
    }

    LitePolicy rateOfTheTenant() {
        return LitePolicies.rateLimitBy(this::tenantOf, tenant -> rates.getOrDefault(tenant, Rate.UNLIMITED));
    }

    LitePolicy rateOfAll() {
        return LitePolicies.rateLimitOfAll(Rate.perMinute(3_000));
    }

    LitePolicy concurrencyOfTenants() {
        return LitePolicies.concurrencyBy(this::tenantOf, tenant -> tenant.equals("acme") ? 8 : 2);
    }

    LitePolicy workingNights() {
        return LitePolicies.schedule(Schedule.in(ZoneId.of("Europe/Berlin"))
                .open(LocalTime.of(22, 0), LocalTime.of(6, 0), MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY));
    }

    LitePolicy whileModelsLoad() {
        return LitePolicies.busyProbe(liteTopic -> Optional.ofNullable(loading.get(liteTopic)));
    }

    LitePolicy whenTheProviderSaysLater() {
        return LitePolicies.retryAfter(failure -> failure instanceof TooManyRequestsException later
                        ? Optional.of(later.retryAfter())
                        : Optional.empty())
                .jitter(0.2)
                .upTo(Duration.ofMinutes(10))
                .sharedBy(liteTopic -> "provider");
    }

    AsyncMessageListener asynchronous() {
        return LitePolicies.concurrency(1_000)
                .aroundAsync(message -> CompletableFuture.supplyAsync(() -> call(message)));
    }

    private static Optional<Duration> laterOf(Throwable failure) {
        return failure instanceof TooManyRequestsException later ? Optional.of(later.retryAfter()) : Optional.empty();
    }

    private String tenantOf(String liteTopic) {
        int end = liteTopic.indexOf('/');
        return end < 0 ? liteTopic : liteTopic.substring(0, end);
    }

    /** A provider that is busy at every tenth call. */
    private ConsumeResult call(MessageView messageView) {
        synchronized (this) {
            calls++;
            if (calls % 10 == 0) {
                throw new TooManyRequestsException(Duration.ofSeconds(2));
            }
        }
        System.out.println(
                messageView.getLiteTopic().orElse("") + ": " + StandardCharsets.UTF_8.decode(messageView.getBody()));
        return ConsumeResult.SUCCESS;
    }
}
