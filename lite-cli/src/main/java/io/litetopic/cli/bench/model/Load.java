package io.litetopic.cli.bench.model;

import io.litetopic.cli.bench.model.LoadCase.Subscribing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is done to the systems. Each load has cases; parameters that end in a unit are in that unit. */
public enum Load {
    THROUGHPUT(
            "throughput",
            "Live consumers: messages per second with a bounded number of messages under way, then latency at a fixed rate",
            Needs.NOTHING),
    DRAIN("drain", "Sending, and consumption of a backlog that lies there when the consumer starts", Needs.NOTHING),
    HOT("hot", "The same with a single lite topic", Needs.NOTHING),
    BURST("burst", "All lite topics of one consumer get a message at the same moment", Needs.NOTHING),
    TENANTS(
            "tenants",
            "Latency of innocent tenants while a share of all is throttled, with a backlog each: by suspends where the"
                    + " client can, else by a listener that sleeps",
            Needs.NOTHING),
    RESUME("resume", "How late a suspended lite topic is delivered again", Needs.SUSPEND),
    HANDOVER(
            "handover",
            "How long lite topics stand still when they change from one consumer to another",
            Needs.NOTHING),
    MILLION(
            "million",
            "Very many lite topics: memory for each, and how long a proxy that was killed needs to serve again",
            Needs.STOCK_BROKER),
    SLOW("slow", "Slow handlers on two nodes: how many of the workers are busy", Needs.NOTHING),
    IDLE("idle", "No traffic at all: what it costs to have the lite topics", Needs.NOTHING);

    private enum Needs {
        NOTHING,
        SUSPEND,
        STOCK_BROKER
    }

    private static final int KIB = 1024;

    private final String key;
    private final String description;
    private final Needs needs;

    Load(String key, String description, Needs needs) {
        this.key = key;
        this.description = description;
        this.needs = needs;
    }

    /** As written in options and file names. */
    public String key() {
        return key;
    }

    public String description() {
        return description;
    }

