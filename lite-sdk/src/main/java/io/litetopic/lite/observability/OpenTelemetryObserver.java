package io.litetopic.lite.observability;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageView;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.rocketmq.client.apis.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Traces of lite clients with OpenTelemetry: a PRODUCER span for each send, and a CONSUMER span for each listener call, which is a
 * child of the send's. Needs {@code io.opentelemetry:opentelemetry-api} 1.x on the class path.
 *
 * <p>The context travels in properties of the message, written by the propagators of the {@link OpenTelemetry} instance: {@code
 * traceparent} and {@code tracestate} by default. During the listener call its span is the current one on the thread; an asynchronous
 * listener takes {@code Context.current()} before it returns. Attributes follow the semantic conventions for messaging, with {@code
 * litetopic.name} and {@code litetopic.consume_result} (success, failure or suspend) in addition.
 *
 * <p>Thread-safe.
 */
public final class OpenTelemetryObserver implements LiteObserver {

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
    private static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<Long> BODY_SIZE = AttributeKey.longKey("messaging.message.body.size");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> LITE_TOPIC = AttributeKey.stringKey("litetopic.name");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("litetopic.delivery_attempt");
    private static final AttributeKey<Long> WAITED = AttributeKey.longKey("litetopic.waited_ms");
    private static final AttributeKey<String> RESULT = AttributeKey.stringKey("litetopic.consume_result");
    private static final AttributeKey<Long> SUSPEND = AttributeKey.longKey("litetopic.suspend_ms");

    private final Tracer tracer;
    private final TextMapPropagator propagator;

    private OpenTelemetryObserver(OpenTelemetry openTelemetry) {
        this.tracer = openTelemetry.getTracer("io.litetopic.lite");
        this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
    }

    /** Returns an observer that uses the tracer provider and the propagators of {@code openTelemetry}. */
    public static OpenTelemetryObserver of(OpenTelemetry openTelemetry) {
        return new OpenTelemetryObserver(openTelemetry);
    }

    @Override
    public SendObservation sending(Message message, String liteTopic, BiConsumer<String, String> properties) {
        Span span = span("send", message.getTopic(), SpanKind.PRODUCER)
                .setAttribute(LITE_TOPIC, liteTopic)
                .setAttribute(BODY_SIZE, (long) message.getBody().remaining())
                .startSpan();
        propagator.inject(Context.current().with(span), properties, (target, key, value) -> {
            if (target != null) {
                target.accept(key, value);
            }
        });
        return failure -> {
            if (failure != null) {
                failed(span, failure);
            }
            span.end();
        };
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // closed when the listener has returned
    public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
        Context sent = propagator.extract(Context.root(), message.getProperties(), PropertyGetter.INSTANCE);
        Span span = span("process", message.getTopic(), SpanKind.CONSUMER)
                .setParent(sent)
                .setAttribute(GROUP, consumerGroup)
                .setAttribute(LITE_TOPIC, message.getLiteTopic().orElse(""))
                .setAttribute(MESSAGE_ID, message.getMessageId().toString())
                .setAttribute(BODY_SIZE, (long) message.getBody().remaining())
                .setAttribute(ATTEMPT, (long) message.getDeliveryAttempt())
                .setAttribute(WAITED, waited.toMillis())
                .startSpan();
        Scope scope = sent.with(span).makeCurrent();
        return new Call(span, scope);
    }

    private SpanBuilder span(String operation, String topic, SpanKind kind) {
        return tracer.spanBuilder(operation + " " + topic)
                .setSpanKind(kind)
                .setAttribute(SYSTEM, "rocketmq")
                .setAttribute(OPERATION, operation)
                .setAttribute(OPERATION_NAME, operation)
                .setAttribute(DESTINATION, topic);
    }

    private static void failed(Span span, Throwable failure) {
        span.recordException(failure);
        span.setAttribute(ERROR_TYPE, failure.getClass().getName());
        span.setStatus(StatusCode.ERROR);
    }

    private static final class Call implements ListenerObservation {
        private final Span span;
        private final Scope scope;

        Call(Span span, Scope scope) {
            this.span = span;
            this.scope = scope;
        }

        @Override
        public void returned() {
            scope.close();
        }

        @Override
        public void ended(ConsumeResult result, @Nullable Throwable failure) {
            if (failure != null) {
                failed(span, failure);
            }
            if (result instanceof ConsumeResultSuspend) {
                span.setAttribute(RESULT, "suspend");
                span.setAttribute(
                        SUSPEND,
                        ((ConsumeResultSuspend) result).getSuspendTime().toMillis());
            } else if (result == ConsumeResult.SUCCESS) {
                span.setAttribute(RESULT, "success");
            } else {
                span.setAttribute(RESULT, "failure");
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    private enum PropertyGetter implements TextMapGetter<Map<String, String>> {
        INSTANCE;

        @Override
        public Iterable<String> keys(Map<String, String> properties) {
            return properties.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> properties, String key) {
            return properties == null ? null : properties.get(key);
        }
    }
}
