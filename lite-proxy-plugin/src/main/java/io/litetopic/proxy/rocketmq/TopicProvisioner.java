package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.journal.JournalTopics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.TopicAttributes;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.attribute.TopicMessageType;
import org.apache.rocketmq.common.constant.LoggerName;
import org.apache.rocketmq.common.constant.PermName;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.config.ProxyConfig;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a bind topic and its groups exist on every master broker of the cluster as lite topics need them: the topic of
 * type FIFO, readable and writable; the groups orderly and enabled. What is missing is created, what is there is verified and
 * never changed. Everything is verified before anything is created. Each group also gets an internal topic for its journal, with
 * at least as many queues as the bind topic has on that broker; that one grows when the bind topic has grown. Blocks; use it from
 * one thread.
 */
public final class TopicProvisioner {
    private static final Logger log = LoggerFactory.getLogger(LoggerName.PROXY_LOGGER_NAME);
    private static final long CALL_TIMEOUT_MILLIS = 5_000;

    private final BrokerConnection connection;
    private final String clusterName;
    private final MqadminCommands commands;

    /**
     * @param connection started
     * @param nameServers as operators pass it to mqadmin, for error messages
     */
    public TopicProvisioner(BrokerConnection connection, String clusterName, String nameServers) {
        this.connection = connection;
        this.clusterName = clusterName;
        this.commands = new MqadminCommands(nameServers, clusterName);
    }

    /** For the cluster of the proxy in this JVM ({@code rocketMQClusterName}). */
    public static TopicProvisioner forProxy(BrokerConnection connection) {
        ProxyConfig config = ConfigurationManager.getProxyConfig();
        return new TopicProvisioner(connection, config.getRocketMQClusterName(), config.getNamesrvAddr());
    }

    /**
     * Verifies, then creates what is missing. Safe to repeat; several proxies may do it at a time.
     *
     * @throws ProvisioningException retryable while brokers or name server are not ready; otherwise with the mqadmin command to
     *     run
     */
    public void provision(BindTopicConfig bindTopic) throws ProvisioningException {
        try {
            Map<String, BrokerState> masters = readMasters(bindTopic);
            List<String> refusals = new ArrayList<>();
            verifyTopic(bindTopic, masters, refusals);
            for (LiteGroupConfig group : bindTopic.groups().values()) {
                verifyGroup(group, masters, refusals);
            }
            if (!refusals.isEmpty()) {
                throw new ProvisioningException(
                        "bind topic '" + bindTopic.name() + "' cannot be served: " + String.join("; ", refusals),
                        null,
                        false);
            }
            for (Map.Entry<String, BrokerState> master : masters.entrySet()) {
                createMissing(bindTopic, master.getKey(), master.getValue());
            }
        } catch (ProvisioningException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProvisioningException(
                    "interrupted while preparing bind topic '" + bindTopic.name() + "'", e, true);
        } catch (Exception e) {
            BrokerException failure = BrokerErrors.of("prepare bind topic '" + bindTopic.name() + "'", e);
            throw new ProvisioningException(String.valueOf(failure.getMessage()), failure, failure.isRetryable());
        }
    }

    private Map<String, BrokerState> readMasters(BindTopicConfig bindTopic) throws Exception {
        ClusterInfo cluster = connection.client().getBrokerClusterInfo(CALL_TIMEOUT_MILLIS);
        Set<String> brokerNames = cluster.getClusterAddrTable().getOrDefault(clusterName, Collections.emptySet());
        if (brokerNames.isEmpty()) {
            throw new ProvisioningException(
                    "cluster '" + clusterName + "' has no broker at the name server yet; it knows the clusters "
                            + cluster.getClusterAddrTable().keySet()
                            + "; if that does not change, correct rocketMQClusterName in rmq-proxy.json",
                    null,
                    true);
        }
        Map<String, BrokerState> masters = new TreeMap<>();
        for (String brokerName : brokerNames) {
            BrokerData broker = cluster.getBrokerAddrTable().get(brokerName);
            String address = broker == null ? null : broker.getBrokerAddrs().get(MixAll.MASTER_ID);
            if (address == null) {
                throw new ProvisioningException("broker '" + brokerName + "' has no master at the moment", null, true);
            }
            masters.put(address, readState(address, bindTopic));
        }
        return masters;
    }

    private BrokerState readState(String address, BindTopicConfig bindTopic) throws Exception {
        // asking for a single group would create it on brokers that create groups by themselves, and not as orderly
        Map<String, SubscriptionGroupConfig> groups = connection
                .client()
                .getAllSubscriptionGroup(address, CALL_TIMEOUT_MILLIS)
                .getSubscriptionGroupTable();
        Map<String, TopicConfig> journals = new HashMap<>();
        for (String group : bindTopic.groups().keySet()) {
            TopicConfig journal = readTopic(address, JournalTopics.topicOf(group));
            if (journal != null) {
                journals.put(group, journal);
            }
        }
        return new BrokerState(readTopic(address, bindTopic.name()), groups, journals);
    }

    private @Nullable TopicConfig readTopic(String address, String topic) throws Exception {
        try {
            return connection.client().getTopicConfig(address, topic, CALL_TIMEOUT_MILLIS);
        } catch (Exception e) {
            Integer code = BrokerErrors.codeOf(e);
            if (code != null && code == ResponseCode.TOPIC_NOT_EXIST) {
                return null;
            }
            throw e;
        }
    }

