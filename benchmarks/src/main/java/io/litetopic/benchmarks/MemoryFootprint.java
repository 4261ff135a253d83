package io.litetopic.benchmarks;

import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.GroupEngine;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jol.info.GraphStats;

/**
 * How much memory does a lite topic need while it is idle or suspended, and how much a message that waits?
 *
 * <pre>
 * java -Xmx8g -XX:+UseSerialGC -Djdk.attach.allowAttachSelf=true \
 *     --add-opens java.base/java.lang=ALL-UNNAMED --add-opens java.base/java.util=ALL-UNNAMED \
 *     -cp benchmarks/target/benchmarks.jar io.litetopic.benchmarks.MemoryFootprint
 * </pre>
 *
 * <p>Prints a Markdown table with two independent measurements: the sizes of all objects that can be reached from the engine and from
 * the registry, and the heap in use after a garbage collection. They differ by what belongs to the JVM. Names have 20 characters,
 * and every use of a name brings its own string, as the wire does. A number as first argument divides all counts, for a quick try.
 */
public final class MemoryFootprint {
    private static final int NAMES_PER_CLIENT = 1_000;
    private static final String READER = Load.clientId(0);

    /** What is left once an engine was filled. */
    private record Footprint(long graphBytes, long heapBytes) {
        Footprint minus(Footprint other) {
            return new Footprint(graphBytes - other.graphBytes, heapBytes - other.heapBytes);
        }
    }

    private MemoryFootprint() {}

    public static void main(String[] args) {
        int divisor = args.length == 0 ? 1 : Integer.parseInt(args[0]);
        measure(new DrivenGroup(DrivenGroup.settings().build()), 0); // loads the classes that measure
        System.out.println("| what | count | bytes each, reachable | bytes each, heap |");
        System.out.println("|---|---:|---:|---:|");
        idle("idle lite topic, one subscription, TTL", 1_000_000 / divisor, true, true);
        idle("idle lite topic, one subscription, no TTL", 1_000_000 / divisor, true, false);
        idle("idle lite topic, no subscription, TTL", 1_000_000 / divisor, false, true);
        for (int liteTopics : new int[] {1_000, 10_000}) {
            for (int messages : new int[] {100, 1_000}) {
                waiting(liteTopics / divisor, messages);
            }
        }
        suspended(100_000 / divisor);
    }

    /** Each lite topic has had a message, which was consumed. A client has 1,000 subscriptions. */
    private static void idle(String what, int liteTopics, boolean subscribed, boolean ttl) {
        long heapBefore = usedHeap();
        DrivenGroup group = new DrivenGroup(DrivenGroup.settings()
                .ttlNanos(ttl ? TimeUnit.DAYS.toNanos(1) : EngineSettings.NO_TTL)
                .build());
        consumeOneOfEach(group, liteTopics, null, subscribed);
        Footprint footprint = measure(group, heapBefore);
        expect(liteTopics, group.engine().liteTopicCount());
        print(what, liteTopics, footprint);
    }

    /** Each lite topic has one message, was suspended by its client, and keeps its subscription. */
    private static void suspended(int liteTopics) {
        long heapBefore = usedHeap();
        DrivenGroup group =
                new DrivenGroup(DrivenGroup.settings().bodyCacheBytes(1_024).build());
        consumeOneOfEach(group, liteTopics, TimeUnit.DAYS.toNanos(1), true);
        Footprint footprint = measure(group, heapBefore);
        expect(liteTopics, group.engine().pendingMessages());
        print("suspended lite topic, one subscription, one message", liteTopics, footprint);
    }

