package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.PullBatch;
import io.litetopic.proxy.broker.RecordBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.rocketmq.common.constant.LoggerName;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/**
 * {@link BrokerGateway} over the stock remoting client; the same in local and cluster mode. Payloads are {@link MessageExt}s.
 *
 * <p>Futures complete on a network thread of the client, which also decodes: continuations must be short and must not block.
 * Every call ends within 3 s, a pull within its waiting time plus 5 s.
 */
public final class RemotingBrokerGateway implements BrokerGateway {
    private static final Logger log = LoggerFactory.getLogger(LoggerName.PROXY_LOGGER_NAME);
    private static final long CALL_TIMEOUT_MILLIS = 3_000;
    /** The broker looks only every 5 s whether the time of a waiting pull is over. */
    private static final long PULL_GRACE_MILLIS = 6_000;

    private final BrokerConnection connection;
    private final RouteTable routes;
    private final PendingCalls calls = new PendingCalls();
    private final AtomicBoolean warnedOfLateFlush = new AtomicBoolean();

    /** @param connection started; {@link #close()} closes it */
    public RemotingBrokerGateway(BrokerConnection connection) {
        this.connection = connection;
        this.routes = new RouteTable(connection);
    }

    @Override
    public CompletableFuture<List<BrokerQueue>> queues(String topic) {
        return calls.run(
                () -> "list the queues of topic=" + topic,
                () -> routes.current(topic).thenApply(TopicRoute::queues));
    }

    /**
     * {@inheritDoc}
     *
     * <p>A broker that cannot be reached keeps its queues out of the result; only if no broker answers does the call fail.
     */
    @Override
    public CompletableFuture<Set<BrokerQueue>> lock(String group, String ownerId, Set<BrokerQueue> queues) {
        List<CompletableFuture<Set<BrokerQueue>>> perBroker = new ArrayList<>();
        for (Set<BrokerQueue> ofBroker : byBroker(queues)) {
            perBroker.add(call(
                    ofBroker.iterator().next(),
                    () -> "lock group=" + group + " owner=" + ownerId + " queues=" + ofBroker,
                    BrokerRequests.lock(group, ownerId, ofBroker),
                    CALL_TIMEOUT_MILLIS,
                    BrokerResponses::lockedQueues));
        }
        return unionOfSucceeded(perBroker);
    }

    @Override
    public CompletableFuture<Void> unlock(String group, String ownerId, Set<BrokerQueue> queues) {
        List<CompletableFuture<Void>> perBroker = new ArrayList<>();
        for (Set<BrokerQueue> ofBroker : byBroker(queues)) {
            perBroker.add(call(
                    ofBroker.iterator().next(),
                    () -> "unlock group=" + group + " owner=" + ownerId + " queues=" + ofBroker,
                    BrokerRequests.unlock(group, ownerId, ofBroker),
                    CALL_TIMEOUT_MILLIS,
                    BrokerResponses::nothing));
        }
        return CompletableFuture.allOf(perBroker.toArray(new CompletableFuture<?>[0]));
    }

    @Override
    public CompletableFuture<Long> committedOffset(String group, BrokerQueue queue) {
        return call(
                queue,
                () -> "query the committed offset of group=" + group + " queue=" + queue,
                BrokerRequests.committedOffset(group, queue),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::committedOffset);
    }

    @Override
    public CompletableFuture<Long> minOffset(BrokerQueue queue) {
        return call(
                queue,
                () -> "query the min offset of queue=" + queue,
                BrokerRequests.minOffset(queue),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::minOffset);
    }

    @Override
    public CompletableFuture<Long> maxOffset(BrokerQueue queue) {
        return call(
                queue,
                () -> "query the max offset of queue=" + queue,
                BrokerRequests.maxOffset(queue),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::maxOffset);
    }

    @Override
    public CompletableFuture<Long> offsetAt(BrokerQueue queue, long timestampMillis) {
        return call(
                queue,
                () -> "search the offset of queue=" + queue + " timestampMillis=" + timestampMillis,
                BrokerRequests.offsetAt(queue, timestampMillis),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::offsetAt);
    }

    @Override
    public CompletableFuture<Void> commit(String group, BrokerQueue queue, long offset) {
        return call(
                queue,
                () -> "commit group=" + group + " queue=" + queue + " offset=" + offset,
                BrokerRequests.commit(group, queue, offset),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::nothing);
    }

    @Override
    public CompletableFuture<PullBatch> pull(
            String group, BrokerQueue queue, long offset, int maxMessages, Duration maxWait) {
        long maxWaitMillis = maxWait.toMillis();
        return call(
                queue,
                () -> "pull group=" + group + " queue=" + queue + " offset=" + offset,
                BrokerRequests.pull(group, queue, offset, maxMessages, maxWaitMillis),
                maxWaitMillis + PULL_GRACE_MILLIS,
                BrokerResponses::pullBatch);
    }

