package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import io.litetopic.cli.bench.measure.ProcessUsage;
import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.Peer;
import io.litetopic.cli.bench.model.WireLine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What every load needs: its order, clients, the ledger, and means to wait and to measure. */
final class LoadRun {
    /** Time for late duplicates to show up. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private static final int SUBSCRIBERS = 16;
    /** A broker that was busy for a moment is no reason to throw a run away. */
    private static final int MOST_ATTEMPTS = 10;

    private static final long PAUSE_AFTER_FAILURE_MILLIS = 100;
    private static final int FILL_UNDER_WAY = 256;
    /** With fewer values a percentile would be the largest of them. */
    private static final int LEAST_FOR_P99 = 100;

    private static final int LEAST_FOR_P999 = 1_000;
    private static final double MEBIBYTE = 1 << 20;

    private final CaseSpec spec;
    private final Parent parent;
    private final Pace pace;
    private final Clients clients;
    private final DeliveryLedger ledger;
    private final Map<String, Long> serverPids;
    private final List<Figure> figures = new ArrayList<>();
    private final List<Latencies> latencies = new ArrayList<>();
    private long expectedWaiting; // the load's thread
    private final AtomicInteger sendsUnderWay = new AtomicInteger();
    private final AtomicLong repeatedSends = new AtomicLong();
    private final AtomicLong sendFailures = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> firstSendFailure = new AtomicReference<>();
    private final AtomicReference<@Nullable String> firstComplaint = new AtomicReference<>();

    LoadRun(CaseSpec spec, Parent parent, int liteTopics) {
        this.spec = spec;
        this.parent = parent;
        this.pace = new Pace(parent);
        this.clients = new Clients(spec);
        this.ledger = new DeliveryLedger(liteTopics);
        this.serverPids = new LinkedHashMap<>(spec.serverPids());
    }

    CaseSpec spec() {
        return spec;
    }

    int number(String parameter) {
        return spec.number(parameter);
    }

    Clients clients() {
        return clients;
    }

    DeliveryLedger ledger() {
        return ledger;
    }

    /** Waiting and talking. */
    Pace pace() {
        return pace;
    }

    /** Starts to measure processor time. */
    CpuMeter cpu() {
        return CpuMeter.start(serverPids);
    }

    Map<String, Long> serverPids() {
        return Map.copyOf(serverPids);
    }

    void add(Figure figure) {
        figures.add(figure);
    }

    void addAll(List<Figure> added) {
        figures.addAll(added);
    }

    /** Adds a distribution, and its main values as figures. */
    void add(Latencies distribution) {
        if (distribution.count() == 0) {
            throw new LoadFailure("nothing was measured for \"" + distribution.name() + "\"");
        }
        latencies.add(distribution);
        String name = distribution.name();
        figures.add(new Figure(name + ", values", Figure.Unit.COUNT, distribution.count()));
        figures.add(new Figure(name + ", p50", Figure.Unit.MILLISECONDS, distribution.p50Millis()));
        if (distribution.count() >= LEAST_FOR_P99) {
            figures.add(new Figure(name + ", p99", Figure.Unit.MILLISECONDS, distribution.p99Millis()));
        }
        if (distribution.count() >= LEAST_FOR_P999) {
            figures.add(new Figure(name + ", p99.9", Figure.Unit.MILLISECONDS, distribution.p999Millis()));
        }
        figures.add(new Figure(name + ", max", Figure.Unit.MILLISECONDS, distribution.maxMillis()));
    }

    /** What every load has: repeated sends if there were some, and the most memory that each process has had. */
    void addCommonFigures() {
        if (repeatedSends.get() > 0) {
            figures.add(new Figure("sends repeated after a failure", Figure.Unit.COUNT, repeatedSends.get()));
        }
        serverPids.forEach((role, pid) -> figures.add(peak(role, pid)));
        figures.add(peak("client", ProcessHandle.current().pid()));
    }

    private static Figure peak(String role, long pid) {
        return new Figure(
                "peak memory, " + role,
                Figure.Unit.MEBIBYTES,
                ProcessUsage.of(pid).peakBytes() / MEBIBYTE);
    }

    List<Figure> figures() {
        return List.copyOf(figures);
    }

    List<Latencies> latencies() {
        return List.copyOf(latencies);
    }

    /** Kills the proxy, starts it again and waits until it serves. */
    WireLine.Restarted restartProxy() throws InterruptedException {
        WireLine.Restarted restarted = parent.restartProxy();
        serverPids.clear();
        serverPids.putAll(restarted.serverPids());
        return restarted;
    }

    /** A handler that keeps the account and otherwise does what {@code work} says. */
    Handler checked(Handler work) {
        return (payload, offset) -> {
            ledger.begin(payload.message(), payload.liteTopic(), offset);
            boolean handled = false;
            try {
                Duration suspend = work.handle(payload, offset);
                handled = suspend == null;
                return suspend;
            } finally {
                if (handled) {
                    ledger.handled(payload.message(), payload.liteTopic(), offset);
                } else {
                    ledger.givenBack(payload.liteTopic());
                }
            }
        };
    }

    /** Sends a message of the account, and again if that fails. What cannot be sent at all fails the run at its end. */
    void send(Sender sender, int liteTopic, long dueNanos, int bodyBytes) {
        send(sender, liteTopic, dueNanos, bodyBytes, () -> {});
    }

    /** The same; {@code answered} is run when the message is stored or given up. */
    private void send(Sender sender, int liteTopic, long dueNanos, int bodyBytes, Runnable answered) {
        Payload payload = new Payload(ledger.nextMessage(), liteTopic, dueNanos);
        sendsUnderWay.incrementAndGet();
        attempt(sender, payload, payload.encode(bodyBytes), 1, () -> {
            sendsUnderWay.decrementAndGet();
            answered.run();
        });
    }

