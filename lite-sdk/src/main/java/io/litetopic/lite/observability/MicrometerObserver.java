package io.litetopic.lite.observability;

import static java.util.Objects.requireNonNull;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageView;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.apache.rocketmq.client.apis.message.Message;

/**
 * Metrics of lite clients in a Micrometer registry. Needs {@code io.micrometer:micrometer-core} 1.x on the class path.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>type</th><th>tags</th><th>meaning</th></tr>
 *   <tr><td>{@code litetopic.producer.send}</td><td>timer</td><td>{@code topic}, {@code result}: success, failure</td>
 *       <td>sends, retries included</td></tr>
 *   <tr><td>{@code litetopic.consumer.received}</td><td>counter</td><td>{@code topic}, {@code consumer.group}</td>
 *       <td>messages from the server, repeated deliveries included</td></tr>
 *   <tr><td>{@code litetopic.consumer.await}</td><td>timer</td><td>same</td>
 *       <td>from when a message was received until its listener call</td></tr>
 *   <tr><td>{@code litetopic.consumer.process}</td><td>timer</td><td>same, {@code result}: success, failure, suspend</td>
 *       <td>listener calls, until the result or the stage is there</td></tr>
 *   <tr><td>{@code litetopic.consumer.in.flight}</td><td>gauge</td><td>same</td><td>listener calls under way</td></tr>
 *   <tr><td>{@code litetopic.consumer.top.process}</td><td>gauge, seconds</td><td>same, {@code lite.topic}</td>
 *       <td>time in the listener, of the lite topics that took most of it in the last full minute</td></tr>
 *   <tr><td>{@code litetopic.consumer.top.messages}</td><td>gauge</td><td>same, {@code lite.topic}</td>
 *       <td>listener calls of the same lite topics in that minute</td></tr>
 * </table>
 *
 * <p>Only the last two have the lite topic as tag, of a few lite topics at a time: there may be millions. They are found with a fixed
 * number of counters per consumer group, so a lite topic that is near the end of the list can be overtaken by one that is not in it.
 *
 * <p>Make one for a registry and share it: the gauges of a second one of the same names would not be registered.
 *
 * <p>Thread-safe.
 */
public final class MicrometerObserver implements LiteObserver {

    private static final int TOP = 10;

    private final MeterRegistry registry;
    private final Map<String, SendMeters> byTopic = new ConcurrentHashMap<>();
    private final Map<String, Map<String, GroupMeters>> byGroupAndTopic = new ConcurrentHashMap<>();

    private MicrometerObserver(MeterRegistry registry) {
        this.registry = requireNonNull(registry, "registry should not be null");
    }

    /** Returns an observer that adds its meters to {@code registry} when there is something to count. */
    public static MicrometerObserver of(MeterRegistry registry) {
        return new MicrometerObserver(registry);
    }

    @Override
    public SendObservation sending(Message message, String liteTopic, BiConsumer<String, String> properties) {
        String topic = message.getTopic();
        SendMeters known = byTopic.get(topic);
        SendMeters meters =
                known == null ? byTopic.computeIfAbsent(topic, absent -> new SendMeters(registry, absent)) : known;
        long startNanos = now();
        return failure -> {
            Timer timer = failure == null ? meters.success : meters.failure;
            timer.record(now() - startNanos, TimeUnit.NANOSECONDS);
        };
    }

    @Override
    public void received(String consumerGroup, MessageView message) {
        meters(consumerGroup, message).received.increment();
    }

    @Override
    public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
        GroupMeters meters = meters(consumerGroup, message);
        meters.await.record(waited);
        meters.inFlight.incrementAndGet();
        String liteTopic = message.getLiteTopic().orElse("");
        long startNanos = now();
        return (result, failure) -> {
            long endNanos = now();
            meters.inFlight.decrementAndGet();
            meters.process(result).record(endNanos - startNanos, TimeUnit.NANOSECONDS);
            meters.top.add(liteTopic, endNanos - startNanos, endNanos);
        };
    }

    private GroupMeters meters(String consumerGroup, MessageView message) {
        Map<String, GroupMeters> ofGroup = byGroupAndTopic.get(consumerGroup);
        if (ofGroup == null) {
            ofGroup = byGroupAndTopic.computeIfAbsent(consumerGroup, absent -> new ConcurrentHashMap<>());
        }
        GroupMeters meters = ofGroup.get(message.getTopic());
        return meters != null
                ? meters
                : ofGroup.computeIfAbsent(
                        message.getTopic(),
                        topic -> new GroupMeters(registry, Tags.of("topic", topic, "consumer.group", consumerGroup)));
    }

    private long now() {
        return registry.config().clock().monotonicTime();
    }

    private static final class SendMeters {
        private final Timer success;
        private final Timer failure;

        SendMeters(MeterRegistry registry, String topic) {
            this.success = timer(registry, topic, "success");
            this.failure = timer(registry, topic, "failure");
        }

        private static Timer timer(MeterRegistry registry, String topic, String result) {
            return Timer.builder("litetopic.producer.send")
                    .description("sends to lite topics, retries included")
                    .tags("topic", topic, "result", result)
                    .register(registry);
        }
    }

    private static final class GroupMeters {
        private final Counter received;
        private final Timer await;
        private final Timer success;
        private final Timer failure;
        private final Timer suspend;
        private final AtomicLong inFlight = new AtomicLong();
        private final TopLiteTopicGauges top;

        GroupMeters(MeterRegistry registry, Tags tags) {
            this.received = Counter.builder("litetopic.consumer.received")
                    .description("messages from the server, repeated deliveries included")
                    .tags(tags)
                    .register(registry);
            this.await = Timer.builder("litetopic.consumer.await")
                    .description("from when a message was received until its listener call")
                    .tags(tags)
                    .register(registry);
            this.success = process(registry, tags, "success");
            this.failure = process(registry, tags, "failure");
            this.suspend = process(registry, tags, "suspend");
            Gauge.builder("litetopic.consumer.in.flight", inFlight, AtomicLong::get)
                    .description("listener calls under way")
                    .tags(tags)
                    .register(registry);
            this.top = new TopLiteTopicGauges(registry, tags, TOP);
        }

        Timer process(ConsumeResult result) {
            if (result == ConsumeResult.SUCCESS) {
                return success;
            }
            return result instanceof ConsumeResultSuspend ? suspend : failure;
        }

        private static Timer process(MeterRegistry registry, Tags tags, String result) {
            return Timer.builder("litetopic.consumer.process")
                    .description("listener calls, until the result or the stage is there")
                    .tags(tags.and("result", result))
                    .register(registry);
        }
    }
}
