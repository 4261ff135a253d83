package io.litetopic.proxy.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Encoding;
import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import io.litetopic.proxy.broker.RecordBatch;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.engine.SubscriptionMode;
import io.litetopic.proxy.journal.Journal;
import io.litetopic.proxy.journal.JournalException;
import io.litetopic.proxy.journal.JournalStream;
import io.litetopic.proxy.journal.StreamLostException;
import io.litetopic.proxy.journal.TopicJournal;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.StateChanges;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.common.NameserverAccessConfig;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway and the provisioner against a real stock broker. */
class RemotingBrokerGatewayIT {
    private static final Duration NO_WAIT = Duration.ZERO;

    @TempDir
    private static Path folder;

    private static StockServers servers;
    private static BrokerConnection connection;
    private static RemotingBrokerGateway gateway;
    private static TopicProvisioner provisioner;

    @BeforeAll
    static void startCluster() throws Exception {
        servers = StockServers.start(folder);
        connection = newConnection();
        gateway = new RemotingBrokerGateway(connection);
        provisioner = new TopicProvisioner(connection, "DefaultCluster", servers.nameServer());
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptionsMatching(e -> e instanceof ProvisioningException notReady && notReady.isRetryable())
                .untilAsserted(() -> provisioner.provision(bindTopic("ready", "ready-group")));
    }

    @AfterAll
    static void stopCluster() {
        gateway.close();
        servers.close();
    }

    @Test
    void createsTopicAndGroupAndAcceptsThemAgain() throws Exception {
        provisioner.provision(bindTopic("created", "created-group"));
        provisioner.provision(bindTopic("created", "created-group"));

        SubscriptionGroupConfig group =
                connection.client().getSubscriptionGroupConfig(brokerAddress(), "created-group", 3_000);
        assertThat(group.isConsumeMessageOrderly()).isTrue();
        assertThat(group.getRetryMaxTimes()).isEqualTo(4);
        await().untilAsserted(() -> assertThat(gateway.queues("created").join())
                .containsExactly(
                        BrokerQueue.of("created", "broker-a", 0),
                        BrokerQueue.of("created", "broker-a", 1),
                        BrokerQueue.of("created", "broker-a", 2)));
    }

    @Test
    void refusesATopicOfAnotherTypeWithTheCommandAndCreatesNothing() throws Exception {
        connection.client().createTopic(brokerAddress(), "TBW102", new TopicConfig("plain", 4, 4, 6), 3_000);

        ProvisioningException refusal = catchThrowableOfType(
                ProvisioningException.class, () -> provisioner.provision(bindTopic("plain", "plain-group")));

        assertThat(refusal.isRetryable()).isFalse();
        assertThat(refusal)
                .hasMessageContaining("has message type NORMAL but FIFO is needed")
                .hasMessageContaining("run: mqadmin updateTopic -n '" + servers.nameServer()
                        + "' -c DefaultCluster -t plain -r 4 -w 4 -a +message.type=FIFO");
        assertThat(connection
                        .client()
                        .getAllSubscriptionGroup(brokerAddress(), 3_000)
                        .getSubscriptionGroupTable())
                .doesNotContainKey("plain-group");
    }

    @Test
    void refusesAGroupThatIsNotOrderlyWithTheCommand() throws Exception {
        SubscriptionGroupConfig concurrent = new SubscriptionGroupConfig();
        concurrent.setGroupName("concurrent");
        connection.client().createSubscriptionGroup(brokerAddress(), concurrent, 3_000);

        assertThatThrownBy(() -> provisioner.provision(bindTopic("never-created", "concurrent")))
                .hasMessageContaining("consumer group 'concurrent' on broker " + brokerAddress() + " is not orderly")
                .hasMessageContaining("mqadmin updateSubGroup -n '" + servers.nameServer()
                        + "' -c DefaultCluster -g concurrent -s true -o true -q 1 -r 4");
        BrokerException noRoute =
                failureOf(() -> gateway.queues("never-created").join());
        assertThat(noRoute.isRetryable()).isTrue();
    }

