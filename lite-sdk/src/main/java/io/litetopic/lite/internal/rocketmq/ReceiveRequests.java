package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.FilterExpression;
import apache.rocketmq.v2.FilterType;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.Resource;
import java.io.IOException;
import java.time.Duration;

/**
 * Writes receive calls.
 *
 * <pre>
 * appended field        number  type
 * invisible_duration    5       duration
 * long_polling_timeout  7       duration
 * </pre>
 */
final class ReceiveRequests {

    private static final int INVISIBLE_DURATION = 5;
    private static final int LONG_POLLING_TIMEOUT = 7;

    private ReceiveRequests() {}

    static ReceiveMessageRequest of(
            Resource group,
            MessageQueue queue,
            int maxMessages,
            Duration invisibleDuration,
            Duration longPollingTimeout) {
        ReceiveMessageRequest request = ReceiveMessageRequest.newBuilder()
                .setGroup(group)
                .setMessageQueue(queue)
                .setFilterExpression(
                        FilterExpression.newBuilder().setType(FilterType.TAG).setExpression("*"))
                .setBatchSize(maxMessages)
                .build();
        try {
            return ReceiveMessageRequest.parseFrom(ProtobufFields.appendedTo(request.toByteArray())
                    .duration(INVISIBLE_DURATION, invisibleDuration)
                    .duration(LONG_POLLING_TIMEOUT, longPollingTimeout)
                    .toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException("own protobuf encoding is broken", e);
        }
    }
}
