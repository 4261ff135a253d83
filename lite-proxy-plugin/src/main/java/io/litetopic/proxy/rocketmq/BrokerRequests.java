package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.HashSet;
import java.util.Set;
import org.apache.rocketmq.common.BoundaryType;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.sysflag.PullSysFlag;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.body.LockBatchRequestBody;
import org.apache.rocketmq.remoting.protocol.body.UnlockBatchRequestBody;
import org.apache.rocketmq.remoting.protocol.header.ConsumerSendMsgBackRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetConsumerListByGroupRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMaxOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMinOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.HeartbeatRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.LockBatchMqRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PullMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.SearchOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeaderV2;
import org.apache.rocketmq.remoting.protocol.header.UnlockBatchMqRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.UnregisterClientRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.UpdateConsumerOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.heartbeat.ConsumeType;
import org.apache.rocketmq.remoting.protocol.heartbeat.ConsumerData;
import org.apache.rocketmq.remoting.protocol.heartbeat.HeartbeatData;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/** The remoting requests of {@link RemotingBrokerGateway}: which header fields a stock broker needs. */
final class BrokerRequests {
    /** Delay level that sends a message to the dead letter queue at once instead of to the retry topic. */
    private static final int TO_DEAD_LETTER_QUEUE = -1;

    /** Brokers want a name but keep no such groups. */
    private static final String PRODUCER_GROUP = "LITE_JOURNAL";

    private BrokerRequests() {}

    static RemotingCommand lock(String group, String ownerId, Set<BrokerQueue> queues) {
        LockBatchRequestBody body = new LockBatchRequestBody();
        body.setConsumerGroup(group);
        body.setClientId(ownerId);
        body.setMqSet(stockQueues(queues));
        RemotingCommand request =
                RemotingCommand.createRequestCommand(RequestCode.LOCK_BATCH_MQ, new LockBatchMqRequestHeader());
        request.setBody(body.encode());
        return request;
    }

    static RemotingCommand unlock(String group, String ownerId, Set<BrokerQueue> queues) {
        UnlockBatchRequestBody body = new UnlockBatchRequestBody();
        body.setConsumerGroup(group);
        body.setClientId(ownerId);
        body.setMqSet(stockQueues(queues));
        RemotingCommand request =
                RemotingCommand.createRequestCommand(RequestCode.UNLOCK_BATCH_MQ, new UnlockBatchMqRequestHeader());
        request.setBody(body.encode());
        return request;
    }

    static RemotingCommand committedOffset(String group, BrokerQueue queue) {
        QueryConsumerOffsetRequestHeader header = new QueryConsumerOffsetRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        // otherwise the broker answers 0 for "never committed" on some queues
        header.setSetZeroIfNotFound(false);
        return RemotingCommand.createRequestCommand(RequestCode.QUERY_CONSUMER_OFFSET, header);
    }

    static RemotingCommand commit(String group, BrokerQueue queue, long offset) {
        UpdateConsumerOffsetRequestHeader header = new UpdateConsumerOffsetRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        header.setCommitOffset(offset);
        return RemotingCommand.createRequestCommand(RequestCode.UPDATE_CONSUMER_OFFSET, header);
    }

    static RemotingCommand minOffset(BrokerQueue queue) {
        GetMinOffsetRequestHeader header = new GetMinOffsetRequestHeader();
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        return RemotingCommand.createRequestCommand(RequestCode.GET_MIN_OFFSET, header);
    }

    static RemotingCommand maxOffset(BrokerQueue queue) {
        GetMaxOffsetRequestHeader header = new GetMaxOffsetRequestHeader();
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        return RemotingCommand.createRequestCommand(RequestCode.GET_MAX_OFFSET, header);
    }

    static RemotingCommand offsetAt(BrokerQueue queue, long timestampMillis) {
        SearchOffsetRequestHeader header = new SearchOffsetRequestHeader();
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        header.setTimestamp(timestampMillis);
        header.setBoundaryType(BoundaryType.LOWER);
        return RemotingCommand.createRequestCommand(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, header);
    }

