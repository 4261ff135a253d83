package io.litetopic.lite.observability;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Gauges of the lite topics that took most of the listener's time in the last full minute; they change when a call ends in the next
 * one, and are 0 once there was none for a minute. Thread-safe.
 */
final class TopLiteTopicGauges {

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int COUNTERS_PER_ROW = 10; // the more, the surer the list

    private final MeterRegistry registry;
    private final int rows;
    private final MultiGauge process;
    private final MultiGauge messages;

    // guarded by this
    private HeavyHitters window;
    private long windowStartNanos;

    TopLiteTopicGauges(MeterRegistry registry, Tags tags, int rows) {
        this.registry = registry;
        this.rows = rows;
        this.process = MultiGauge.builder("litetopic.consumer.top.process")
                .description("time in the listener of the lite topics that took most, in the last full minute")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
        this.messages = MultiGauge.builder("litetopic.consumer.top.messages")
                .description("listener calls of the lite topics that took most time, in the last full minute")
                .tags(tags)
                .register(registry);
        this.window = new HeavyHitters(rows * COUNTERS_PER_ROW);
        this.windowStartNanos = now();
    }

    /** A listener call of {@code liteTopic} has ended now, after {@code nanos}. */
    void add(String liteTopic, long nanos, long nowNanos) {
        List<HeavyHitters.Hitter> finished = null;
        long finishedNanos = 0;
        synchronized (this) {
            if (nowNanos - windowStartNanos >= WINDOW_NANOS) {
                finished = window.top(rows);
                long windows = (nowNanos - windowStartNanos) / WINDOW_NANOS;
                finishedNanos = windowStartNanos + WINDOW_NANOS;
                windowStartNanos += windows * WINDOW_NANOS;
                window = new HeavyHitters(rows * COUNTERS_PER_ROW);
            }
            window.add(liteTopic, nanos);
        }
        if (finished != null) {
            show(finished, finishedNanos);
        }
    }

    private void show(List<HeavyHitters.Hitter> top, long finishedNanos) {
        process.register(rows(top, finishedNanos, hitter -> hitter.weight() / 1e9), true);
        messages.register(rows(top, finishedNanos, HeavyHitters.Hitter::count), true);
    }

    private List<MultiGauge.Row<?>> rows(
            List<HeavyHitters.Hitter> top, long finishedNanos, ToDoubleFunction<HeavyHitters.Hitter> value) {
        List<MultiGauge.Row<?>> gauges = new ArrayList<>();
        for (HeavyHitters.Hitter hitter : top) {
            Tags tags = Tags.of("lite.topic", hitter.key());
            gauges.add(MultiGauge.Row.of(
                    tags, hitter, shown -> now() - finishedNanos >= 2 * WINDOW_NANOS ? 0 : value.applyAsDouble(shown)));
        }
        return gauges;
    }

    private long now() {
        return registry.config().clock().monotonicTime();
    }
}
