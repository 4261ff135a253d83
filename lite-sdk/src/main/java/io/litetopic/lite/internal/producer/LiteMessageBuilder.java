package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.LiteTopicName;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;

/** The official message builder, plus the check of lite topic names. */
public final class LiteMessageBuilder implements MessageBuilder {

    private final MessageBuilder official;

    public LiteMessageBuilder(MessageBuilder official) {
        this.official = official;
    }

    @Override
    public MessageBuilder setLiteTopic(String liteTopic) {
        official.setLiteTopic(LiteTopicName.check(liteTopic));
        return this;
    }

    @Override
    public MessageBuilder setTopic(String topic) {
        official.setTopic(topic);
        return this;
    }

    @Override
    public MessageBuilder setBody(byte[] body) {
        official.setBody(body);
        return this;
    }

    @Override
    public MessageBuilder setTag(String tag) {
        official.setTag(tag);
        return this;
    }

    @Override
    public MessageBuilder setKeys(String... keys) {
        official.setKeys(keys);
        return this;
    }

    @Override
    public MessageBuilder setMessageGroup(String messageGroup) {
        official.setMessageGroup(messageGroup);
        return this;
    }

    @Override
    public MessageBuilder setDeliveryTimestamp(long deliveryTimestamp) {
        official.setDeliveryTimestamp(deliveryTimestamp);
        return this;
    }

    @Override
    public MessageBuilder setPriority(int priority) {
        official.setPriority(priority);
        return this;
    }

    @Override
    public MessageBuilder addProperty(String key, String value) {
        official.addProperty(key, value);
        return this;
    }

    @Override
    public Message build() {
        return official.build();
    }
}
