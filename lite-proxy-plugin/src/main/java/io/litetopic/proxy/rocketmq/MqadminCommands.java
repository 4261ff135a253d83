package io.litetopic.proxy.rocketmq;

import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.constant.PermName;
import org.jspecify.annotations.Nullable;

/** The commands an operator runs to make an existing topic or group fit; printed in errors, never run by the plugin. */
final class MqadminCommands {
    private final String nameServers;
    private final String clusterName;

    MqadminCommands(String nameServers, String clusterName) {
        this.nameServers = nameServers;
        this.clusterName = clusterName;
    }

    /** @param brokerAddress {@code null} for the whole cluster */
    String makeTopicFifo(TopicConfig topic, @Nullable String brokerAddress) {
        String target = brokerAddress == null ? " -c " + clusterName : " -b " + brokerAddress;
        return "mqadmin updateTopic -n '" + nameServers + "'" + target + " -t " + topic.getTopicName() + " -r "
                + topic.getReadQueueNums() + " -w " + topic.getWriteQueueNums() + " -a +message.type=FIFO";
    }

    String makeTopicReadWrite(TopicConfig topic, String brokerAddress) {
        return "mqadmin updateTopicPerm -n '" + nameServers + "' -b " + brokerAddress + " -t " + topic.getTopicName()
                + " -p " + (PermName.PERM_READ | PermName.PERM_WRITE);
    }

    String makeGroupOrderly(String group, int retryMaxTimes) {
        return "mqadmin updateSubGroup -n '" + nameServers + "' -c " + clusterName + " -g " + group
                + " -s true -o true -q 1 -r " + retryMaxTimes;
    }
}
