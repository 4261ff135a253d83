package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.MessageId;

/** A message in the hands of the application, which names its delivery with it. */
final class ReceivedMessage implements MessageView {

    private final Object owner;
    private final HeldDelivery held;
    private final MessageView view;

    /** @param owner the consumer that received it */
    ReceivedMessage(Object owner, HeldDelivery held) {
        this.owner = owner;
        this.held = held;
        this.view = held.delivery().message();
    }

    /**
     * Returns the delivery that an application means.
     *
     * @throws IllegalArgumentException if it is not one of the consumer
     */
    static HeldDelivery of(
            Object owner, String consumerGroup, org.apache.rocketmq.client.apis.message.MessageView message) {
        if (!(message instanceof ReceivedMessage)) {
            throw new IllegalArgumentException("message was not received by a LiteSimpleConsumer [type="
                    + (message == null ? "null" : message.getClass().getName()) + ", consumerGroup=" + consumerGroup
                    + "]; pass a message as receive() has returned it");
        }
        ReceivedMessage received = (ReceivedMessage) message;
        if (received.owner != owner) {
            throw new IllegalArgumentException("message was received by another consumer [liteTopic="
                    + received.held.delivery().liteTopic() + ", messageId=" + message.getMessageId()
                    + ", consumerGroup=" + consumerGroup + "]; pass it to the one whose receive() returned it");
        }
        return received.held;
    }

    @Override
    public MessageId getMessageId() {
        return view.getMessageId();
    }

    @Override
    public String getTopic() {
        return view.getTopic();
    }

    @Override
    public ByteBuffer getBody() {
        return view.getBody();
    }

    @Override
    public Map<String, String> getProperties() {
        return view.getProperties();
    }

    @Override
    public Optional<String> getTag() {
        return view.getTag();
    }

    @Override
    public Collection<String> getKeys() {
        return view.getKeys();
    }

    @Override
    public Optional<String> getMessageGroup() {
        return view.getMessageGroup();
    }

    @Override
    public Optional<String> getLiteTopic() {
        return view.getLiteTopic();
    }

    @Override
    public long getQueueOffset() {
        return view.getQueueOffset();
    }

    @Override
    public Optional<Long> getDeliveryTimestamp() {
        return view.getDeliveryTimestamp();
    }

    @Override
    public Optional<Integer> getPriority() {
        return view.getPriority();
    }

    @Override
    public String getBornHost() {
        return view.getBornHost();
    }

    @Override
    public long getBornTimestamp() {
        return view.getBornTimestamp();
    }

    @Override
    public int getDeliveryAttempt() {
        return view.getDeliveryAttempt();
    }

    @Override
    public String toString() {
        return view.toString();
    }
}
