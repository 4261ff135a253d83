package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.LiteTopicName;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;

/**
 * Maps a message with a lite topic to the FIFO message that carries it: the message group is the lite topic, so that a
 * stock broker keeps the whole of it in one queue, in order. Messages without a lite topic are not touched.
 */
final class LiteMessageMapping {

    /** Names the lite topic to the server. The native key, so that a later move to native storage rewrites nothing. */
    static final String LITE_TOPIC_PROPERTY = "__LITE_TOPIC";

    // Earlier versions of the official API lack these; their messages have neither.
    private static final boolean LITE_TOPICS = has("getLiteTopic");
    private static final boolean PRIORITIES = has("getPriority");

    private final ClientServiceProvider provider;

    LiteMessageMapping(ClientServiceProvider provider) {
        this.provider = provider;
    }

    Message map(Message message) {
        return map(message, Collections.emptyMap());
    }

    /** @param more properties, besides those that the message has; its own win */
    Message map(Message message, Map<String, String> more) {
        Optional<String> named = liteTopic(message);
        if (!named.isPresent()) {
            return message;
        }
        String liteTopic = LiteTopicName.check(named.get());
        MessageBuilder carrier = provider.newMessageBuilder()
                .setTopic(message.getTopic())
                .setBody(bytes(message.getBody()))
                .setKeys(message.getKeys().toArray(new String[0]))
                .setMessageGroup(liteTopic);
        message.getTag().ifPresent(carrier::setTag);
        // The builder refuses both next to a message group, with a message that names them.
        message.getDeliveryTimestamp().ifPresent(carrier::setDeliveryTimestamp);
        if (PRIORITIES) {
            message.getPriority().ifPresent(carrier::setPriority);
        }
        more.forEach(carrier::addProperty);
        message.getProperties().forEach((key, value) -> {
            if (key.equals(LITE_TOPIC_PROPERTY)) {
                throw new IllegalArgumentException("property is reserved [property=" + key + ", value=" + value
                        + ", liteTopic=" + liteTopic + "]; name the lite topic with setLiteTopic only");
            }
            carrier.addProperty(key, value);
        });
        return carrier.addProperty(LITE_TOPIC_PROPERTY, liteTopic).build();
    }

    static Optional<String> liteTopic(Message message) {
        return LITE_TOPICS ? message.getLiteTopic() : Optional.empty();
    }

    private static boolean has(String method) {
        for (Method candidate : Message.class.getMethods()) {
            if (candidate.getName().equals(method)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        return bytes;
    }
}
