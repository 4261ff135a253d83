package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.LiteSubscriptionAction;
import apache.rocketmq.v2.Resource;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.consumer.SubscriptionSync;

/** Writes subscription changes in the protocol's terms. */
final class SubscriptionRequests {

    private SubscriptionRequests() {}

    static SyncLiteSubscriptionRequest of(SubscriptionSync sync, Resource topic, Resource group) {
        SyncLiteSubscriptionRequest.Builder request = SyncLiteSubscriptionRequest.newBuilder()
                .setAction(action(sync.action()))
                .setTopic(topic)
                .setGroup(group)
                .addAllLiteTopicSet(sync.liteTopics());
        OffsetOption option = sync.offsetOption();
        if (option != null) {
            request.setOffsetOption(offset(option));
        }
        return request.build();
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

    private static apache.rocketmq.v2.OffsetOption offset(OffsetOption option) {
        apache.rocketmq.v2.OffsetOption.Builder result = apache.rocketmq.v2.OffsetOption.newBuilder();
        switch (option.getType()) {
            case POLICY:
                return result.setPolicy(policy(option.getValue())).build();
            case OFFSET:
                return result.setOffset(option.getValue()).build();
            case TAIL_N:
                return result.setTailN(option.getValue()).build();
            case TIMESTAMP:
                return result.setTimestamp(option.getValue()).build();
        }
        throw new AssertionError(option);
    }

    private static apache.rocketmq.v2.OffsetOption.Policy policy(long value) {
        if (value == OffsetOption.POLICY_MIN_VALUE) {
            return apache.rocketmq.v2.OffsetOption.Policy.MIN;
        }
        if (value == OffsetOption.POLICY_MAX_VALUE) {
            return apache.rocketmq.v2.OffsetOption.Policy.MAX;
        }
        if (value == OffsetOption.POLICY_LAST_VALUE) {
            return apache.rocketmq.v2.OffsetOption.Policy.LAST;
        }
        throw new AssertionError("policy " + value);
    }
}
