package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.observability.ListenerObservation;
import io.litetopic.lite.observability.LiteObserver;
import io.litetopic.lite.observability.MicrometerObserver;
import io.litetopic.lite.observability.OpenTelemetryObserver;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What observers are told, and what the two that come with the SDK make of it. */
class ObservedConsumerTest {

    @RegisterExtension
    final OpenTelemetryExtension traces = OpenTelemetryExtension.create();

    private final LoopFixture fixture = new LoopFixture();
    private final List<String> told = new ArrayList<>();

    @Test
    void observerIsToldOfEachMessageFromArrivalToDecision() {
        start(new RecordingObserver(), fixture::leaveInFlight);

        fixture.transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        fixture.timer.advance(Duration.ofMillis(40));
        fixture.workers.runAll();
        assertThat(told).containsExactly("received a1", "calling a1 in workers after 40 ms", "returned a1");

        fixture.complete("a1", ConsumeResultSuspend.of(Duration.ofSeconds(2)));

        assertThat(told).last().isEqualTo("ended a1 SUSPEND(PT2S) null");
        assertThat(fixture.transport.calls).containsExactly("suspend a1 PT2S");
    }

    @Test
    void whatAListenerThrowsIsToldWithItsCause() {
        start(new RecordingObserver(), message -> {
            throw new IllegalStateException("no model");
        });

        fixture.deliver(TestDelivery.of("a", "a1"));

        assertThat(told)
                .containsSubsequence("returned a1", "ended a1 FAILURE java.lang.IllegalStateException: no model");
    }

    @Test
    void messageThatFindsNoThreadIsReceivedOnly() {
        start(new RecordingObserver(), fixture::leaveInFlight);
        fixture.transport
                .nextReceive()
                .deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"), TestDelivery.of("c", "c1"));

        fixture.passWorkerWait();

        assertThat(told).containsExactly("received a1", "received b1", "received c1");
    }

    @Test
    void anObserverThatThrowsChangesNothing() {
        start(
                new LiteObserver() {
                    @Override
                    public void received(String consumerGroup, MessageView message) {
                        throw new IllegalStateException("full disk");
                    }

                    @Override
                    public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
                        throw new IllegalStateException("full disk");
                    }
                },
                fixture::leaveInFlight);

        fixture.deliver(TestDelivery.of("a", "a1"));
        fixture.complete("a1", ConsumeResult.SUCCESS);

