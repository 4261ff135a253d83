package io.litetopic.lite.policy;

import io.litetopic.lite.MessageView;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.MessageId;

/** A message of a lite topic; what policies do not look at is empty. */
record TestMessage(String liteTopic, String id) implements MessageView {

    static TestMessage of(String liteTopic) {
        return new TestMessage(liteTopic, "1");
    }

    private record Id(String value) implements MessageId {
        @Override
        public String getVersion() {
            return "test";
        }

        @Override
        public String toString() {
            return value;
        }
    }

    @Override
    public MessageId getMessageId() {
        return new Id(id);
    }

    @Override
    public Optional<String> getLiteTopic() {
        return Optional.of(liteTopic);
    }

    @Override
    public String getTopic() {
        return "bind-topic";
    }

    @Override
    public ByteBuffer getBody() {
        return ByteBuffer.allocate(0);
    }

    @Override
    public Map<String, String> getProperties() {
        return Map.of();
    }

    @Override
    public Optional<String> getTag() {
        return Optional.empty();
    }

    @Override
    public Collection<String> getKeys() {
        return List.of();
    }

    @Override
    public Optional<String> getMessageGroup() {
        return Optional.empty();
    }

    @Override
    public long getQueueOffset() {
        return 0;
    }

    @Override
    public Optional<Long> getDeliveryTimestamp() {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> getPriority() {
        return Optional.empty();
    }

    @Override
    public String getBornHost() {
        return "127.0.0.1";
    }

    @Override
    public long getBornTimestamp() {
        return 0;
    }

    @Override
    public int getDeliveryAttempt() {
        return 1;
    }
}
