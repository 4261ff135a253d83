package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.constant.PermName;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.route.QueueData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.jspecify.annotations.Nullable;

/** Where a topic is: its readable queues and the master address of each broker. Immutable. */
final class TopicRoute {
    private final List<BrokerQueue> queues;
    private final Map<String, String> masterByBrokerName;

    private TopicRoute(List<BrokerQueue> queues, Map<String, String> masterByBrokerName) {
        this.queues = Collections.unmodifiableList(queues);
        this.masterByBrokerName = masterByBrokerName;
    }

    static TopicRoute of(String topic, TopicRouteData data) {
        Map<String, String> masters = new HashMap<>();
        for (BrokerData broker : data.getBrokerDatas()) {
            String master = broker.getBrokerAddrs().get(MixAll.MASTER_ID);
            if (master != null) {
                masters.put(broker.getBrokerName(), master);
            }
        }
        List<BrokerQueue> queues = new ArrayList<>();
        for (QueueData queue : data.getQueueDatas()) {
            if (masters.containsKey(queue.getBrokerName()) && PermName.isReadable(queue.getPerm())) {
                for (int id = 0; id < queue.getReadQueueNums(); id++) {
                    queues.add(BrokerQueue.of(topic, queue.getBrokerName(), id));
                }
            }
        }
        Collections.sort(queues);
        return new TopicRoute(queues, masters);
    }

    /** Sorted. */
    List<BrokerQueue> queues() {
        return queues;
    }

    @Nullable
    String masterOf(String brokerName) {
        return masterByBrokerName.get(brokerName);
    }
}
