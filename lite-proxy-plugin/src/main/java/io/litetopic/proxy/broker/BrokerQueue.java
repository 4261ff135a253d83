package io.litetopic.proxy.broker;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One message queue of a topic on one broker. Immutable value. */
public final class BrokerQueue implements Comparable<BrokerQueue> {
    private final String topic;
    private final String brokerName;
    private final int queueId;

    private BrokerQueue(String topic, String brokerName, int queueId) {
        this.topic = Objects.requireNonNull(topic);
        this.brokerName = Objects.requireNonNull(brokerName);
        this.queueId = queueId;
    }

    public static BrokerQueue of(String topic, String brokerName, int queueId) {
        return new BrokerQueue(topic, brokerName, queueId);
    }

    public String topic() {
        return topic;
    }

    public String brokerName() {
        return brokerName;
    }

    public int queueId() {
        return queueId;
    }

    @Override
    public int compareTo(BrokerQueue other) {
        int byTopic = topic.compareTo(other.topic);
        if (byTopic != 0) {
            return byTopic;
        }
        int byBroker = brokerName.compareTo(other.brokerName);
        return byBroker != 0 ? byBroker : Integer.compare(queueId, other.queueId);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof BrokerQueue)) {
            return false;
        }
        BrokerQueue that = (BrokerQueue) other;
        return queueId == that.queueId && topic.equals(that.topic) && brokerName.equals(that.brokerName);
    }

    @Override
    public int hashCode() {
        return (topic.hashCode() * 31 + brokerName.hashCode()) * 31 + queueId;
    }

    @Override
    public String toString() {
        return topic + '@' + brokerName + '/' + queueId;
    }
}