    @Override
    public CompletableFuture<Long> append(BrokerQueue queue, byte[] record) {
        return call(
                queue,
                () -> "append a record of " + record.length + " bytes to queue=" + queue,
                BrokerRequests.append(queue, record),
                CALL_TIMEOUT_MILLIS,
                response -> {
                    Long offset = BrokerResponses.appendedOffset(response);
                    noteDurability(queue, response);
                    return offset;
                });
    }

    /** Like stock producers, which take such a message for sent: the broker has it, and flushes or replicates it later. */
    private void noteDurability(BrokerQueue queue, RemotingCommand response) {
        if (!BrokerResponses.isDurable(response) && warnedOfLateFlush.compareAndSet(false, true)) {
            log.warn(
                    "litetopic: the broker stores records but does not flush or replicate them in time; a crash of the broker"
                            + " may lose the last ones; said once queue={} code={} remark={}",
                    queue,
                    response.getCode(),
                    response.getRemark());
        }
    }

    @Override
    public CompletableFuture<RecordBatch> readRecords(String group, BrokerQueue queue, long offset, int maxRecords) {
        return call(
                queue,
                () -> "read records group=" + group + " queue=" + queue + " offset=" + offset,
                BrokerRequests.pull(group, queue, offset, maxRecords, 0),
                PULL_GRACE_MILLIS,
                BrokerResponses::recordBatch);
    }

    @Override
    public CompletableFuture<Void> deadLetter(String group, BrokerQueue queue, BrokerMessage message) {
        return call(
                queue,
                () -> "dead-letter group=" + group + " queue=" + queue + " offset=" + message.queueOffset(),
                BrokerRequests.deadLetter(group, (MessageExt) message.payload()),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::nothing);
    }

    @Override
    public void close() {
        connection.close();
        calls.close();
    }

    @Override
    public CompletableFuture<Void> joinGroup(String group, String clientId, BrokerQueue at) {
        return call(
                at,
                () -> "join group=" + group + " clientId=" + clientId + " broker=" + at.brokerName(),
                BrokerRequests.heartbeat(group, clientId),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::nothing);
    }

    @Override
    public CompletableFuture<Void> leaveGroup(String group, String clientId, BrokerQueue at) {
        return call(
                at,
                () -> "leave group=" + group + " clientId=" + clientId + " broker=" + at.brokerName(),
                BrokerRequests.unregister(group, clientId),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::nothing);
    }

    @Override
    public CompletableFuture<List<String>> groupMembers(String group, BrokerQueue at) {
        return call(
                at,
                () -> "list the members of group=" + group + " broker=" + at.brokerName(),
                BrokerRequests.members(group),
                CALL_TIMEOUT_MILLIS,
                BrokerResponses::members);
    }

    @Override
    public void onGroupChange(String group, Runnable listener) {
        connection.onGroupChange(group, listener);
    }

    private <T> CompletableFuture<T> call(
            BrokerQueue queue,
            Supplier<String> what,
            RemotingCommand request,
            long timeoutMillis,
            ResponseReader<T> reader) {
        return calls.run(
                what,
                () -> routes.masterOf(queue)
                        .thenCompose(address -> connection.invoke(address, request, timeoutMillis))
                        .handle((response, error) -> {
                            if (error != null) {
                                if (BrokerErrors.isUnreachable(error)) {
                                    routes.suspect(queue.topic());
                                }
                                throw BrokerErrors.of(what.get(), error);
                            }
                            try {
                                return reader.read(response);
                            } catch (Exception e) {
                                throw BrokerErrors.of(what.get(), e);
                            }
                        }));
    }

    private static Collection<Set<BrokerQueue>> byBroker(Set<BrokerQueue> queues) {
        Map<String, Set<BrokerQueue>> result = new HashMap<>();
        for (BrokerQueue queue : queues) {
            result.computeIfAbsent(queue.brokerName(), name -> new HashSet<>()).add(queue);
        }
        return result.values();
    }

    private static CompletableFuture<Set<BrokerQueue>> unionOfSucceeded(
            List<CompletableFuture<Set<BrokerQueue>>> calls) {
        if (calls.isEmpty()) {
            return CompletableFuture.completedFuture(Collections.emptySet());
        }
        CompletableFuture<Set<BrokerQueue>> result = new CompletableFuture<>();
        CompletableFuture<Void> all = CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]));
        PendingCalls.whenDone(all, (done, anyError) -> {
            Set<BrokerQueue> union = new HashSet<>();
            boolean someSucceeded = false;
            for (CompletableFuture<Set<BrokerQueue>> call : calls) {
                if (!call.isCompletedExceptionally()) {
                    someSucceeded = true;
                    union.addAll(call.join());
                }
            }
            if (someSucceeded) {
                result.complete(union);
            } else {
                result.completeExceptionally(BrokerErrors.of("lock", anyError));
            }
        });
        return result;
    }

    /** Reads a response of any code; throws if the operation failed. */
    private interface ResponseReader<T> {
        T read(RemotingCommand response) throws Exception;
    }
}
