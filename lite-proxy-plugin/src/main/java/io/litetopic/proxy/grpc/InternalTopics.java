package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SendMessageRequest;

/** Topics in which the plugin keeps its own state. What a client wrote there could undo the progress of a whole group. */
final class InternalTopics {
    private static final String JOURNAL_PREFIX = "LITE_JOURNAL_";

    private InternalTopics() {}

    static boolean isOne(Resource topic) {
        return topic.getName().startsWith(JOURNAL_PREFIX);
    }

    /** Whether any of the messages goes to one. */
    static boolean isSentTo(SendMessageRequest request) {
        for (Message message : request.getMessagesList()) {
            if (isOne(message.getTopic())) {
                return true;
            }
        }
        return false;
    }

    static RequestException refusal(String topic) {
        return new RequestException(
                Code.FORBIDDEN,
                "topics that begin with " + JOURNAL_PREFIX
                        + " hold the state of lite groups, no client may use them [topic=" + topic
                        + "]; choose another topic");
    }
}