    /** The load with that key. */
    public static Optional<Load> of(String key) {
        return List.of(values()).stream()
                .filter(load -> load.key.equals(key.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** Heap of proxy and broker together. */
    public int serverHeapGib() {
        return this == MILLION ? 4 : 2;
    }

    /** Why the load cannot be done there; empty if it can. */
    public Optional<String> obstacle(Contender contender) {
        if (needs == Needs.SUSPEND && !contender.canSuspend()) {
            return Optional.of("the published official client cannot suspend");
        }
        if (needs == Needs.STOCK_BROKER && contender.system().peer() == Peer.NATIVE) {
            return Optional.of("needs the stock broker's queues, which are filled directly");
        }
        if (needs == Needs.STOCK_BROKER && contender.client() == ClientKind.OFFICIAL && contender.hasSubscriptions()) {
            return Optional.of("measures the servers, with one client");
        }
        return Optional.empty();
    }

    /** Why that case of the load cannot be done there; empty if it can. */
    public Optional<String> obstacle(Contender contender, LoadCase loadCase) {
        if (loadCase.subscribing() == Subscribing.NEEDED && !contender.hasSubscriptions()) {
            return Optional.of("has no subscriptions to lite topics");
        }
        return obstacle(contender);
    }

    public List<LoadCase> cases(Size size) {
        boolean quick = size.quick();
        return switch (this) {
            case THROUGHPUT -> throughput(size);
            case DRAIN -> drain(quick);
            case HOT ->
                List.of(new LoadCase(
                        "1 lite topic, 256 B",
                        Subscribing.WHERE_POSSIBLE,
                        drainOf(1, 256, quick ? 5_000 : 200_000, quick)));
            case BURST -> burst(quick);
            case TENANTS -> tenants(quick);
            case RESUME -> resume(quick);
            case HANDOVER -> handOver(quick);
            case MILLION -> million(quick);
            case SLOW -> slow(quick);
            case IDLE -> idle(quick);
        };
    }

    private static List<LoadCase> throughput(Size size) {
        boolean quick = size.quick();
        List<LoadCase> cases = new ArrayList<>();
        for (int liteTopics : quick ? new int[] {1, 100, 5_000} : new int[] {1, 100, 10_000, 100_000}) {
            for (int bodyBytes : quick ? new int[] {256} : new int[] {256, 4 * KIB}) {
                cases.add(new LoadCase(
                        spread(liteTopics, bodyBytes),
                        Subscribing.WHERE_POSSIBLE,
                        parameters(
                                "liteTopics",
                                liteTopics,
                                "bodyBytes",
                                bodyBytes,
                                "underWay",
                                1_000,
                                "warmUpSeconds",
                                size.warmUpSeconds(),
                                "seconds",
                                quick ? 5 : 30,
                                "latencyMessagesPerSecond",
                                200,
                                "latencySeconds",
                                quick ? 5 : 30,
                                "workers",
                                20)));
            }
        }
        return cases;
    }

    private static List<LoadCase> drain(boolean quick) {
        List<LoadCase> cases = new ArrayList<>();
        for (int liteTopics : quick ? new int[] {100, 5_000} : new int[] {100, 10_000, 100_000}) {
            cases.add(new LoadCase(
                    spread(liteTopics, 256),
                    Subscribing.WHERE_POSSIBLE,
                    drainOf(liteTopics, 256, quick ? 20_000 : 500_000, quick)));
        }
        return cases;
    }

    private static Map<String, Long> drainOf(int liteTopics, int bodyBytes, int messages, boolean quick) {
        return parameters(
                "liteTopics",
                liteTopics,
                "bodyBytes",
                bodyBytes,
                "messages",
                messages,
                "sentByClient",
                Math.min(messages, quick ? 5_000 : 50_000),
                "sendsUnderWay",
                128,
                "workers",
                20);
    }

    private static List<LoadCase> burst(boolean quick) {
        int liteTopics = 2_000;
        return List.of(new LoadCase(
                spread(liteTopics, 256),
                Subscribing.WHERE_POSSIBLE,
                parameters(
                        "liteTopics", liteTopics,
                        "bodyBytes", 256,
                        "warmUpRounds", 2,
                        "rounds", quick ? 2 : 10,
                        "workers", 20)));
    }

    private static List<LoadCase> tenants(boolean quick) {
        List<LoadCase> cases = new ArrayList<>();
        for (int percent : quick ? new int[] {0, 99} : new int[] {0, 50, 90, 99}) {
            cases.add(new LoadCase(
                    percent + " % of 2,000 tenants throttled",
                    Subscribing.WHERE_POSSIBLE,
                    parameters(
                            "liteTopics", 2_000,
                            "throttledPercent", percent,
                            "throttleMillis", 100,
                            "leastBacklogOfEach", 10,
                            "bodyBytes", 256,
                            "messagesPerSecond", 200,
                            "warmUpSeconds", quick ? 3 : 10,
                            "seconds", quick ? 6 : 30,
                            "workers", 64)));
        }
        return cases;
    }

    private static List<LoadCase> resume(boolean quick) {
        List<LoadCase> cases = new ArrayList<>();
        for (int beside : quick ? new int[] {0, 5_000} : new int[] {0, 100_000}) {
            cases.add(new LoadCase(
                    "%,d other lite topics suspended".formatted(beside),
                    Subscribing.WHERE_POSSIBLE,
                    parameters(
                            "otherSuspended",
                            beside,
                            "bodyBytes",
                            256,
                            "longestSuspendMillis",
                            quick ? 1_000 : 10_000,
                            "seconds",
                            quick ? 5 : 40,
                            "workers",
                            20)));
        }
        return cases;
    }

    private static List<LoadCase> handOver(boolean quick) {
        List<LoadCase> cases = new ArrayList<>();
        for (HandOver kind : HandOver.values()) {
            cases.add(new LoadCase(
                    kind.title(),
                    kind == HandOver.UNSUBSCRIBE ? Subscribing.NEEDED : Subscribing.WHERE_POSSIBLE,
                    parameters(
                            "handOver", kind.number(),
                            "liteTopics", 50,
                            "bodyBytes", 256,
                            "handlerMillis", 20,
                            "warmUpSeconds", 3,
                            "backlogOfEach", quick ? 400 : 800,
                            "longestGapSeconds", quick ? 90 : 180,
                            "workers", 50)));
        }
        return cases;
    }

    private static List<LoadCase> million(boolean quick) {
        int liteTopics = quick ? 100_000 : 1_000_000;
        return List.of(
                new LoadCase(
                        "%,d lite topics, a message waiting in each".formatted(liteTopics),
                        Subscribing.WHERE_POSSIBLE,
                        parameters(
                                "liteTopics",
                                liteTopics,
                                "bodyBytes",
                                256,
                                "probes",
                                64,
                                "consumed",
                                0,
                                "workers",
                                20)),
                new LoadCase(
                        "%,d idle lite topics, all consumed".formatted(liteTopics),
                        Subscribing.NONE,
                        parameters(
                                "liteTopics",
                                liteTopics,
                                "bodyBytes",
                                256,
                                "probes",
                                64,
                                "consumed",
                                1,
                                "workers",
                                20)));
    }

    private static List<LoadCase> slow(boolean quick) {
        return List.of(new LoadCase(
                "2 s for each message, 500 lite topics, 2 nodes with 64 workers",
                Subscribing.WHERE_POSSIBLE,
                parameters(
                        "liteTopics", 500,
                        "bodyBytes", 256,
                        "backlogOfEach", quick ? 4 : 12,
                        "handlerMillis", 2_000,
                        "warmUpSeconds", 5,
                        "seconds", quick ? 8 : 30,
                        "workers", 64)));
    }

    private static List<LoadCase> idle(boolean quick) {
        int liteTopics = quick ? 20_000 : 100_000;
        return List.of(new LoadCase(
                "%,d lite topics, 2,000 subscribed".formatted(liteTopics),
                Subscribing.WHERE_POSSIBLE,
                parameters(
                        "liteTopics",
                        liteTopics,
                        "subscribed",
                        2_000,
                        "bodyBytes",
                        256,
                        "settleSeconds",
                        quick ? 5 : 20,
                        "seconds",
                        quick ? 10 : 60,
                        "workers",
                        20)));
    }

    private static String spread(int liteTopics, int bodyBytes) {
        String size = bodyBytes % KIB == 0 ? bodyBytes / KIB + " KiB" : bodyBytes + " B";
        return "%,d lite topic%s, %s".formatted(liteTopics, liteTopics == 1 ? "" : "s", size);
    }

    private static Map<String, Long> parameters(Object... namesAndValues) {
        Map<String, Long> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], ((Number) namesAndValues[i + 1]).longValue());
        }
        return map;
    }
}