    @Test
    void readsWhatWasSentAndKnowsTheEnds() throws Exception {
        BrokerQueue queue = freshQueue("reading", "reading-group");
        byte[] compressed = {1, 2, 3, 4};
        send(queue, "order-1", "first".getBytes(StandardCharsets.UTF_8), 0);
        send(queue, "order-2", compressed, MessageSysFlag.COMPRESSED_FLAG);

        PullBatch batch = gateway.pull("reading-group", queue, 0, 32, Duration.ofSeconds(5))
                .join();
        while (batch.messages().size() < 2) {
            batch = gateway.pull("reading-group", queue, 0, 32, NO_WAIT).join();
        }

        assertThat(batch.messages()).extracting(BrokerMessage::queueOffset).containsExactly(0L, 1L);
        assertThat(batch.messages()).extracting(BrokerMessage::liteTopic).containsExactly("order-1", "order-2");
        assertThat(batch.nextOffset()).isEqualTo(2);
        assertThat(gateway.maxOffset(queue).join()).isEqualTo(2);
        assertThat(gateway.minOffset(queue).join()).isZero();
        apache.rocketmq.v2.Message delivery = new LiteMessageConverter()
                .toDelivery(batch.messages().get(1), "order-2", "handle-7", 3, Duration.ofSeconds(30));
        assertThat(delivery.getBody().toByteArray()).isEqualTo(compressed);
        assertThat(delivery.getSystemProperties().getBodyEncoding()).isEqualTo(Encoding.GZIP);
        assertThat(delivery.getSystemProperties().getLiteTopic()).isEqualTo("order-2");
        assertThat(delivery.getSystemProperties().getReceiptHandle()).isEqualTo("handle-7");
        assertThat(delivery.getSystemProperties().getDeliveryAttempt()).isEqualTo(3);
        assertThat(delivery.getUserPropertiesMap()).containsExactlyEntriesOf(Map.of("color", "red"));
    }

    @Test
    void answersWithoutMessagesWhereThereAreNone() throws Exception {
        BrokerQueue queue = freshQueue("empty", "empty-group");
        send(queue, "a", new byte[] {1}, 0);
        await().untilAsserted(() -> assertThat(gateway.maxOffset(queue).join()).isEqualTo(1));

        PullBatch atEnd = gateway.pull("empty-group", queue, 1, 32, NO_WAIT).join();
        PullBatch beyond = gateway.pull("empty-group", queue, 100, 32, NO_WAIT).join();

        assertThat(atEnd.messages()).isEmpty();
        assertThat(atEnd.nextOffset()).isEqualTo(1);
        assertThat(beyond.messages()).isEmpty();
        assertThat(beyond.nextOffset()).isEqualTo(1);
        assertThat(beyond.maxOffset()).isEqualTo(1);
    }

    @Test
    void waitsForAMessage() throws Exception {
        BrokerQueue queue = freshQueue("waiting", "waiting-group");
        var pull = gateway.pull("waiting-group", queue, 0, 32, Duration.ofSeconds(20));
        assertThat(pull).isNotDone();

        send(queue, "a", new byte[] {1}, 0);

        await().atMost(Duration.ofSeconds(10)).until(pull::isDone);
        assertThat(pull.join().messages()).hasSize(1);
    }

    @Test
    void commitsOffsetsAndTellsIfThereWasNone() throws Exception {
        BrokerQueue queue = freshQueue("offsets", "offsets-group");
        send(queue, "a", new byte[] {1}, 0);
        await().untilAsserted(() -> assertThat(gateway.maxOffset(queue).join()).isEqualTo(1));

        long before = gateway.committedOffset("offsets-group", queue).join();
        gateway.commit("offsets-group", queue, 1).join();

        assertThat(before).isEqualTo(-1);
        assertThat(gateway.committedOffset("offsets-group", queue).join()).isEqualTo(1);
    }

    @Test
    void reportsACommitOfAnUnknownGroup() throws Exception {
        BrokerQueue queue = freshQueue("offsets-2", "offsets-2-group");

        BrokerException refused =
                failureOf(() -> gateway.commit("nobody", queue, 1).join());

        assertThat(refused.isRetryable()).isFalse();
        assertThat(refused).hasMessageContaining("cannot commit group=nobody queue=offsets-2@broker-a/0 offset=1");
    }

    @Test
    void locksQueuesForOneOwner() throws Exception {
        BrokerQueue queue = freshQueue("locking", "locking-group");

        assertThat(gateway.lock("locking-group", "proxy-1", Set.of(queue)).join())
                .containsExactly(queue);
        assertThat(gateway.lock("locking-group", "proxy-2", Set.of(queue)).join())
                .isEmpty();
        gateway.unlock("locking-group", "proxy-1", Set.of(queue)).join();
        await().untilAsserted(() -> assertThat(
                        gateway.lock("locking-group", "proxy-2", Set.of(queue)).join())
                .containsExactly(queue));
    }

