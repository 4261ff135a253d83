package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingCommandException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.LockBatchResponseBody;
import org.apache.rocketmq.remoting.protocol.header.GetMaxOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMinOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.PullMessageResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.SearchOffsetResponseHeader;

/** Reads a stock broker's answers. Any answer that is not the expected one becomes an {@link MQBrokerException}. */
final class BrokerResponses {
    static final String LITE_TOPIC_PROPERTY = "__LITE_TOPIC";

    private static final long NEVER_COMMITTED = -1;
    /** Objects around a decoded message: headers, property map and its strings; measured, not exact. */
    private static final int DECODED_OVERHEAD_BYTES = 900;

    private BrokerResponses() {}

    static Void nothing(RemotingCommand response) throws MQBrokerException {
        requireSuccess(response);
        return (Void) null;
    }

    static Set<BrokerQueue> lockedQueues(RemotingCommand response) throws MQBrokerException {
        requireSuccess(response);
        LockBatchResponseBody body = LockBatchResponseBody.decode(response.getBody(), LockBatchResponseBody.class);
        Set<BrokerQueue> result = new HashSet<>();
        for (MessageQueue queue : body.getLockOKMQSet()) {
            result.add(BrokerQueue.of(queue.getTopic(), queue.getBrokerName(), queue.getQueueId()));
        }
        return result;
    }

    static Long committedOffset(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        if (response.getCode() == ResponseCode.QUERY_NOT_FOUND) {
            return NEVER_COMMITTED;
        }
        requireSuccess(response);
        return response.decodeCommandCustomHeader(QueryConsumerOffsetResponseHeader.class)
                .getOffset();
    }

    static Long minOffset(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        requireSuccess(response);
        return response.decodeCommandCustomHeader(GetMinOffsetResponseHeader.class)
                .getOffset();
    }

    static Long maxOffset(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        requireSuccess(response);
        return response.decodeCommandCustomHeader(GetMaxOffsetResponseHeader.class)
                .getOffset();
    }

    static Long offsetAt(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        requireSuccess(response);
        return response.decodeCommandCustomHeader(SearchOffsetResponseHeader.class)
                .getOffset();
    }

    static PullBatch pullBatch(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        List<BrokerMessage> messages = Collections.emptyList();
        PullMessageResponseHeader header;
        switch (response.getCode()) {
            case ResponseCode.SUCCESS:
                header = pullHeader(response);
                messages = decode(response.getBody(), header);
                break;
            case ResponseCode.PULL_NOT_FOUND: // nothing new
            case ResponseCode.PULL_RETRY_IMMEDIATELY: // nothing that matches, go on at the next offset
            case ResponseCode.PULL_OFFSET_MOVED: // the offset does not exist, the next one does
                header = pullHeader(response);
                break;
            default:
                throw new MQBrokerException(response.getCode(), response.getRemark());
        }
        return new PullBatch(messages, header.getNextBeginOffset(), header.getMinOffset(), header.getMaxOffset());
    }

    private static PullMessageResponseHeader pullHeader(RemotingCommand response) throws RemotingCommandException {
        return response.decodeCommandCustomHeader(PullMessageResponseHeader.class);
    }

    /**
     * Decodes with the flags of the proxy's own receive path: properties yes, decompression no, so that clients get the stored
     * bytes with their encoding.
     */
    private static List<BrokerMessage> decode(byte[] body, PullMessageResponseHeader header) {
        List<MessageExt> decoded = MessageDecoder.decodesBatch(ByteBuffer.wrap(body), true, false, true);
        long offsetDelta = header.getOffsetDelta() == null ? 0 : header.getOffsetDelta();
        List<BrokerMessage> result = new ArrayList<>(decoded.size());
        for (MessageExt message : decoded) {
            message.setQueueOffset(message.getQueueOffset() + offsetDelta);
            result.add(toBrokerMessage(message));
        }
        return result;
    }

    private static BrokerMessage toBrokerMessage(MessageExt message) {
        String liteTopic = message.getProperty(LITE_TOPIC_PROPERTY);
        if (liteTopic == null) {
            liteTopic = message.getProperty(MessageConst.PROPERTY_SHARDING_KEY);
        }
        return new BrokerMessage(
                message.getQueueOffset(),
                liteTopic,
                message.getStoreTimestamp(),
                message.getStoreSize() + DECODED_OVERHEAD_BYTES,
                message);
    }

    private static void requireSuccess(RemotingCommand response) throws MQBrokerException {
        if (response.getCode() != ResponseCode.SUCCESS) {
            throw new MQBrokerException(response.getCode(), response.getRemark());
        }
    }
}
