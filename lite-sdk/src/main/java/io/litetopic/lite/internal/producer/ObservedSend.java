package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.observability.SendObservation;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.Message;
import org.jspecify.annotations.Nullable;

/** A send that observers are told of, and the properties that they add to its message. Immutable. */
final class ObservedSend {

    private static final ObservedSend NOT_OBSERVED = new ObservedSend(SendObservation.NONE, Collections.emptyMap());

    private final SendObservation observation;
    private final Map<String, String> properties;

    private ObservedSend(SendObservation observation, Map<String, String> properties) {
        this.observation = observation;
        this.properties = properties;
    }

    static ObservedSend begin(Observers observers, Message message) {
        Optional<String> liteTopic = LiteMessageMapping.liteTopic(message);
        if (observers.isEmpty() || !liteTopic.isPresent()) {
            return NOT_OBSERVED;
        }
        Map<String, String> properties = new HashMap<>();
        SendObservation observation = observers.sending(message, liteTopic.get(), properties::put);
        return new ObservedSend(observation, properties);
    }

    Map<String, String> properties() {
        return properties;
    }

    void ended(@Nullable Throwable failure) {
        observation.ended(failure);
    }
}
