package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import io.litetopic.proxy.broker.RecordBatch;
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
import org.apache.rocketmq.remoting.protocol.header.GetConsumerListByGroupResponseBody;
import org.apache.rocketmq.remoting.protocol.header.GetMaxOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMinOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.PullMessageResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.SearchOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.SendMessageResponseHeader;

/** Reads a stock broker's answers. Any answer that is not the expected one becomes an {@link MQBrokerException}. */
final class BrokerResponses {
    static final String LITE_TOPIC_PROPERTY = "__LITE_TOPIC";

    private static final String NO_MEMBERS = "no consumer for this group";
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

    static List<String> members(RemotingCommand response) throws MQBrokerException {
        // there is no code of its own for a group without members
        if (response.getCode() == ResponseCode.SYSTEM_ERROR
                && String.valueOf(response.getRemark()).startsWith(NO_MEMBERS)) {
            return Collections.emptyList();
        }
        requireSuccess(response);
        return GetConsumerListByGroupResponseBody.decode(response.getBody(), GetConsumerListByGroupResponseBody.class)
                .getConsumerIdList();
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
        PullMessageResponseHeader header = pullHeader(response);
        List<BrokerMessage> messages = new ArrayList<>();
        for (MessageExt message : decode(response, header)) {
            messages.add(toBrokerMessage(message));
        }
        return new PullBatch(messages, header.getNextBeginOffset(), header.getMinOffset(), header.getMaxOffset());
    }

    static RecordBatch recordBatch(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        PullMessageResponseHeader header = pullHeader(response);
        List<RecordBatch.Record> records = new ArrayList<>();
        for (MessageExt message : decode(response, header)) {
            records.add(
                    new RecordBatch.Record(message.getQueueOffset(), message.getStoreTimestamp(), message.getBody()));
        }
        return new RecordBatch(records, header.getNextBeginOffset(), header.getMinOffset(), header.getMaxOffset());
    }

    /** Queue offset of a stored message; also if the broker could not yet flush or replicate it, see {@link #isDurable}. */
    static Long appendedOffset(RemotingCommand response) throws MQBrokerException, RemotingCommandException {
        switch (response.getCode()) {
            case ResponseCode.SUCCESS:
            case ResponseCode.FLUSH_DISK_TIMEOUT:
            case ResponseCode.FLUSH_SLAVE_TIMEOUT:
            case ResponseCode.SLAVE_NOT_AVAILABLE:
                return response.decodeCommandCustomHeader(SendMessageResponseHeader.class)
                        .getQueueOffset();
            default:
                throw new MQBrokerException(response.getCode(), response.getRemark());
        }
    }

    /** Whether a stored message is also where the broker is configured to put it before it answers. */
    static boolean isDurable(RemotingCommand response) {
        return response.getCode() == ResponseCode.SUCCESS;
    }

    private static PullMessageResponseHeader pullHeader(RemotingCommand response)
            throws MQBrokerException, RemotingCommandException {
        switch (response.getCode()) {
            case ResponseCode.SUCCESS:
            case ResponseCode.PULL_NOT_FOUND: // nothing new
            case ResponseCode.PULL_RETRY_IMMEDIATELY: // nothing that matches, go on at the next offset
            case ResponseCode.PULL_OFFSET_MOVED: // the offset does not exist, the next one does
                return response.decodeCommandCustomHeader(PullMessageResponseHeader.class);
            default:
                throw new MQBrokerException(response.getCode(), response.getRemark());
        }
    }

    /**
     * Decodes with the flags of the proxy's own receive path: properties yes, decompression no, so that clients get the stored
     * bytes with their encoding.
     */
    private static List<MessageExt> decode(RemotingCommand response, PullMessageResponseHeader header) {
        if (response.getCode() != ResponseCode.SUCCESS) {
            return Collections.emptyList();
        }
        List<MessageExt> decoded = MessageDecoder.decodesBatch(ByteBuffer.wrap(response.getBody()), true, false, true);
        long offsetDelta = header.getOffsetDelta() == null ? 0 : header.getOffsetDelta();
        for (MessageExt message : decoded) {
            message.setQueueOffset(message.getQueueOffset() + offsetDelta);
        }
        return decoded;
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
