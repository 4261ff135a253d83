package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.MessageView;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.MessageId;
import org.apache.rocketmq.client.java.message.MessageViewImpl;

/** The official view under the type of this SDK. */
final class LiteMessageView implements MessageView {

    private final MessageViewImpl official;

    LiteMessageView(MessageViewImpl official) {
        this.official = official;
    }

    @Override
    public MessageId getMessageId() {
        return official.getMessageId();
    }

    @Override
    public String getTopic() {
        return official.getTopic();
    }

    @Override
    public ByteBuffer getBody() {
        return official.getBody();
    }

    @Override
    public Map<String, String> getProperties() {
        return official.getProperties();
    }

    @Override
    public Optional<String> getTag() {
        return official.getTag();
    }

    @Override
    public Collection<String> getKeys() {
        return official.getKeys();
    }

    @Override
    public Optional<String> getMessageGroup() {
        return official.getMessageGroup();
    }

    @Override
    public Optional<String> getLiteTopic() {
        return official.getLiteTopic();
    }

    @Override
    public long getQueueOffset() {
        return official.getOffset();
    }

    @Override
    public Optional<Long> getDeliveryTimestamp() {
        return official.getDeliveryTimestamp();
    }

    @Override
    public Optional<Integer> getPriority() {
        return official.getPriority();
    }

    @Override
    public String getBornHost() {
        return official.getBornHost();
    }

    @Override
    public long getBornTimestamp() {
        return official.getBornTimestamp();
    }

    @Override
    public int getDeliveryAttempt() {
        return official.getDeliveryAttempt();
    }

    @Override
    public String toString() {
        return official.toString();
    }
}