    private void attempt(Sender sender, Payload payload, byte[] body, int attempt, Runnable answered) {
        var unused = sender.send(LiteTopics.name(payload.liteTopic()), body).whenComplete((receipt, failure) -> {
            if (failure == null) {
                ledger.accepted(payload.message());
                answered.run();
            } else if (attempt < MOST_ATTEMPTS) {
                ledger.maybeStored(payload.message());
                repeatedSends.incrementAndGet();
                CompletableFuture.delayedExecutor(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(() -> attempt(sender, payload, body, attempt + 1, answered));
            } else {
                sendFailures.incrementAndGet();
                firstSendFailure.compareAndSet(null, failure);
                answered.run();
            }
        });
    }

    /** Sends {@code count} messages, a bounded number at a time, and waits for all answers. */
    void sendAll(Sender sender, int count, int underWay, IntUnaryOperator liteTopicOf, int bodyBytes)
            throws InterruptedException {
        sendAll(sender, count, underWay, liteTopicOf, System::nanoTime, bodyBytes);
    }

    /** The same; {@code dueNanos} says from when the latency of a message counts. */
    void sendAll(
            Sender sender, int count, int underWay, IntUnaryOperator liteTopicOf, LongSupplier dueNanos, int bodyBytes)
            throws InterruptedException {
        Semaphore permits = new Semaphore(underWay);
        AtomicInteger answered = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            permits.acquire();
            send(sender, liteTopicOf.applyAsInt(i), dueNanos.getAsLong(), bodyBytes, () -> {
                answered.incrementAndGet();
                permits.release();
            });
            pace.say(() -> "sent %,d of %,d".formatted(answered.get(), count));
        }
        permits.acquire(underWay);
        requireSent();
    }

    /** Stores messages without the proxy if the broker is a stock one, else sends them. */
    void fill(Sender sender, int count, IntUnaryOperator liteTopicOf, int bodyBytes)
            throws IOException, InterruptedException {
        if (spec.contender().system().peer() == Peer.NATIVE) {
            sendAll(sender, count, FILL_UNDER_WAY, liteTopicOf, bodyBytes);
            return;
        }
        store(count, liteTopicOf, bodyBytes);
    }

    /** Stores messages without the proxy; stock brokers only. */
    void store(int count, IntUnaryOperator liteTopicOf, int bodyBytes) throws IOException {
        int first = Math.toIntExact(ledger.totals().sent());
        try (BulkLoader loader = BulkLoader.open(spec.brokerAddress(), spec.topic(), spec.queues())) {
            for (int i = 0; i < count; i++) {
                int liteTopic = liteTopicOf.applyAsInt(i);
                loader.add(
                        LiteTopics.name(liteTopic),
                        new Payload(ledger.nextMessage(), liteTopic, System.nanoTime()).encode(bodyBytes));
                int done = i;
                pace.say(() -> "stored %,d of %,d".formatted(done, count));
            }
            loader.flush();
        }
        ledger.acceptedRange(first, first + count);
    }

    /** Subscribes to the lite topics with indices from {@code first}, several at a time. */
    void subscribe(Receiver receiver, int first, int count) throws InterruptedException {
        if (!spec.contender().hasSubscriptions()) {
            return;
        }
        AtomicInteger next = new AtomicInteger(first);
        ExecutorService subscribers =
                Executors.newFixedThreadPool(SUBSCRIBERS, task -> new Thread(task, "bench-subscriber"));
        try {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                parts.add(subscribers.submit((Callable<@Nullable Void>) () -> {
                    for (int index = next.getAndIncrement(); index < first + count; index = next.getAndIncrement()) {
                        receiver.subscribe(LiteTopics.name(index));
                        int done = index - first + 1;
                        pace.say(() -> "subscribed to %,d of %,d lite topics".formatted(done, count));
                    }
                    return null;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new LoadFailure("cannot subscribe: " + e.getCause(), e);
        } finally {
            subscribers.shutdownNow();
        }
    }

    /** Waits for the condition as long as messages are handled. */
    void awaitWhileHandling(BooleanSupplier condition, String what) {
        pace.awaitWhileMoving(condition, ledger::handledCount, what);
    }

    /** Waits until every send is answered and every accepted message handled, and a moment longer for duplicates. */
    void drain() {
        awaitWhileHandling(() -> sendsUnderWay.get() == 0 && ledger.waiting() == 0, "handling what is left");
        pace.pause(LINGER, "waiting for duplicates");
    }

    /** Of the accepted messages that many are meant to be left. */
    void expectWaiting(long messages) {
        expectedWaiting = messages;
    }

    /** Makes the run fail with the first complaint of any thread. */
    void complain(String problem) {
        firstComplaint.compareAndSet(null, problem);
    }

    /**
     * What the account says.
     *
     * @param crashed whether a process was killed in the run, after which duplicates are allowed
     * @return why the run does not count; null if it does
     */
    @Nullable
    String verdict(boolean crashed) {
        DeliveryLedger.Totals totals = ledger.totals();
        if (firstComplaint.get() != null) {
            return firstComplaint.get();
        }
        if (sendFailures.get() > 0) {
            return sendProblem();
        }
        if (totals.lost() != expectedWaiting || totals.outOfOrder() > 0 || (!crashed && totals.duplicated() > 0)) {
            return "delivery is not as it must be: " + totals + ", meant to be left: " + expectedWaiting;
        }
        return null;
    }

    private void requireSent() {
        if (sendFailures.get() > 0) {
            throw new LoadFailure(sendProblem(), firstSendFailure.get());
        }
    }

    private String sendProblem() {
        return "%,d sends failed, the first one with %s".formatted(sendFailures.get(), firstSendFailure.get());
    }
}
