package io.litetopic.lite.internal;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.observability.ListenerObservation;
import io.litetopic.lite.observability.LiteObserver;
import io.litetopic.lite.observability.SendObservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.rocketmq.client.apis.message.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The observers of a client, told one after the other. What they throw is logged and goes no further: a metric must not cost a message.
 * Immutable and thread-safe.
 */
public final class Observers {

    /** Nobody observes. */
    public static final Observers NONE = new Observers(Collections.emptyList());

    private static final Logger log = LoggerFactory.getLogger(Observers.class);
    private static final long LOG_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final List<LiteObserver> observers;
    private final AtomicLong logDueNanos = new AtomicLong(System.nanoTime());

    private Observers(List<LiteObserver> observers) {
        this.observers = observers;
    }

    /** These and one more. */
    public Observers and(LiteObserver observer) {
        List<LiteObserver> more = new ArrayList<>(observers);
        more.add(observer);
        return new Observers(more);
    }

    public boolean isEmpty() {
        return observers.isEmpty();
    }

    /** Tells all of a send; what is returned tells them of its end. */
    public SendObservation sending(Message message, String liteTopic, BiConsumer<String, String> properties) {
        List<SendObservation> observations =
                begin(observer -> observer.sending(message, liteTopic, checked(properties)), SendObservation.NONE);
        return failure -> tell(observations, observation -> observation.ended(failure));
    }

    public void received(String consumerGroup, MessageView message) {
        tell(observers, observer -> observer.received(consumerGroup, message));
    }

    /** Tells all of a listener call; what is returned tells them of its end, in reverse order when it returns. */
    public ListenerObservation calling(String consumerGroup, MessageView message, Duration waited) {
        if (isEmpty()) {
            return ListenerObservation.NONE;
        }
        List<ListenerObservation> observations =
                begin(observer -> observer.calling(consumerGroup, message, waited), ListenerObservation.NONE);
        Collections.reverse(observations); // a scope on the thread ends before the one that it is within
        return new ListenerObservation() {
            @Override
            public void returned() {
                tell(observations, ListenerObservation::returned);
            }

            @Override
            public void ended(ConsumeResult result, @Nullable Throwable failure) {
                tell(observations, observation -> observation.ended(result, failure));
            }
        };
    }

    private static BiConsumer<String, String> checked(BiConsumer<String, String> properties) {
        return (key, value) -> {
            if (key == null
                    || value == null
                    || key.trim().isEmpty()
                    || value.trim().isEmpty()) {
                throw new IllegalArgumentException(
                        "property of an observer is blank [key=" + key + ", value=" + value + "]");
            }
            properties.accept(key, value);
        };
    }

    private <T> List<T> begin(Function<LiteObserver, T> call, T nothing) {
        List<T> begun = new ArrayList<>(observers.size());
        tell(observers, observer -> {
            T observation = call.apply(observer);
            begun.add(observation == null ? nothing : observation);
        });
        return begun;
    }

    private <T> void tell(List<T> targets, Consumer<T> call) {
        for (T target : targets) {
            try {
                call.accept(target);
            } catch (Throwable e) { // an Error too: another version of a metrics library must not stop consumption
                logFailure(target, e);
            }
        }
    }

    private void logFailure(Object target, Throwable failure) {
        long now = System.nanoTime();
        long due = logDueNanos.get();
        if (now - due >= 0 && logDueNanos.compareAndSet(due, now + LOG_PERIOD_NANOS)) {
            log.warn(
                    "observer threw an exception, what it observes goes on observer={}",
                    target.getClass().getName(),
                    failure);
        } else {
            log.debug(
                    "observer threw an exception observer={}", target.getClass().getName(), failure);
        }
    }
}
