package io.litetopic.lite.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.policy.Simulation.Run;
import java.time.Duration;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many lite topics share a rate that is too small for them, over minutes of virtual time. */
class RateLimitProperties {

    private static final Duration TIME = Duration.ofSeconds(100);
    private static final long MILLI = 1_000_000;

    private final ManualPolicyClock clock = new ManualPolicyClock();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void neverExceedsTheRateInAnyWindowAndStarvesNobody(long seed) {
        Random random = new Random(seed);
        Rate rate = Rate.of(1 + random.nextInt(200), Duration.ofMillis(500 + random.nextInt(1_000)))
                .withBurst(1 + random.nextInt(20));
        int liteTopics = 2 + random.nextInt(60);
        int maxLatenessMillis = random.nextInt(30);
        List<Run> runs = run(rate, liteTopics, () -> (long) (random.nextDouble() * maxLatenessMillis * MILLI), random);

        String shown =
                "seed=" + seed + " rate=" + rate + " liteTopics=" + liteTopics + " lateUpTo=" + maxLatenessMillis;
        assertBounded(runs, rate, shown);
        double permitsPerSecond = rate.permits() * 1e9 / rate.period().toNanos();
        double fairWait = liteTopics / permitsPerSecond;
        assertThat(runs)
                .as(shown)
                .allSatisfy(run -> assertThat(run.waitSeconds()).isLessThan(3 * fairWait + 0.2));
        Map<String, Long> perLiteTopic =
                runs.stream().collect(Collectors.groupingBy(Run::liteTopic, Collectors.counting()));
        LongSummaryStatistics spread =
                perLiteTopic.values().stream().mapToLong(Long::longValue).summaryStatistics();
        assertThat(perLiteTopic).as(shown).hasSize(liteTopics);
        assertThat(spread.getMin()).as(shown + " " + spread).isGreaterThanOrEqualTo(spread.getMax() / 2);
    }

    @Test
    void everybodyFindsAPermitWhenItWasToldToCome() {
        Rate rate = Rate.perSecond(70).withBurst(5);

        List<Run> runs = run(rate, 50, () -> 0, new Random(1));

        assertThat(runs).allSatisfy(run -> assertThat(run.suspends()).isLessThanOrEqualTo(1));
        assertThat(runs.size()).as("the rate is used").isBetween(7_000, 7_005);
    }

    @Test
    void lateReturnsCostFewPermitsAndFewSuspends() {
        Rate rate = Rate.perSecond(100).withBurst(10);
        Random random = new Random(7);

        List<Run> runs = run(rate, 200, () -> (long) (random.nextDouble() * 10 * MILLI), random);

        double suspends = runs.stream().mapToInt(Run::suspends).average().orElseThrow();
        System.err.printf("measured: %d of 10010 permits used, %.3f suspends per message%n", runs.size(), suspends);
        assertThat(runs.size()).isGreaterThan(9_900);
        assertThat(suspends).isLessThan(1.1);
    }

    @Test
    void halfOfThoseThatWaitNeverComeBackAndTheOthersUseTheirPermits() {
        Rate rate = Rate.perSecond(50).withBurst(10);
        RateLimitPolicy policy = new RateLimitPolicy("test", name -> "all", name -> rate, clock);
        Random random = new Random(3);
        Simulation simulation = new Simulation(
                clock,
                policy,
                () -> random.nextBoolean() ? 1_000 * Duration.ofSeconds(1).toNanos() : 2 * MILLI,
                name -> MILLI);
        for (int i = 0; i < 20_000; i++) {
            simulation.single("topic-" + i, Duration.ofMillis(5L * i));
        }

        List<Run> runs = simulation.run(TIME);

        assertBounded(runs, rate, "half absent");
        System.err.printf("measured: %d of 5010 permits used while half of those that wait never come%n", runs.size());
        assertThat(runs.size()).isGreaterThan(4_500);
    }

    private List<Run> run(Rate rate, int liteTopics, LongSupplier lateness, Random random) {
        RateLimitPolicy policy = new RateLimitPolicy("test", name -> "all", name -> rate, clock);
        Simulation simulation = new Simulation(clock, policy, lateness, name -> MILLI);
        for (int i = 0; i < liteTopics; i++) {
            simulation.backlog("topic-" + i, Duration.ofMillis(random.nextInt(200)));
        }
        return simulation.run(TIME);
    }

    /** Between any two calls lies the time in which the permits beyond the burst came back. */
    private static void assertBounded(List<Run> runs, Rate rate, String shown) {
        // A window is worst when it begins at a call; it is enough to know the lowest reach so far.
        double interval = (double) rate.period().toNanos() / rate.permits();
        double worst = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < runs.size(); i++) {
            double line = i - runs.get(i).startNanos() / interval;
            worst = Math.max(worst, -line);
            double calls = line + worst + 1;
            assertThat(calls).as(shown + " call %d", i).isLessThanOrEqualTo(rate.burst() + 1e-6);
        }
    }
}
