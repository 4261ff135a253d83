package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.MessageId;

/**
 * A message as a stock server shows it: the lite topic is a user property there. It is left out of the properties, as the
 * plugin leaves it out, and counts the attempts of this client too.
 */
final class PlainMessageView implements MessageView {

    private static final String LITE_TOPIC_PROPERTY = "__LITE_TOPIC";
    private static final String SHARDING_KEY_PROPERTY = "__SHARDINGKEY"; // stock's copy of the message group

    private final MessageView message;
    private final int attempt;

    PlainMessageView(MessageView message, int attempt) {
        this.message = message;
        this.attempt = attempt;
    }

    @Override
    public Optional<String> getLiteTopic() {
        return Optional.ofNullable(message.getProperties().get(LITE_TOPIC_PROPERTY));
    }

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = new HashMap<>(message.getProperties());
        properties.remove(LITE_TOPIC_PROPERTY);
        properties.remove(SHARDING_KEY_PROPERTY);
        return Collections.unmodifiableMap(properties);
    }

    @Override
    public int getDeliveryAttempt() {
        return attempt;
    }

    @Override
    public MessageId getMessageId() {
        return message.getMessageId();
    }

    @Override
    public String getTopic() {
        return message.getTopic();
    }

    @Override
    public ByteBuffer getBody() {
        return message.getBody();
    }

    @Override
    public Optional<String> getTag() {
        return message.getTag();
    }

    @Override
    public Collection<String> getKeys() {
        return message.getKeys();
    }

    @Override
    public Optional<String> getMessageGroup() {
        return message.getMessageGroup();
    }

    @Override
    public long getQueueOffset() {
        return message.getQueueOffset();
    }

    @Override
    public Optional<Long> getDeliveryTimestamp() {
        return message.getDeliveryTimestamp();
    }

    @Override
    public Optional<Integer> getPriority() {
        return message.getPriority();
    }

    @Override
    public String getBornHost() {
        return message.getBornHost();
    }

    @Override
    public long getBornTimestamp() {
        return message.getBornTimestamp();
    }

    @Override
    public String toString() {
        return message.toString();
    }
}
