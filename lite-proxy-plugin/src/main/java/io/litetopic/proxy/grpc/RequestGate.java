package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Resource;
import com.google.protobuf.GeneratedMessageV3;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.rocketmq.Caller;
import io.litetopic.proxy.rocketmq.RequestAuthorizer;
import io.litetopic.proxy.runtime.BindTopic;
import io.litetopic.proxy.runtime.BindTopics;
import org.jspecify.annotations.Nullable;

/**
 * What every lite request passes before anything else looks at it: its size, the caller's credentials and rights as the proxy
 * itself checks them, the owner of the client id, the client's rate. Whoever is refused here learns nothing about topics and
 * groups, and has changed nothing. Requests that go on to the stock service are checked there once more.
 *
 * <p>Thread-safe. To be called on the request's gRPC thread; refusals are exceptions that {@link Statuses} knows.
 */
final class RequestGate {
    private final BindTopics topics;
    private final RequestAuthorizer authorizer;
    private final AccessControl access;

    RequestGate(BindTopics topics, RequestAuthorizer authorizer, AccessControl access) {
        this.topics = topics;
        this.authorizer = authorizer;
        this.access = access;
    }

    /** A request of a type that the proxy's authorization knows, with the rights that the proxy asks for. */
    Caller enter(GeneratedMessageV3 request) {
        access.checkBytes(request.getSerializedSize());
        return admitted(authorizer.authorize(request));
    }

    /**
     * A request of a consumer, of any type: needs the right to consume the topic and that to consume in the group. If the group is
     * a lite one that is the group's own topic, so that no other can be put in its place.
     */
    Caller enterConsumer(GeneratedMessageV3 request, Resource topic, Resource group) {
        access.checkBytes(request.getSerializedSize());
        BindTopic ofGroup = topics.ofGroup(group.getName());
        Resource checked = ofGroup == null ? topic : topicOf(ofGroup);
        Caller caller = admitted(authorizer.authorizeConsumer(checked, group));
        access.checkOpen(checked.getName());
        return caller;
    }

    /**
     * A consumer of an ordinary group: from a bind topic it reads all lite topics. Requests for other topics are left to stock
     * alone.
     */
    void checkOrdinaryConsumer(Resource topic, Resource group) {
        if (topics.ofTopic(topic.getName()) == null) {
            return;
        }
        Caller caller = authorizer.authorizeConsumer(topic, group);
        access.checkOpen(topic.getName());
        access.checkOrdinaryUse(topic.getName(), caller.user(), Action.SUB);
    }

    static Resource topicOf(BindTopic bindTopic) {
        return Resource.newBuilder().setName(bindTopic.name()).build();
    }

    /** The bind topic that a request names; null if none. */
    @Nullable
    BindTopic bindTopic(String topic) {
        return topics.ofTopic(topic);
    }

    /** The bind topic of a lite group; null if it is none. */
    @Nullable
    BindTopic bindTopicOfGroup(String group) {
        return topics.ofGroup(group);
    }

    private Caller admitted(Caller caller) {
        access.enter(caller.clientId(), caller.user());
        return caller;
    }
}
