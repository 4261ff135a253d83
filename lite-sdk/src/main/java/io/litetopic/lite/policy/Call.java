package io.litetopic.lite.policy;

import io.litetopic.lite.MessageView;

/** A call of the listener that is to be decided on. Immutable. */
final class Call {

    private final String liteTopic;
    private final MessageView message;

    private Call(String liteTopic, MessageView message) {
        this.liteTopic = liteTopic;
        this.message = message;
    }

    static Call of(MessageView message) {
        // A message that was sent to the bind topic without a lite topic is still ordered by its message group.
        String liteTopic =
                message.getLiteTopic().orElseGet(() -> message.getMessageGroup().orElse(""));
        return new Call(liteTopic, message);
    }

    String liteTopic() {
        return liteTopic;
    }

    MessageView message() {
        return message;
    }
}