    static RemotingCommand pull(String group, BrokerQueue queue, long offset, int maxMessages, long maxWaitMillis) {
        PullMessageRequestHeader header = new PullMessageRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        header.setQueueOffset(offset);
        header.setMaxMsgNums(maxMessages);
        header.setSysFlag(PullSysFlag.buildSysFlag(false, maxWaitMillis > 0, true, false));
        header.setCommitOffset(0L);
        header.setSuspendTimeoutMillis(maxWaitMillis);
        header.setSubscription("*");
        header.setExpressionType("TAG");
        header.setSubVersion(0L);
        return RemotingCommand.createRequestCommand(RequestCode.PULL_MESSAGE, header);
    }

    /** To exactly this queue, as ordinary message without properties. */
    static RemotingCommand append(BrokerQueue queue, byte[] record) {
        SendMessageRequestHeader header = new SendMessageRequestHeader();
        header.setProducerGroup(PRODUCER_GROUP);
        header.setTopic(queue.topic());
        header.setQueueId(queue.queueId());
        // what the broker would create the topic from if it may create topics by itself; ours exists
        header.setDefaultTopic(TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC);
        header.setDefaultTopicQueueNums(1);
        header.setSysFlag(0);
        header.setBornTimestamp(System.currentTimeMillis());
        header.setFlag(0);
        header.setProperties("");
        header.setReconsumeTimes(0);
        header.setBatch(false);
        RemotingCommand request = RemotingCommand.createRequestCommand(
                RequestCode.SEND_MESSAGE_V2, SendMessageRequestHeaderV2.createSendMessageRequestHeaderV2(header));
        request.setBody(record);
        return request;
    }

    static RemotingCommand deadLetter(String group, MessageExt message) {
        ConsumerSendMsgBackRequestHeader header = new ConsumerSendMsgBackRequestHeader();
        header.setGroup(group);
        header.setOffset(message.getCommitLogOffset());
        header.setDelayLevel(TO_DEAD_LETTER_QUEUE);
        header.setOriginMsgId(message.getMsgId());
        header.setOriginTopic(message.getTopic());
        header.setMaxReconsumeTimes(0);
        return RemotingCommand.createRequestCommand(RequestCode.CONSUMER_SEND_MSG_BACK, header);
    }

    /** The client takes part in the group; it says so as a consumer without subscriptions. */
    static RemotingCommand heartbeat(String group, String clientId) {
        ConsumerData consumer = new ConsumerData();
        consumer.setGroupName(group);
        consumer.setConsumeType(ConsumeType.CONSUME_PASSIVELY);
        consumer.setMessageModel(MessageModel.CLUSTERING);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        HeartbeatData heartbeat = new HeartbeatData();
        heartbeat.setClientID(clientId);
        heartbeat.getConsumerDataSet().add(consumer);
        RemotingCommand request =
                RemotingCommand.createRequestCommand(RequestCode.HEART_BEAT, new HeartbeatRequestHeader());
        request.setBody(heartbeat.encode());
        return request;
    }

    static RemotingCommand unregister(String group, String clientId) {
        UnregisterClientRequestHeader header = new UnregisterClientRequestHeader();
        header.setClientID(clientId);
        header.setConsumerGroup(group);
        return RemotingCommand.createRequestCommand(RequestCode.UNREGISTER_CLIENT, header);
    }

    static RemotingCommand members(String group) {
        GetConsumerListByGroupRequestHeader header = new GetConsumerListByGroupRequestHeader();
        header.setConsumerGroup(group);
        return RemotingCommand.createRequestCommand(RequestCode.GET_CONSUMER_LIST_BY_GROUP, header);
    }

    private static Set<MessageQueue> stockQueues(Set<BrokerQueue> queues) {
        Set<MessageQueue> result = new HashSet<>();
        for (BrokerQueue queue : queues) {
            result.add(new MessageQueue(queue.topic(), queue.brokerName(), queue.queueId()));
        }
        return result;
    }
}
