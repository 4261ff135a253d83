package io.litetopic.lite.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.policy.Simulation.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConcurrencyPolicyTest {

    private static final long MILLI = 1_000_000;

    private final ManualPolicyClock clock = new ManualPolicyClock();
    private final Map<String, CompletableFuture<ConsumeResult>> running = new LinkedHashMap<>();

    @Test
    void suspendsWhatIsTooMuchUntilACallHasEnded() {
        AsyncMessageListener listener = all(2).aroundAsync(this::start);

        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "b")).isZero();
        Duration wait = ask(listener, "c");
        assertThat(wait).isPositive();
        end("a");
        clock.advance(wait);

        assertThat(ask(listener, "c")).isZero();
        assertThat(running.keySet()).containsExactly("b", "c");
    }

    @Test
    void estimateComesFromHowLongCallsTake() {
        AsyncMessageListener listener = all(1).aroundAsync(this::start);
        for (int i = 0; i < 20; i++) {
            ask(listener, "a");
            clock.advance(Duration.ofMillis(400));
            end("a");
        }

        ask(listener, "a");
        clock.advance(Duration.ofMillis(100));

        assertThat(ask(listener, "b")).as("rest of a").isEqualTo(Duration.ofMillis(300));
        assertThat(ask(listener, "c")).as("rest of a, and b").isEqualTo(Duration.ofMillis(700));
    }

    @Test
    void waitGrowsWithACallThatTakesLongerThanOthersDid() {
        AsyncMessageListener listener = all(1).aroundAsync(this::start);
        ask(listener, "a");
        int suspends = 0;
        while (clock.elapsedNanos() < Duration.ofSeconds(60).toNanos()) {
            Duration wait = ask(listener, "b");
            assertThat(wait).isBetween(Duration.ofMillis(10), Duration.ofSeconds(10));
            clock.advance(wait);
            suspends++;
        }
        assertThat(suspends).isLessThan(25);
    }

    @Test
    void keysHaveTheirOwnLimits() {
        AsyncMessageListener listener = new ConcurrencyPolicy(
                        liteTopic -> liteTopic.substring(0, 1), key -> key.equals("a") ? 1 : 2, clock)
                .aroundAsync(this::start);

        assertThat(ask(listener, "a1")).isZero();
        assertThat(ask(listener, "a2")).isPositive();
        assertThat(ask(listener, "b1")).isZero();
        assertThat(ask(listener, "b2")).isZero();
        assertThat(ask(listener, "b3")).isPositive();
    }

    @Test
    void permitIsBackHoweverACallEnds() {
        ConcurrencyPolicy policy = all(1);
        MessageListener throwing = policy.around(message -> {
            throw new IllegalStateException("handler");
        });
        AsyncMessageListener noStage = policy.aroundAsync(message -> noStage());
        AsyncMessageListener failing =
                policy.aroundAsync(message -> CompletableFuture.failedFuture(new IllegalStateException("stage")));
        MessageListener fine = policy.around(message -> ConsumeResult.FAILURE);

        assertThatThrownBy(() -> throwing.consume(TestMessage.of("a"))).hasMessage("handler");
        assertThat(noStage.consume(TestMessage.of("a"))).isCompletedExceptionally();
        assertThat(failing.consume(TestMessage.of("a"))).isCompletedExceptionally();

        assertThat(fine.consume(TestMessage.of("a"))).isEqualTo(ConsumeResult.FAILURE);
    }

    @Test
    void cancellingTheResultCancelsTheCallAndItsEndBringsThePermitBack() {
        AsyncMessageListener listener = all(1).aroundAsync(this::start);
        CompletableFuture<ConsumeResult> result =
                listener.consume(TestMessage.of("a")).toCompletableFuture();

        result.cancel(true);

        assertThat(running.get("a")).isCancelled();
        assertThat(ask(listener, "b")).isZero();
    }

    @Test
    void nobodyStarvesAndPermitsAreUsed() {
        for (long seed = 1; seed <= 5; seed++) {
            ManualPolicyClock time = new ManualPolicyClock();
            Random random = new Random(seed);
            int maximum = 1 + random.nextInt(10);
            int liteTopics = maximum + 1 + random.nextInt(50);
            long meanMillis = 50L + random.nextInt(300);
            Simulation simulation = new Simulation(
                    time,
                    new ConcurrencyPolicy(name -> "all", key -> maximum, time),
                    () -> (long) (random.nextDouble() * 10 * MILLI),
                    name -> (long) ((0.5 + random.nextDouble()) * meanMillis * MILLI));
            for (int i = 0; i < liteTopics; i++) {
                simulation.backlog("topic-" + i, Duration.ofMillis(random.nextInt(100)));
            }

            List<Run> runs = simulation.run(Duration.ofSeconds(60));

            double used = runs.stream()
                            .mapToLong(run -> run.endNanos() - run.startNanos())
                            .sum()
                    / 60e9
                    / maximum;
            double suspends = runs.stream().mapToInt(Run::suspends).average().orElseThrow();
            double longest = runs.stream().mapToDouble(Run::waitSeconds).max().orElseThrow();
            double fair = liteTopics * meanMillis / 1e3 / maximum;
            String shown = String.format(
                    "seed=%d maximum=%d liteTopics=%d meanMillis=%d: used %.2f, %.2f suspends per message, longest wait %.1f"
                            + " s, fair %.1f s",
                    seed, maximum, liteTopics, meanMillis, used, suspends, longest, fair);
            System.err.println("measured: " + shown);
            assertThat(runs.stream().collect(Collectors.groupingBy(Run::liteTopic)))
                    .as(shown)
                    .hasSize(liteTopics);
            assertThat(longest).as(shown).isLessThan(4 * fair + 1);
            assertThat(used).as(shown).isGreaterThan(0.7);
            assertThat(mostAtATime(runs)).as(shown).isEqualTo(maximum);
        }
    }

    @Test
    void holdsWithRealThreads() throws Exception {
        int maximum = 3;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger handled = new AtomicInteger();
        MessageListener listener = LitePolicies.concurrency(maximum).around(message -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            inside.decrementAndGet();
            handled.incrementAndGet();
            return ConsumeResult.SUCCESS;
        });
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            CountDownLatch begin = new CountDownLatch(1);
            CountDownLatch never = new CountDownLatch(1);
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                String liteTopic = "topic-" + thread;
                all.add(threads.submit(() -> {
                    begin.await();
                    int done = 0;
                    while (done < 200) {
                        if (listener.consume(TestMessage.of(liteTopic)) instanceof ConsumeResultSuspend suspend) {
                            never.await(suspend.getSuspendTime().toMillis(), TimeUnit.MILLISECONDS);
                        } else {
                            done++;
                        }
                    }
                    return done;
                }));
            }
            begin.countDown();
            for (Future<?> one : all) {
                one.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(handled).hasValue(1_600);
        assertThat(most.get()).isBetween(1, maximum);
    }

    @Test
    void keysThatWereSeenOnceAreForgotten() {
        ConcurrencyPolicy policy = new ConcurrencyPolicy(name -> name, key -> 1, clock);
        MessageListener listener = policy.around(message -> ConsumeResult.SUCCESS);
        for (int i = 0; i < 100_000; i++) {
            listener.consume(TestMessage.of("topic-" + i));
        }

        clock.advance(Duration.ofMinutes(2));
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(1));
            listener.consume(TestMessage.of("later"));
        }

        assertThat(policy.keys()).isEqualTo(1);
    }

    @Test
    void refusesLimitsThatMakeNoSense() {
        assertThatThrownBy(() -> LitePolicies.concurrency(0)).hasMessageContaining("maximum=0");
        MessageListener none = new ConcurrencyPolicy(name -> name, key -> 0, clock).around(m -> ConsumeResult.SUCCESS);
        assertThatThrownBy(() -> none.consume(TestMessage.of("a"))).hasMessageContaining("key=a, maximum=0");
        assertThatThrownBy(() -> all(1).waitBetween(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("min=PT2S, max=PT1S");
    }

    private ConcurrencyPolicy all(int maximum) {
        return new ConcurrencyPolicy(liteTopic -> "all", all -> maximum, clock);
    }

    private CompletableFuture<ConsumeResult> start(MessageView message) {
        CompletableFuture<ConsumeResult> stage = new CompletableFuture<>();
        running.put(message.getLiteTopic().orElseThrow(), stage);
        return stage;
    }

    private void end(String liteTopic) {
        requireNonNull(running.remove(liteTopic)).complete(ConsumeResult.SUCCESS);
    }

    /** How long the lite topic is suspended; zero if its call has begun. */
    private static Duration ask(AsyncMessageListener listener, String liteTopic) {
        CompletableFuture<ConsumeResult> result =
                listener.consume(TestMessage.of(liteTopic)).toCompletableFuture();
        return result.isDone() && result.join() instanceof ConsumeResultSuspend suspend
                ? suspend.getSuspendTime()
                : Duration.ZERO;
    }

    @SuppressWarnings("NullAway") // what a listener of an application may do
    private static CompletableFuture<ConsumeResult> noStage() {
        return null;
    }

    private static int mostAtATime(List<Run> runs) {
        return runs.stream()
                .mapToInt(run -> (int) runs.stream()
                        .filter(other -> other.startNanos() <= run.startNanos() && other.endNanos() > run.startNanos())
                        .count())
                .max()
                .orElseThrow();
    }
}
