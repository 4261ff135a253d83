package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Latencies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A few lite topics suspend again and again, each for a time of its own, while others are suspended for an hour. Lateness counts
 * from the end of the suspend as the listener asked for it, so it contains the way of the request to the server. A delivery
 * before that time fails the run.
 */
final class ResumeScenario implements Scenario {
    private static final int[] SUSPEND_MILLIS = {1, 50, 100, 1_000, 10_000};
    private static final int PROBES_EACH = 2;
    /** Lite topics in use besides the others; their indices are the first ones. */
    static final int PROBES = SUSPEND_MILLIS.length * PROBES_EACH;

    private static final Duration OTHERS = Duration.ofHours(1);
    /** Deliveries of each probe that are not measured. */
    private static final int WARM_UP = 3;

    @Override
    public void run(LoadRun run) throws Exception {
        int others = run.number("otherSuspended");
        int bodyBytes = run.number("bodyBytes");
        List<Integer> millis = new ArrayList<>();
        for (int each : SUSPEND_MILLIS) {
            if (each <= run.number("longestSuspendMillis")) {
                millis.add(each);
            }
        }
        int probes = millis.size() * PROBES_EACH;
        List<Latencies.Recorder> lateness =
                millis.stream().map(each -> new Latencies.Recorder()).toList();
        ConcurrentHashMap<Integer, Long> dueNanos = new ConcurrentHashMap<>();
        ConcurrentHashMap<Integer, Integer> deliveries = new ConcurrentHashMap<>();
        Set<Integer> suspendedOthers = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        Handler handler = run.checked((payload, offset) -> {
            long now = System.nanoTime();
            int liteTopic = payload.liteTopic();
            if (liteTopic >= PROBES) {
                if (!suspendedOthers.add(liteTopic)) {
                    run.complain("delivered again before a suspend of an hour was over: " + payload);
                }
                return OTHERS;
            }
            Long due = dueNanos.get(liteTopic);
            int kind = liteTopic / PROBES_EACH;
            if (due != null) {
                if (now - due < 0) {
                    run.complain("delivered %.3f ms before a suspend of %d ms was over"
                            .formatted((due - now) / 1e6, millis.get(kind)));
                }
                int warmUp = millis.get(kind) < 1_000 ? WARM_UP : 0;
                if (deliveries.merge(liteTopic, 1, Integer::sum) > warmUp) {
                    lateness.get(kind).record(now - due);
                }
            }
            if (over.get()) {
                return null;
            }
            dueNanos.put(liteTopic, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis.get(kind)));
            return Duration.ofMillis(millis.get(kind));
        });
        Sender sender = run.clients().sender();
        Receiver receiver = run.clients().receiver(run.number("workers"), handler);
        if (others > 0) {
            run.fill(sender, others, i -> PROBES + i, bodyBytes);
            run.subscribe(receiver, PROBES, others);
            run.pace()
                    .awaitWhileMoving(
                            () -> suspendedOthers.size() >= others, suspendedOthers::size, "suspending the others");
        }
        run.subscribe(receiver, 0, probes);
        run.sendAll(sender, probes, probes, i -> i, bodyBytes);
        run.pace().pause(Duration.ofSeconds(run.number("seconds")), "suspending and resuming");
        over.set(true);
        // the others stay suspended: they are not lost, they wait
        run.pace()
                .awaitWhileMoving(
                        () -> run.ledger().handledCount() == probes, run.ledger()::handledCount, "the last resumes");
        run.expectWaiting(others);
        for (int kind = 0; kind < millis.size(); kind++) {
            run.add(lateness.get(kind).summary("lateness after %,d ms".formatted(millis.get(kind))));
        }
    }
}
