package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.ProcessUsage;
import io.litetopic.cli.bench.model.WireLine;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A message in each of very many lite topics. In one case they wait, and only a few probes are subscribed, which have a
 * message before all the others and one behind them: when the latter come, everything before has been read. In the other case
 * a consumer of all lite topics takes everything first, so that they are idle. Then the proxy is killed and started again; a new
 * consumer shows when the first message comes, and when the last probe does.
 */
final class MillionScenario implements Scenario {
    private static final Duration SETTLE = Duration.ofSeconds(3);
    /** Nothing is delivered while all that waits is read. */
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private static final String START = "start of the killed proxy until ";

    @Override
    public void run(LoadRun run) throws Exception {
        boolean consumed = run.number("consumed") == 1;
        int liteTopics = run.number("liteTopics");
        int probes = run.number("probes");
        int bodyBytes = run.number("bodyBytes");
        Map<String, Long> emptyHeap = heap(run);
        // a probe before all others, and one behind them
        run.store(probes, i -> liteTopics + i, bodyBytes);
        run.store(liteTopics, i -> i, bodyBytes);
        run.store(probes, i -> liteTopics + i, bodyBytes);
        if (consumed) {
            consumeAll(run);
        } else {
            run.pace().pause(SETTLE, "settling");
        }
        if (consumed) {
            addHeap(run, emptyHeap, liteTopics);
        }
        recover(run, consumed);
        if (!consumed) {
            addHeap(run, emptyHeap, liteTopics); // only now it is certain that all is read
        }
    }

    private static void consumeAll(LoadRun run) throws Exception {
        long messages = run.ledger().totals().accepted();
        CpuMeter cpu = run.cpu();
        long startNanos = System.nanoTime();
        try (Receiver receiver =
                run.clients().receiver(run.number("workers"), run.checked((payload, offset) -> null))) {
            run.awaitWhileHandling(() -> run.ledger().handledCount() >= messages, "consuming all");
            run.add(new Figure(
                    "consumption of all",
                    Figure.Unit.MESSAGES_PER_SECOND,
                    messages * 1e9 / (System.nanoTime() - startNanos)));
            run.addAll(cpu.perMessage("CPU of consumption", messages));
            run.drain();
        }
    }

    private static void recover(LoadRun run, boolean consumed) throws Exception {
        int liteTopics = run.number("liteTopics");
        int probes = run.number("probes");
        int bodyBytes = run.number("bodyBytes");
        boolean hasSubscriptions = run.spec().contender().hasSubscriptions();
        run.pace().say(() -> "killing the proxy and starting it again");
        WireLine.Restarted restarted = run.restartProxy();
        long readyNanos = restarted.readyNanos();
        run.add(sinceStart(restarted, "ready", readyNanos));
        addCpu(run, "CPU since the start until ready");

        long firstThatCounts = consumed ? run.ledger().totals().sent() : 0; // older ones may be repeated after a crash
        AtomicLong firstNanos = new AtomicLong();
        AtomicBoolean first = new AtomicBoolean();
        AtomicInteger handledProbes = new AtomicInteger();
        AtomicLong lastProbeNanos = new AtomicLong();
        int expectedProbes = consumed ? probes : 2 * probes;
        Handler handler = run.checked((payload, offset) -> {
            long now = System.nanoTime();
            if (payload.message() < firstThatCounts) {
                return null;
            }
            if (first.compareAndSet(false, true)) {
                firstNanos.set(now);
            }
            if (payload.liteTopic() >= liteTopics && handledProbes.incrementAndGet() == expectedProbes) {
                lastProbeNanos.set(now);
            }
            return null;
        });
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        Sender sender = run.clients().sender();
        if (!consumed) {
            run.subscribe(receiver, liteTopics, probes);
        }
        run.add(sinceStart(restarted, "the new consumer has subscribed", System.nanoTime()));
        if (consumed) {
            run.sendAll(sender, probes, probes, i -> liteTopics + i, bodyBytes);
        }
        run.pace()
                .awaitAtMost(
                        LIMIT,
                        () -> lastProbeNanos.get() != 0,
                        () -> "delivery of the probes: %d of %d".formatted(handledProbes.get(), expectedProbes));
        run.add(sinceStart(restarted, "the first delivery", firstNanos.get()));
        run.add(sinceStart(restarted, lastProbe(consumed, hasSubscriptions), lastProbeNanos.get()));
        if (consumed || !hasSubscriptions) {
            run.drain();
        } else {
            run.expectWaiting(liteTopics);
        }
    }

    private static String lastProbe(boolean consumed, boolean hasSubscriptions) {
        if (consumed) {
            return "all new messages are handled";
        }
        // who cannot subscribe to the probes alone has to handle what lies before them
        return hasSubscriptions ? "all that waits is read" : "all that waits is handled";
    }

    private static Figure sinceStart(WireLine.Restarted restarted, String what, long atNanos) {
        return new Figure(START + what, Figure.Unit.SECONDS, (atNanos - restarted.startedNanos()) / 1e9);
    }

    /** Of the process that was started again: says more than the time where the machine is not quiet. */
    private static void addCpu(LoadRun run, String name) {
        run.serverPids().forEach((role, pid) -> {
            if (!role.equals("broker")) {
                run.add(new Figure(
                        name + ", " + role,
                        Figure.Unit.SECONDS,
                        ProcessUsage.of(pid).cpuSeconds()));
            }
        });
    }

    private static Map<String, Long> heap(LoadRun run) throws IOException, InterruptedException {
        run.pace().say(() -> "measuring the heap");
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (Map.Entry<String, Long> server : run.serverPids().entrySet()) {
            bytes.put(server.getKey(), ServerHeap.liveBytes(server.getValue()));
        }
        return bytes;
    }

    private static void addHeap(LoadRun run, Map<String, Long> before, int liteTopics)
            throws IOException, InterruptedException {
        Map<String, Long> after = heap(run);
        before.forEach((role, bytes) -> run.add(new Figure(
                "heap for each lite topic, " + role,
                Figure.Unit.BYTES,
                (after.getOrDefault(role, 0L) - bytes) / (double) liteTopics)));
    }
}
