package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.consumer.SubscriptionSync;
import java.io.IOException;

/**
 * Writes subscription changes in the protocol's terms. The offset option is not in the protocol classes of every supported
 * client.
 *
 * <pre>
 * appended field  number  type
 * offset_option   6       message of one of: 1 policy, 2 offset, 3 tail_n, 4 timestamp (ms), all integers
 * </pre>
 */
final class SubscriptionRequests {

    private static final int OFFSET_OPTION = 6;
    private static final int POLICY = 1;
    private static final int OFFSET = 2;
    private static final int TAIL_N = 3;
    private static final int TIMESTAMP = 4;

    private SubscriptionRequests() {}

    static SyncLiteSubscriptionRequest of(SubscriptionSync sync, Resource topic, Resource group) {
        SyncLiteSubscriptionRequest request = SyncLiteSubscriptionRequest.newBuilder()
                .setAction(action(sync.action()))
                .setTopic(topic)
                .setGroup(group)
                .addAllLiteTopicSet(sync.liteTopics())
                .build();
        OffsetOption option = sync.offsetOption();
        if (option == null) {
            return request;
        }
        ProtobufFields offset = ProtobufFields.none().varint(field(option.getType()), option.getValue());
        try {
            return SyncLiteSubscriptionRequest.parseFrom(ProtobufFields.appendedTo(request.toByteArray())
                    .message(OFFSET_OPTION, offset)
                    .toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException("own protobuf encoding is broken", e);
        }
    }

    private static LiteSubscriptionAction action(SubscriptionSync.Action action) {
        switch (action) {
            case ADD:
                return LiteSubscriptionAction.PARTIAL_ADD;
            case REMOVE:
                return LiteSubscriptionAction.PARTIAL_REMOVE;
            case REPLACE:
                return LiteSubscriptionAction.COMPLETE_ADD;
        }
        throw new AssertionError(action);
    }

    /** The values of policies are those of the protocol. */
    private static int field(OffsetOption.Type type) {
        switch (type) {
            case POLICY:
                return POLICY;
            case OFFSET:
                return OFFSET;
            case TAIL_N:
                return TAIL_N;
            case TIMESTAMP:
                return TIMESTAMP;
        }
        throw new AssertionError(type);
    }
}
