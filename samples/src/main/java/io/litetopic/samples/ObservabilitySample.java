package io.litetopic.samples;

import io.litetopic.lite.LiteClientServiceProvider;
import io.litetopic.lite.observability.MicrometerObserver;
import io.litetopic.lite.observability.OpenTelemetryObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;

/** Metrics and traces of all lite clients of an application. */
public final class ObservabilitySample {

    private ObservabilitySample() {}

    /** Returns a provider whose lite clients are observed. */
    public static LiteClientServiceProvider provider(MeterRegistry registry, OpenTelemetry openTelemetry) {
        return LiteClientServiceProvider.loadService()
                .observedBy(MicrometerObserver.of(registry))
                .observedBy(OpenTelemetryObserver.of(openTelemetry));
    }
}
