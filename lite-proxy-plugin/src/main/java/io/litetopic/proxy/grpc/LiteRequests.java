package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import com.google.protobuf.Duration;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.registry.LiteTopicNames;
import io.litetopic.proxy.rocketmq.ClientIdentity;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.BindTopics;
import io.litetopic.proxy.runtime.GroupDispatcher;
import org.jspecify.annotations.Nullable;

/** Checks what requests name: bind topic, group, client, lite topic, durations, receipt handles. Thread-safe. */
final class LiteRequests {
    static final java.time.Duration MAX_INVISIBLE = java.time.Duration.ofHours(12);
    static final java.time.Duration MIN_SUSPEND = java.time.Duration.ofMillis(1);
    static final java.time.Duration MAX_SUSPEND = java.time.Duration.ofDays(365);

    private final BindTopics topics;
    private final AccessControl access;

    LiteRequests(BindTopics topics, AccessControl access) {
        this.topics = topics;
        this.access = access;
    }

    /** Which lite topics of the group's bind topic the client may receive from; ask again with each request. */
    LiteTopicFilter filterFor(GroupDispatcher dispatcher, String clientId) {
        return access.filterFor(dispatcher.topic(), clientId);
    }

    boolean isLiteGroup(String group) {
        return topics.ofGroup(group) != null;
    }

    @Nullable
    BindTopic bindTopic(String topic) {
        return topics.ofTopic(topic);
    }

    /** Whether the group is lite; a request with it must name its bind topic. */
    @Nullable
    BindTopic bindTopicOfGroup(String group) {
        return topics.ofGroup(group);
    }

    /** The group's dispatcher, for a request that names the group and a topic. */
    GroupDispatcher dispatcher(String topic, String group) {
        BindTopic bindTopic = topics.ofTopic(topic);
        BindTopic ofGroup = topics.ofGroup(group);
        if (ofGroup == null) {
            if (bindTopic == null) {
                throw new RequestException(
                        Code.TOPIC_NOT_FOUND,
                        "topic is not a bind topic of this proxy [topic=" + topic
                                + "]; declare it and its consumer group '" + group
                                + "' under bindTopics in the plugin's configuration");
            }
            throw new RequestException(
                    Code.CONSUMER_GROUP_NOT_FOUND,
                    "consumer group is not a lite group [consumerGroup=" + group + ", bindTopic=" + topic
                            + "]; declare it under bindTopics." + topic + ".groups in the plugin's configuration");
        }
        if (ofGroup != bindTopic) {
            throw new RequestException(
                    Code.ILLEGAL_CONSUMER_GROUP,
                    "consumer group is bound to another topic [consumerGroup=" + group + ", bindTopic=" + ofGroup.name()
                            + ", requested=" + topic + "]; use bind topic '" + ofGroup.name()
                            + "' or a group of its own for '" + topic + "'");
        }
        return dispatcher(ofGroup, group);
    }

    private static GroupDispatcher dispatcher(BindTopic bindTopic, String group) {
        GroupDispatcher dispatcher = bindTopic.dispatcher(group);
        String problem = bindTopic.whyNotServing(group);
        if (dispatcher == null || problem != null) {
            throw new RequestException(
                    Code.INTERNAL_SERVER_ERROR, problem == null ? "not served: " + bindTopic.name() : problem);
        }
        return dispatcher;
    }

    static String clientId() {
        String clientId = ClientIdentity.current();
        if (clientId.isEmpty()) {
            throw new RequestException(Code.CLIENT_ID_REQUIRED, "client id cannot be empty");
        }
        return clientId;
    }

    static void checkName(String liteTopic) {
        String problem = LiteTopicNames.problemOf(liteTopic);
        if (problem != null) {
            throw new RequestException(Code.ILLEGAL_LITE_TOPIC, problem);
        }
    }

    static ReceiptHandle receiptHandle(String text) {
        try {
            return ReceiptHandle.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RequestException(Code.INVALID_RECEIPT_HANDLE, String.valueOf(e.getMessage()));
        }
    }

    static java.time.Duration invisibleDuration(Duration requested) {
        return duration(requested, java.time.Duration.ZERO, MAX_INVISIBLE, "invisible duration");
    }

    static java.time.Duration suspendDuration(Duration requested) {
        return duration(requested, MIN_SUSPEND, MAX_SUSPEND, "suspend");
    }

    private static java.time.Duration duration(
            Duration requested, java.time.Duration min, java.time.Duration max, String what) {
        java.time.Duration duration;
        try {
            duration = java.time.Duration.ofSeconds(requested.getSeconds(), requested.getNanos());
        } catch (ArithmeticException e) {
            duration = java.time.Duration.ofSeconds(Long.MAX_VALUE);
        }
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new RequestException(
                    Code.ILLEGAL_INVISIBLE_TIME,
                    what + " is out of range [requested=" + duration + ", min=" + min + ", max=" + max
                            + "]; choose one in" + " that range");
        }
        return duration;
    }
}
