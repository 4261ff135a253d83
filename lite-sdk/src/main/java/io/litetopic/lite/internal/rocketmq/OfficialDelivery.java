package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.Delivery;
import java.time.Duration;
import org.apache.rocketmq.client.java.message.MessageViewImpl;

/** A delivery of the official client, with the receipt handle that it keeps. */
final class OfficialDelivery implements Delivery {

    private final MessageViewImpl view;
    private final MessageView message;
    private final String liteTopic;
    private final String queue;
    private final Duration late;

    /** @param queueId of the queue that holds the message; the view has that of the receive call */
    OfficialDelivery(MessageViewImpl view, int queueId, Duration late) {
        this.view = view;
        this.late = late;
        this.queue =
                "queue " + queueId + " of " + view.getMessageQueue().getBroker().getName();
        this.message = new LiteMessageView(view);
        // A message that was sent to the bind topic without a lite topic is still ordered by its message group.
        this.liteTopic =
                view.getLiteTopic().orElseGet(() -> view.getMessageGroup().orElse(""));
    }

    MessageViewImpl view() {
        return view;
    }

    @Override
    public MessageView message() {
        return message;
    }

    @Override
    public String liteTopic() {
        return liteTopic;
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public String proxy() {
        return view.getEndpoints().toString();
    }

    @Override
    public Duration late() {
        return late;
    }

    @Override
    public int bodyBytes() {
        return view.getBody().remaining();
    }

    @Override
    public boolean isCorrupted() {
        return view.isCorrupted();
    }
}