        assertThat(fixture.transport.calls).containsExactly("ack a1");
    }

    @Test
    void anErrorOfAnObserverAtTheEndOfACallChangesNothing() {
        start(
                new LiteObserver() {
                    @Override
                    public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
                        return new ListenerObservation() {
                            @Override
                            public void returned() {
                                throw new NoSuchMethodError("another version");
                            }

                            @Override
                            public void ended(ConsumeResult result, @Nullable Throwable failure) {
                                throw new NoSuchMethodError("another version");
                            }
                        };
                    }
                },
                fixture::leaveInFlight);

        fixture.deliver(TestDelivery.of("a", "a1"));
        fixture.complete("a1", ConsumeResult.SUCCESS);

        assertThat(fixture.transport.calls).containsExactly("ack a1");
    }

    @Test
    void micrometerCountsResultsAndTimes() {
        MockClock clock = new MockClock();
        SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        start(MicrometerObserver.of(registry), fixture::leaveInFlight);

        fixture.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"), TestDelivery.of("c", "c1"));
        assertThat(registry.get("litetopic.consumer.in.flight").gauge().value()).isEqualTo(3);
        clock.add(Duration.ofMillis(250));
        fixture.complete("a1", ConsumeResult.SUCCESS);
        fixture.complete("b1", ConsumeResult.FAILURE);
        fixture.complete("c1", ConsumeResultSuspend.of(Duration.ofSeconds(1)));

        assertThat(registry.get("litetopic.consumer.received")
                        .tags("topic", "bind-topic", "consumer.group", "workers")
                        .counter()
                        .count())
                .isEqualTo(3);
        for (String result : List.of("success", "failure", "suspend")) {
            Timer timer = registry.get("litetopic.consumer.process")
                    .tags("topic", "bind-topic", "consumer.group", "workers", "result", result)
                    .timer();
            assertThat(timer.count()).as(result).isEqualTo(1);
            assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).as(result).isEqualTo(250);
        }
        assertThat(registry.get("litetopic.consumer.in.flight").gauge().value()).isZero();
        assertThat(registry.get("litetopic.consumer.await").timer().count()).isEqualTo(3);
    }

    @Test
    void micrometerNamesTheLiteTopicsThatTookMostTimeOfTheLastMinuteOnly() {
        MockClock clock = new MockClock();
        SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        start(MicrometerObserver.of(registry), fixture::leaveInFlight);

        for (int i = 0; i < 30; i++) {
            fixture.deliver(TestDelivery.of("light-" + i, "light-" + i));
            clock.add(Duration.ofMillis(1));
            fixture.complete("light-" + i, ConsumeResult.SUCCESS);
        }
        fixture.deliver(TestDelivery.of("heavy", "h1"));
        clock.add(Duration.ofMillis(500));
        fixture.complete("h1", ConsumeResult.SUCCESS);
        clock.add(Duration.ofMinutes(1));
        assertThat(registry.find("litetopic.consumer.top.process").gauges())
                .as("within the minute")
                .isEmpty();
        fixture.deliver(TestDelivery.of("next", "n1"));
        fixture.complete("n1", ConsumeResult.SUCCESS);

        assertThat(registry.get("litetopic.consumer.top.process").gauges()).hasSize(10);
        assertThat(registry.get("litetopic.consumer.top.process")
                        .tags("lite.topic", "heavy")
                        .gauge()
                        .value())
                .isEqualTo(0.5);
        assertThat(registry.get("litetopic.consumer.top.messages")
                        .tags("lite.topic", "heavy")
                        .gauge()
                        .value())
                .isEqualTo(1);

        clock.add(Duration.ofMinutes(2));
        assertThat(registry.get("litetopic.consumer.top.process")
                        .tags("lite.topic", "heavy")
                        .gauge()
                        .value())
                .as("no traffic any more")
                .isZero();
    }

    @Test
    void openTelemetryHasTheListenersSpanCurrentAndEndsItWithTheStage() {
        List<Span> current = new ArrayList<>();
        start(OpenTelemetryObserver.of(traces.getOpenTelemetry()), message -> {
            current.add(Span.current());
            return fixture.leaveInFlight(message);
        });

        fixture.deliver(TestDelivery.of("a", "a1"));
        assertThat(Span.current()).as("after the call").isEqualTo(Span.getInvalid());
        assertThat(traces.getSpans()).isEmpty();
        fixture.complete("a1", ConsumeResultSuspend.of(Duration.ofSeconds(2)));

        SpanData span = traces.getSpans().get(0);
        assertThat(span.getSpanContext()).isEqualTo(current.get(0).getSpanContext());
        assertThat(span.getName()).isEqualTo("process bind-topic");
        assertThat(span.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span.getAttributes().get(AttributeKey.stringKey("litetopic.name")))
                .isEqualTo("a");
        assertThat(span.getAttributes().get(AttributeKey.stringKey("messaging.consumer.group.name")))
                .isEqualTo("workers");
        assertThat(span.getAttributes().get(AttributeKey.longKey("litetopic.suspend_ms")))
                .isEqualTo(2000);
    }

    @Test
    void openTelemetrySpanOfAListenerThatThrowsHasTheException() {
        start(OpenTelemetryObserver.of(traces.getOpenTelemetry()), message -> {
            throw new IllegalStateException("no model");
        });

        fixture.deliver(TestDelivery.of("a", "a1"));

        SpanData span = traces.getSpans().get(0);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span.getEvents())
                .singleElement()
                .satisfies(event -> assertThat(event.getName()).isEqualTo("exception"));
    }

    private void start(LiteObserver observer, AsyncMessageListener listener) {
        fixture.start(LoopFixture.settings(100).observedBy(Observers.NONE.and(observer)), listener, fixture.workers);
    }

    private final class RecordingObserver implements LiteObserver {
        @Override
        public void received(String consumerGroup, MessageView message) {
            told.add("received " + message.getMessageId());
        }

        @Override
        public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
            told.add("calling " + message.getMessageId() + " in " + consumerGroup + " after " + waited.toMillis()
                    + " ms");
            return new ListenerObservation() {
                @Override
                public void returned() {
                    told.add("returned " + message.getMessageId());
                }

                @Override
                public void ended(ConsumeResult result, @Nullable Throwable failure) {
                    told.add("ended " + message.getMessageId() + " " + result + " " + failure);
                }
            };
        }
    }
}