    /** @param suspendNanos if given, messages are suspended instead of acked */
    private static void consumeOneOfEach(
            DrivenGroup group, int liteTopics, @Nullable Long suspendNanos, boolean staySubscribed) {
        GroupEngine engine = group.engine();
        for (int from = 0; from < liteTopics; from += NAMES_PER_CLIENT) {
            String clientId = Load.clientId(from / NAMES_PER_CLIENT);
            int[] own = IntStream.range(from, Math.min(liteTopics, from + NAMES_PER_CLIENT))
                    .toArray();
            group.clientSeen(clientId);
            group.poll(DrivenGroup.newPoll(clientId));
            Set<String> names = new HashSet<>();
            for (int index : own) {
                send(group, index);
                names.add(DrivenGroup.name(index));
            }
            group.subscribe(clientId, names);
            int settled = 0;
            for (int index : own) {
                group.bringOneOfEach(new int[] {index});
                settled += settle(group, clientId, suspendNanos);
            }
            expect(own.length, settled);
            if (!staySubscribed) {
                engine.unsubscribeAll(clientId, group.nowNanos());
            }
            group.dispatch();
        }
    }

    private static int settle(DrivenGroup group, String clientId, @Nullable Long suspendNanos) {
        int settled = 0;
        List<List<Delivery>> answers = List.copyOf(group.effects().answers());
        group.effects().clearAnswers();
        for (List<Delivery> answer : answers) {
            for (Delivery delivery : answer) {
                if (suspendNanos == null) {
                    group.ack(clientId, DrivenGroup.returnedHandle(delivery));
                } else {
                    group.suspend(clientId, DrivenGroup.returnedHandle(delivery), suspendNanos);
                }
                settled++;
            }
            group.poll(DrivenGroup.newPoll(clientId));
        }
        return settled;
    }

    /** A producer's message passes the quota: that is where the registry meets a name first. */
    private static void send(DrivenGroup group, int liteTopic) {
        LiteTopicRegistry registry = group.effects().registry();
        String name = DrivenGroup.name(liteTopic);
        if (!registry.sendStarts(name)) {
            throw new IllegalStateException("over the quota: " + name);
        }
        registry.sendEnded(name, true);
    }

    /** Messages beyond the first of each lite topic, in random order among the lite topics, nobody subscribed, no room for bodies. */
    private static void waiting(int liteTopics, int messagesPerLiteTopic) {
        long heapBefore = usedHeap();
        DrivenGroup group =
                new DrivenGroup(DrivenGroup.settings().bodyCacheBytes(0).build());
        // Without room for bodies queues are read while a client waits for messages.
        group.clientSeen(READER);
        group.poll(DrivenGroup.newPoll(READER));
        group.dispatch();
        int[] order = IntStream.range(0, liteTopics).toArray();
        SplittableRandom random = new SplittableRandom(11);
        Footprint first = new Footprint(0, 0);
        for (int message = 0; message < messagesPerLiteTopic; message++) {
            shuffle(order, random);
            group.bringOneOfEach(order);
            if (message == 0) {
                first = measure(group, heapBefore);
            }
        }
        Footprint footprint = measure(group, heapBefore).minus(first);
        expect((long) liteTopics * messagesPerLiteTopic, group.engine().pendingMessages());
        print(
                "waiting message, " + messagesPerLiteTopic + " in each of " + liteTopics + " lite topics",
                (long) liteTopics * (messagesPerLiteTopic - 1),
                footprint);
    }

    private static void shuffle(int[] values, SplittableRandom random) {
        for (int last = values.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            int value = values[last];
            values[last] = values[other];
            values[other] = value;
        }
    }

    private static Footprint measure(DrivenGroup group, long heapBefore) {
        long heapBytes = usedHeap() - heapBefore;
        long graphBytes = GraphStats.parseInstance(
                        group.engine(), group.effects().registry())
                .totalSize();
        return new Footprint(graphBytes, heapBytes);
    }

    private static long usedHeap() {
        // The serial collector leaves a few percent of garbage where they are, except in every fourth full collection.
        for (int collection = 0; collection < 4; collection++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void expect(long expected, long actual) {
        if (expected != actual) {
            throw new IllegalStateException(
                    "not in the state that is to be measured: expected=" + expected + " actual=" + actual);
        }
    }

    private static void print(String what, long count, Footprint footprint) {
        System.out.printf(
                "| %s | %,d | %.1f | %.1f |%n",
                what, count, (double) footprint.graphBytes / count, (double) footprint.heapBytes / count);
    }
}