    private void verifyTopic(BindTopicConfig bindTopic, Map<String, BrokerState> masters, List<String> refusals) {
        masters.forEach((address, state) -> {
            TopicConfig topic = state.topic;
            if (topic == null) {
                return;
            }
            if (topic.getTopicMessageType() != TopicMessageType.FIFO) {
                refusals.add("topic '" + bindTopic.name() + "' on broker " + address + " has message type "
                        + topic.getTopicMessageType().getValue() + " but FIFO is needed; run: "
                        + commands.makeTopicFifo(topic, sameQueuesEverywhere(masters) ? null : address));
            }
            if ((topic.getPerm() & (PermName.PERM_READ | PermName.PERM_WRITE))
                    != (PermName.PERM_READ | PermName.PERM_WRITE)) {
                refusals.add("topic '" + bindTopic.name() + "' on broker " + address + " has permission "
                        + PermName.perm2String(topic.getPerm()) + " but reading and writing are needed; run: "
                        + commands.makeTopicReadWrite(topic, address));
            }
        });
    }

    private void verifyGroup(LiteGroupConfig group, Map<String, BrokerState> masters, List<String> refusals) {
        masters.forEach((address, state) -> {
            SubscriptionGroupConfig existing = state.groups.get(group.name());
            if (existing == null) {
                return;
            }
            String problem = null;
            if (!existing.isConsumeMessageOrderly()) {
                problem = "is not orderly";
            } else if (!existing.isConsumeEnable()) {
                problem = "is disabled";
            } else if (existing.getRetryQueueNums() < 1) {
                problem = "has no retry queue, so the broker would drop its dead letters";
            }
            if (problem != null) {
                refusals.add("consumer group '" + group.name() + "' on broker " + address + " " + problem + "; run: "
                        + commands.makeGroupOrderly(group.name(), retryMaxTimes(group)));
            }
        });
    }

    private void createMissing(BindTopicConfig bindTopic, String address, BrokerState state) throws Exception {
        if (state.topic == null) {
            TopicConfig topic = new TopicConfig(
                    bindTopic.name(), bindTopic.queues(), bindTopic.queues(), PermName.PERM_READ | PermName.PERM_WRITE);
            topic.setAttributes(Collections.singletonMap(
                    "+" + TopicAttributes.TOPIC_MESSAGE_TYPE_ATTRIBUTE.getName(), TopicMessageType.FIFO.getValue()));
            connection
                    .client()
                    .createTopic(address, TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC, topic, CALL_TIMEOUT_MILLIS);
            log.info(
                    "litetopic: bind topic created topic={} broker={} queues={}",
                    bindTopic.name(),
                    address,
                    bindTopic.queues());
        }
        for (LiteGroupConfig group : bindTopic.groups().values()) {
            if (!state.groups.containsKey(group.name())) {
                SubscriptionGroupConfig config = new SubscriptionGroupConfig();
                config.setGroupName(group.name());
                config.setConsumeMessageOrderly(true);
                config.setRetryMaxTimes(retryMaxTimes(group));
                connection.client().createSubscriptionGroup(address, config, CALL_TIMEOUT_MILLIS);
                log.info("litetopic: consumer group created group={} broker={}", group.name(), address);
            }
            provideJournal(bindTopic, group.name(), address, state);
        }
    }

    private void provideJournal(BindTopicConfig bindTopic, String group, String address, BrokerState state)
            throws Exception {
        int needed = state.topic == null
                ? bindTopic.queues()
                : Math.max(state.topic.getReadQueueNums(), state.topic.getWriteQueueNums());
        TopicConfig existing = state.journals.get(group);
        int queues = needed;
        int permission = PermName.PERM_READ | PermName.PERM_WRITE;
        if (existing != null) {
            if (Math.min(existing.getReadQueueNums(), existing.getWriteQueueNums()) >= needed) {
                return;
            }
            // queues are never taken away: they may hold the state of queues that the bind topic gets back
            queues = Math.max(needed, Math.max(existing.getReadQueueNums(), existing.getWriteQueueNums()));
            permission = existing.getPerm();
        }
        TopicConfig journal = new TopicConfig(JournalTopics.topicOf(group), queues, queues, permission);
        connection
                .client()
                .createTopic(address, TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC, journal, CALL_TIMEOUT_MILLIS);
        log.info(
                "litetopic: journal topic provided topic={} broker={} queues={}",
                journal.getTopicName(),
                address,
                queues);
    }

    /** Brokers count retries, the plugin (like the proxy in its settings for clients) counts attempts: one more. */
    private static int retryMaxTimes(LiteGroupConfig group) {
        return group.maxAttempts() - 1;
    }

    private static boolean sameQueuesEverywhere(Map<String, BrokerState> masters) {
        return masters.values().stream()
                        .map(state -> state.topic == null
                                ? "absent"
                                : state.topic.getReadQueueNums() + "/" + state.topic.getWriteQueueNums())
                        .distinct()
                        .count()
                == 1;
    }

    /** What one master broker has before anything is created. */
    private static final class BrokerState {
        final @Nullable TopicConfig topic;
        final Map<String, SubscriptionGroupConfig> groups;
        /** By group. */
        final Map<String, TopicConfig> journals;

        BrokerState(
                @Nullable TopicConfig topic,
                Map<String, SubscriptionGroupConfig> groups,
                Map<String, TopicConfig> journals) {
            this.topic = topic;
            this.groups = groups;
            this.journals = journals;
        }
    }
}