    @Test
    void copiesAMessageToTheDeadLetterQueueWithItsProperties() throws Exception {
        BrokerQueue queue = freshQueue("dead", "dead-group");
        send(queue, "order-1", "poison".getBytes(StandardCharsets.UTF_8), 0);
        BrokerMessage poison = gateway.pull("dead-group", queue, 0, 1, Duration.ofSeconds(10))
                .join()
                .messages()
                .get(0);

        gateway.deadLetter("dead-group", queue, poison).join();

        BrokerQueue deadLetters = BrokerQueue.of("%DLQ%dead-group", "broker-a", 0);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> gateway.maxOffset(deadLetters).join() == 1);
        MessageExt dead = (MessageExt) gateway.pull("dead-group", deadLetters, 0, 1, Duration.ofSeconds(5))
                .join()
                .messages()
                .get(0)
                .payload();
        assertThat(dead.getBody()).asString().isEqualTo("poison");
        assertThat(dead.getProperty("__LITE_TOPIC")).isEqualTo("order-1");
        assertThat(dead.getProperty("color")).isEqualTo("red");
    }

    @Test
    void failsPendingPullsWhenItCloses() throws Exception {
        BrokerQueue queue = freshQueue("closing", "closing-group");
        RemotingBrokerGateway other = new RemotingBrokerGateway(newConnection());
        var pull = other.pull("closing-group", queue, 0, 32, Duration.ofSeconds(60));

        other.close();
        other.close();

        assertThat(failureOf(pull::join)).isInstanceOf(BrokerException.class);
        assertThat(failureOf(() -> other.maxOffset(queue).join()).isRetryable()).isFalse();
    }

    @Test
    void saysThatAClusterIsNotThereYet() {
        TopicProvisioner elsewhere = new TopicProvisioner(connection, "OtherCluster", servers.nameServer());

        ProvisioningException notYet =
                catchThrowableOfType(ProvisioningException.class, () -> elsewhere.provision(bindTopic("t", "g")));

        assertThat(notYet.isRetryable()).isTrue();
        assertThat(notYet)
                .hasMessageContaining("cluster 'OtherCluster' has no broker")
                .hasMessageContaining("DefaultCluster");
    }

    @Test
    void appendsRecordsAndReadsThemAsTheyAre() throws Exception {
        freshQueue("records", "records-group");
        BrokerQueue stream = BrokerQueue.of("LITE_JOURNAL_records-group", "broker-a", 2);
        byte[] small = {0, 1, 2, -1};
        byte[] large = new byte[256 * 1024];
        new Random(1).nextBytes(large);
        await().ignoreExceptions()
                .until(() -> gateway.queues(stream.topic()).join(), queues -> queues.contains(stream));

        long first = gateway.append(stream, small).join();
        long second = gateway.append(stream, large).join();

        assertThat(first).isZero();
        assertThat(second).isEqualTo(1);
        await().untilAsserted(() -> assertThat(gateway.maxOffset(stream).join()).isEqualTo(2));
        List<RecordBatch.Record> records = new ArrayList<>();
        while (records.size() < 2) {
            records.addAll(gateway.readRecords("records-group", stream, records.size(), 32)
                    .join()
                    .records());
        }
        assertThat(records).extracting(RecordBatch.Record::queueOffset).containsExactly(0L, 1L);
        assertThat(records).extracting(RecordBatch.Record::bytes).containsExactly(small, large);
        assertThat(records.get(1).storeTimestampMillis())
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 1_000);
        RecordBatch end = gateway.readRecords("records-group", stream, 2, 32).join();
        assertThat(end.records()).isEmpty();
        assertThat(end.nextOffset()).isEqualTo(2);
        assertThat(end.minOffset()).isZero();
        assertThat(end.maxOffset()).isEqualTo(2);
    }

    @Test
    void refusesToAppendToAQueueThatDoesNotExist() throws Exception {
        freshQueue("records-2", "records-2-group");
        BrokerQueue missing = BrokerQueue.of("LITE_JOURNAL_records-2-group", "broker-a", 9);
        await().ignoreExceptions().until(() -> gateway.queues(missing.topic()).join(), queues -> !queues.isEmpty());

        BrokerException refused =
                failureOf(() -> gateway.append(missing, new byte[] {1}).join());

        assertThat(refused.isRetryable()).isFalse();
        assertThat(refused).hasMessageContaining("cannot append a record of 1 bytes to queue=" + missing);
    }

    @Test
    void keepsAJournalAcrossOwnersAndCreatesItsTopicWhenItIsMissing() throws Exception {
        BrokerQueue queue = freshQueue("journaled", "journaled-group");
        BrokerQueue fourth = BrokerQueue.of("journaled", "broker-a", 3);
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            Journal journal = journal("journaled-group", "proxy-1", scheduler, () -> {
                // what an operator does who gives the bind topic another queue
                TopicConfig grown = new TopicConfig("journaled", 4, 4, 6);
                connection.client().createTopic(brokerAddress(), "TBW102", grown, 3_000);
                provisioner.provision(bindTopic("journaled", "journaled-group"));
            });
            JournalStream first = opened(journal, queue);
            first.append(liteTopics("before")).get(10, TimeUnit.SECONDS);
            first.beginSnapshot().get(10, TimeUnit.SECONDS);
            first.appendSnapshotPart(liteTopics("before")).get(10, TimeUnit.SECONDS);
            first.endSnapshot().get(10, TimeUnit.SECONDS);
            for (int i = 0; i < 100; i++) {
                first.append(liteTopics("after-" + i % 10)).get(10, TimeUnit.SECONDS);
            }

            JournalStream second = opened(journal, queue);

            assertThat(second.epoch()).isGreaterThan(first.epoch());
            assertThat(second.recovered().liteTopics()).hasSize(11);
            assertThat(first.append(liteTopics("too-late")))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withCauseInstanceOf(StreamLostException.class);
            second.append(liteTopics("goes-on")).get(10, TimeUnit.SECONDS);
            assertThat(opened(journal, queue).recovered().liteTopics())
                    .extracting(LiteTopicState::name)
                    .hasSize(12)
                    .contains("goes-on")
                    .doesNotContain("too-late");
            assertThat(opened(journal, fourth).recovered().liteTopics()).isEmpty();
        } finally {
            scheduler.shutdownNow();
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Journal journal(String group, String owner, ScheduledExecutorService scheduler, Action provision) {
        return new TopicJournal(
                group,
                owner,
                gateway,
                scheduler,
                () -> {
                    try {
                        provision.run();
                        return CompletableFuture.completedFuture(null);
                    } catch (Exception e) {
                        return CompletableFuture.failedFuture(e);
                    }
                },
                false,
                System::nanoTime);
    }

    private static JournalStream opened(Journal journal, BrokerQueue queue) {
        return await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsMatching(e -> e.getCause() instanceof JournalException again && again.isRetryable())
                .until(() -> journal.open(queue).get(30, TimeUnit.SECONDS), stream -> true);
    }

    private static StateChanges liteTopics(String name) {
        return StateChanges.builder(0)
                .set(new LiteTopicState(name, true, 5, LiteTopicState.NONE, 0, LiteTopicState.NONE))
                .build();
    }

    private static BrokerConnection newConnection() {
        BrokerConnection result = new BrokerConnection(new NameserverAccessConfig(servers.nameServer(), "", ""), null);
        result.start();
        return result;
    }

    private static BindTopicConfig bindTopic(String topic, String group) {
        LiteGroupConfig groupConfig = new LiteGroupConfig(group, SubscriptionMode.SHARED, 10, 10, 5);
        return new BindTopicConfig(topic, null, 100, 3, Map.of(group, groupConfig));
    }

    private static BrokerQueue freshQueue(String topic, String group) throws ProvisioningException {
        provisioner.provision(bindTopic(topic, group));
        return await().ignoreExceptions()
                .until(() -> gateway.queues(topic).join(), (List<BrokerQueue> queues) -> !queues.isEmpty())
                .get(0);
    }

    private static String brokerAddress() throws Exception {
        return Objects.requireNonNull(connection
                        .client()
                        .getBrokerClusterInfo(3_000)
                        .getBrokerAddrTable()
                        .get("broker-a"))
                .selectBrokerAddr();
    }

    private static void send(BrokerQueue queue, String liteTopic, byte[] body, int sysFlag) throws Exception {
        Message message = new Message(queue.topic(), body);
        message.putUserProperty("color", "red");
        message.putUserProperty("__LITE_TOPIC", liteTopic);
        SendMessageRequestHeader header = new SendMessageRequestHeader();
        header.setProducerGroup("test");
        header.setTopic(queue.topic());
        header.setDefaultTopic("TBW102");
        header.setDefaultTopicQueueNums(1);
        header.setQueueId(queue.queueId());
        header.setSysFlag(sysFlag);
        header.setBornTimestamp(System.currentTimeMillis());
        header.setFlag(0);
        header.setReconsumeTimes(0);
        header.setBatch(false);
        Map<String, String> properties = new java.util.HashMap<>(message.getProperties());
        properties.put("__SHARDINGKEY", liteTopic);
        header.setProperties(MessageDecoder.messageProperties2String(properties));
        connection
                .client()
                .sendMessageAsync(brokerAddress(), "broker-a", message, header, 3_000)
                .get();
    }

    private static BrokerException failureOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        CompletionException failure = catchThrowableOfType(CompletionException.class, call);
        assertThat(failure).hasCauseInstanceOf(BrokerException.class);
        return Objects.requireNonNull((BrokerException) failure.getCause());
    }
}
