package io.litetopic.benchmarks;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.engine.Settlement;
import io.litetopic.proxy.engine.SubscribeResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One group's engine in virtual time, with a broker of {@value #QUEUES} queues whose messages are made when they are read.
 *
 * <p>It behaves as the proxy does in what costs the engine time: names in messages, subscriptions and receipt handles are new
 * strings each time, as they are when they come off the wire, so that hash codes are computed and names are compared. Every
 * answer of the engine is checked. Not thread-safe.
 */
final class DrivenGroup {
    static final int QUEUES = 8;

    /** What a broker gives at most in one read. */
    static final int READ_MESSAGES = 32;

    /** How long the SDK's receive calls hide what they bring. */
    static final long INVISIBLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int BODY_BYTES = 256;
    private static final Object BODY = new Object();

    private final RecordedEffects effects;
    private final GroupEngine engine;
    private final long[] nextOffsets = new long[QUEUES];
    private long nowNanos = TimeUnit.HOURS.toNanos(1);

    DrivenGroup(EngineSettings settings) {
        this.effects = new RecordedEffects(QUEUES);
        this.engine = new GroupEngine(settings, effects);
        for (int slot = 0; slot < QUEUES; slot++) {
            engine.acquireQueue(slot, 0);
        }
        dispatch();
    }

    /** Production defaults without limits that a benchmark would meet. */
    static EngineSettings.Builder settings() {
        return EngineSettings.builder()
                .subscriptionsPerClient(Integer.MAX_VALUE)
                .subscriptionsPerGroup(Integer.MAX_VALUE)
                .bodyCacheBytes(1L << 30)
                .indexBytes(1L << 40)
                .handleSeed(1);
    }

    GroupEngine engine() {
        return engine;
    }

    RecordedEffects effects() {
        return effects;
    }

    long nowNanos() {
        return nowNanos;
    }

    void advance(long nanos) {
        nowNanos += nanos;
    }

    void dispatch() {
        engine.dispatch(nowNanos);
    }

    /** A name of 20 characters, the same for the same index, in a new string that has not computed its hash code yet. */
    static String name(int index) {
        byte[] name = "tenant-0000000000000".getBytes(StandardCharsets.ISO_8859_1);
        for (int at = name.length - 1, rest = index; rest > 0; at--, rest /= 10) {
            name[at] = (byte) ('0' + rest % 10);
        }
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** Which queue holds the lite topic of that index. */
    static int queueOf(int index) {
        return index % QUEUES;
    }

    /** Next message of the queue. */
    BrokerMessage message(int slot, String liteTopic) {
        return new BrokerMessage(
                nextOffsets[slot]++, liteTopic, TimeUnit.NANOSECONDS.toMillis(nowNanos), BODY_BYTES, BODY);
    }

    /** Answers the read of the queue that is under way with messages from {@link #message}, which it has no more of. */
    void answerRead(int slot, List<BrokerMessage> messages) {
        long end = nextOffsets[slot];
        engine.onMessages(
                slot, effects.takeRead(slot), messages, end, 0, end, nowNanos, TimeUnit.NANOSECONDS.toMillis(nowNanos));
    }

    /** Lets the queues bring one message of each lite topic in the given order, in full reads. Delivers meanwhile. */
    void bringOneOfEach(int[] liteTopics) {
        dispatch(); // the engine may have a reason to read only since it was called last
        List<List<BrokerMessage>> batches = new ArrayList<>();
        for (int slot = 0; slot < QUEUES; slot++) {
            batches.add(new ArrayList<>(READ_MESSAGES));
        }
        for (int liteTopic : liteTopics) {
            int slot = queueOf(liteTopic);
            List<BrokerMessage> batch = batches.get(slot);
            batch.add(message(slot, name(liteTopic)));
            if (batch.size() == READ_MESSAGES) {
                answerRead(slot, batch);
                dispatch();
                batch.clear();
            }
        }
        for (int slot = 0; slot < QUEUES; slot++) {
            if (!batches.get(slot).isEmpty()) {
                answerRead(slot, batches.get(slot));
                dispatch();
            }
        }
    }

    void clientSeen(String clientId) {
        engine.clientSeen(clientId, LiteTopicFilter.ALL, nowNanos);
    }

    void subscribe(String clientId, Set<String> names) {
        SubscribeResult result = engine.subscribe(clientId, names, null, nowNanos);
        if (result.outcome() != SubscribeResult.Outcome.OK) {
            throw new IllegalStateException("not subscribed: " + result.outcome());
        }
    }

    /** A receive call as the SDK makes it. */
    static Poll newPoll(String clientId) {
        return new Poll(clientId, READ_MESSAGES, READ_MESSAGES, INVISIBLE_NANOS, BODY);
    }

    void poll(Poll poll) {
        engine.poll(poll, nowNanos + POLL_NANOS, nowNanos);
    }

    /** The handle as it comes back from the client. */
    static ReceiptHandle returnedHandle(Delivery delivery) {
        return ReceiptHandle.parse(delivery.receiptHandle().encode());
    }

    void ack(String clientId, ReceiptHandle handle) {
        expectOk(engine.ack(clientId, handle, nowNanos), handle);
    }

    void suspend(String clientId, ReceiptHandle handle, long nanos) {
        expectOk(engine.suspend(clientId, handle, nanos, nowNanos), handle);
    }

    private static void expectOk(Settlement settlement, ReceiptHandle handle) {
        if (settlement != Settlement.OK) {
            throw new IllegalStateException("the engine does not know its own delivery: " + settlement + " " + handle);
        }
    }
}
