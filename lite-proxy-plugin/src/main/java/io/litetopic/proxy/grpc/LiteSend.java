package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.SendMessageRequest;
import apache.rocketmq.v2.SendMessageResponse;
import apache.rocketmq.v2.SystemProperties;
import io.grpc.stub.ServerCallStreamObserver;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.access.AccessException;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import io.litetopic.proxy.runtime.BindTopic;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a bind topic: a message of a lite topic becomes a FIFO message whose message group and property {@value #PROPERTY}
 * are the lite topic, if the quota has room for it.
 */
final class LiteSend {
    static final String PROPERTY = "__LITE_TOPIC";

    private final LiteRequests requests;

    LiteSend(LiteRequests requests) {
        this.requests = requests;
    }

    /** What stock shall do, and how the quota learns of the outcome. */
    static final class Prepared {
        final SendMessageRequest request;
        private final @Nullable LiteTopicRegistry registry;
        private final String liteTopic;
        private final AtomicBoolean isOver = new AtomicBoolean();

        private Prepared(SendMessageRequest request, @Nullable LiteTopicRegistry registry, String liteTopic) {
            this.request = request;
            this.registry = registry;
            this.liteTopic = liteTopic;
        }

        /** {@code observer} itself, or one that releases what the send has reserved. */
        ServerCallStreamObserver<SendMessageResponse> observe(ServerCallStreamObserver<SendMessageResponse> observer) {
            if (registry == null) {
                return observer;
            }
            // Stock neither answers a call that was cancelled nor listens for that; what it does goes on.
            observer.setOnCancelHandler(() -> ended(true));
            return new MappedObserver<>(
                    observer,
                    response -> {
                        ended(mayBeStored(response.getStatus().getCode()));
                        return response;
                    },
                    error -> ended(true));
        }

        void failed() {
            ended(false);
        }

        private void ended(boolean maybeStored) {
            if (registry != null && isOver.compareAndSet(false, true)) {
                registry.sendEnded(liteTopic, maybeStored);
            }
        }

        /** Stock refuses what it refuses before it asks the broker with codes of the 4xxxx range. */
        private static boolean mayBeStored(Code code) {
            return code.getNumber() < Code.BAD_REQUEST_VALUE || code.getNumber() >= Code.INTERNAL_ERROR_VALUE;
        }
    }

    /** Whether any message of the request is for a bind topic or names a lite topic. */
    boolean isLite(SendMessageRequest request) {
        for (Message message : request.getMessagesList()) {
            if (message.getSystemProperties().hasLiteTopic()
                    || requests.bindTopic(message.getTopic().getName()) != null) {
                return true;
            }
        }
        return false;
    }

    /** @throws AccessException if the user may not send one of the messages */
    void checkPermissions(SendMessageRequest request, String user, AccessControl access) {
        for (Message message : request.getMessagesList()) {
            String topic = message.getTopic().getName();
            String liteTopic = liteTopicOf(message);
            access.checkOpen(topic);
            if (liteTopic == null) {
                access.checkOrdinaryUse(topic, user, Action.PUB);
            } else {
                access.check(topic, user, Action.PUB, Collections.singleton(liteTopic));
            }
        }
    }

    /** @throws RequestException if a message cannot be sent; nothing is reserved then */
    Prepared prepare(SendMessageRequest request) {
        if (request.getMessagesCount() == 1) {
            return prepareSingle(request, request.getMessages(0));
        }
        for (Message message : request.getMessagesList()) {
            if (liteTopicOf(message) != null) {
                throw new RequestException(
                        Code.BAD_REQUEST,
                        "a request may carry one message of a lite topic only [messages=" + request.getMessagesCount()
                                + ", topic=" + message.getTopic().getName() + "]; send them one by one");
            }
        }
        return new Prepared(request, null, "");
    }

    private Prepared prepareSingle(SendMessageRequest request, Message message) {
        String liteTopic = liteTopicOf(message);
        if (liteTopic == null) {
            return new Prepared(request, null, "");
        }
        String topic = message.getTopic().getName();
        BindTopic bindTopic = requests.bindTopic(topic);
        if (bindTopic == null) {
            throw new RequestException(
                    Code.BAD_REQUEST,
                    "topic is not a bind topic of this proxy and takes no lite topics [topic=" + topic + ", liteTopic="
                            + liteTopic + "]; declare it under bindTopics in the plugin's configuration");
        }
        LiteRequests.checkName(liteTopic);
        Message mapped = map(message, liteTopic);
        LiteTopicRegistry registry = bindTopic.registry();
        if (!registry.sendStarts(liteTopic)) {
            throw new RequestException(
                    Code.LITE_TOPIC_QUOTA_EXCEEDED,
                    "cannot send: lite topic quota reached [bindTopic=" + topic + ", liteTopic=" + liteTopic
                            + ", liteTopics=" + registry.count() + ", quota=" + registry.quota()
                            + "]; let idle lite topics expire (ttl) or raise liteTopicQuota");
        }
        return new Prepared(SendMessageRequest.newBuilder().addMessages(mapped).build(), registry, liteTopic);
    }

    /** The lite topic of the message; null if it is an ordinary one. */
    private @Nullable String liteTopicOf(Message message) {
        SystemProperties system = message.getSystemProperties();
        if (system.hasLiteTopic()) {
            return system.getLiteTopic();
        }
        if (requests.bindTopic(message.getTopic().getName()) == null) {
            return null;
        }
        String property = message.getUserPropertiesMap().get(PROPERTY);
        if (property != null) {
            return property;
        }
        return system.hasMessageGroup() ? system.getMessageGroup() : null;
    }

    private static Message map(Message message, String liteTopic) {
        SystemProperties system = message.getSystemProperties();
        if (system.hasMessageGroup() && !system.getMessageGroup().equals(liteTopic)) {
            throw new RequestException(
                    Code.ILLEGAL_MESSAGE_GROUP,
                    "message group differs from lite topic [messageGroup=" + system.getMessageGroup() + ", liteTopic="
                            + liteTopic + "]; leave the message group out");
        }
        Message.Builder mapped = message.toBuilder().putUserProperties(PROPERTY, liteTopic);
        mapped.getSystemPropertiesBuilder()
                .clearLiteTopic()
                .setMessageGroup(liteTopic)
                .setMessageType(MessageType.FIFO);
        return mapped.build();
    }
}
