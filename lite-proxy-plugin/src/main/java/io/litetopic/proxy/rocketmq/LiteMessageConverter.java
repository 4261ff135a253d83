package io.litetopic.proxy.rocketmq;

import apache.rocketmq.v2.Message;
import apache.rocketmq.v2.SystemProperties;
import com.google.protobuf.util.Durations;
import io.litetopic.proxy.broker.BrokerMessage;
import java.time.Duration;
import java.util.Map;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.proxy.grpc.v2.common.GrpcConverter;
import org.jspecify.annotations.Nullable;

/**
 * Messages as clients receive them: what the proxy itself would send, plus what makes it a delivery of a lite topic.
 * Thread-safe.
 */
public final class LiteMessageConverter {
    private final GrpcConverter converter = new WithoutInternalProperties();

    /**
     * @param message read by {@link RemotingBrokerGateway}
     * @param deliveryAttempt 1 or more
     * @param invisibleDuration how long the delivery stays with the client, or {@code null} to leave it out
     */
    public Message toDelivery(
            BrokerMessage message,
            String liteTopic,
            String receiptHandle,
            int deliveryAttempt,
            @Nullable Duration invisibleDuration) {
        Message.Builder result = converter.buildMessage((MessageExt) message.payload()).toBuilder();
        SystemProperties.Builder properties = result.getSystemPropertiesBuilder()
                .setLiteTopic(liteTopic)
                .setReceiptHandle(receiptHandle)
                .setDeliveryAttempt(deliveryAttempt);
        if (invisibleDuration != null) {
            properties.setInvisibleDuration(Durations.fromMillis(invisibleDuration.toMillis()));
        }
        return result.build();
    }

    /** Leaves the two properties out that carry the lite topic through the broker; users never set them. */
    private static final class WithoutInternalProperties extends GrpcConverter {
        @Override
        protected Map<String, String> buildUserAttributes(MessageExt message) {
            Map<String, String> attributes = super.buildUserAttributes(message);
            attributes.remove(MessageConst.PROPERTY_SHARDING_KEY);
            attributes.remove(BrokerResponses.LITE_TOPIC_PROPERTY);
            return attributes;
        }
    }
}
