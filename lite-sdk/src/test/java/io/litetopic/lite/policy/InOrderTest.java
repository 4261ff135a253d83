package io.litetopic.lite.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.policy.Simulation.Run;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class InOrderTest {

    private final ManualPolicyClock clock = new ManualPolicyClock();
    private final Set<String> busy = new HashSet<>();
    private final LitePolicy probe = LitePolicies.busyProbe(
            liteTopic -> busy.contains(liteTopic) ? Optional.of(Duration.ofSeconds(7)) : Optional.empty());

    @Test
    void firstThatSuspendsDecidesAndThoseBeforeGetTheirPermitsBack() {
        ConcurrencyPolicy concurrency = new ConcurrencyPolicy(name -> "all", all -> 1, clock);
        LitePolicy rate = new RateLimitPolicy("rate", name -> "all", name -> Rate.of(1, Duration.ofHours(1)), clock);
        MessageListener listener =
                LitePolicies.inOrder(rate, concurrency, probe).around(message -> ConsumeResult.SUCCESS);
        busy.add("a");

        for (int i = 0; i < 10; i++) {
            assertThat(listener.consume(TestMessage.of("a"))).hasToString("SUSPEND(PT7S)");
        }

        assertThat(listener.consume(TestMessage.of("b"))).as("its only permit").isEqualTo(ConsumeResult.SUCCESS);
        assertThat(listener.consume(TestMessage.of("a"))).hasToString("SUSPEND(PT1H)");
    }

    @Test
    void permitsAreGivenBackWhenAFunctionOfTheApplicationThrows() {
        ConcurrencyPolicy concurrency = new ConcurrencyPolicy(name -> "all", all -> 1, clock);
        LitePolicy throwing = LitePolicies.busyProbe(liteTopic -> {
            if (liteTopic.equals("a")) {
                throw new IllegalStateException("no such tenant: a");
            }
            return Optional.empty();
        });
        MessageListener listener = LitePolicies.inOrder(concurrency, throwing).around(message -> ConsumeResult.SUCCESS);

        assertThatThrownBy(() -> listener.consume(TestMessage.of("a"))).hasMessage("no such tenant: a");

        assertThat(listener.consume(TestMessage.of("b"))).isEqualTo(ConsumeResult.SUCCESS);
    }

    @Test
    void policiesShareTheirStateAmongListenersAndMayHoldForSomeLiteTopicsOnly() {
        LitePolicy rate = new RateLimitPolicy("rate", name -> "all", name -> Rate.of(1, Duration.ofHours(1)), clock);
        MessageListener one = rate.around(message -> ConsumeResult.SUCCESS);
        MessageListener other = rate.onlyFor(name -> !name.startsWith("vip")).around(message -> ConsumeResult.SUCCESS);

        assertThat(one.consume(TestMessage.of("a"))).isEqualTo(ConsumeResult.SUCCESS);
        assertThat(other.consume(TestMessage.of("a"))).hasToString("SUSPEND(PT1H)");
        assertThat(other.consume(TestMessage.of("vip-1"))).isEqualTo(ConsumeResult.SUCCESS);
    }

    @Test
    void nobodyStarvesBetweenTwoScarceLimits() {
        Random random = new Random(11);
        LitePolicy policy = LitePolicies.inOrder(
                new RateLimitPolicy(
                        "own", name -> name, name -> Rate.perSecond(20).withBurst(2), clock),
                new RateLimitPolicy(
                        "tenant",
                        name -> name.substring(0, 1),
                        name -> Rate.perSecond(10).withBurst(3),
                        clock),
                new RateLimitPolicy(
                        "all", name -> "all", name -> Rate.perSecond(25).withBurst(5), clock),
                new ConcurrencyPolicy(name -> "all", all -> 4, clock));
        Simulation simulation =
                new Simulation(clock, policy, () -> (long) (random.nextDouble() * 5_000_000), name -> 150_000_000L);
        for (String tenant : List.of("a", "b", "c", "d")) {
            for (int i = 0; i < 10; i++) {
                simulation.backlog(tenant + i, Duration.ofMillis(random.nextInt(100)));
            }
        }

        List<Run> runs = simulation.run(Duration.ofSeconds(100));

        Map<String, Long> each = runs.stream().collect(Collectors.groupingBy(Run::liteTopic, Collectors.counting()));
        double suspends = runs.stream().mapToInt(Run::suspends).average().orElseThrow();
        double longest = runs.stream().mapToDouble(Run::waitSeconds).max().orElseThrow();
        System.err.printf(
                "measured: %d of 2505 calls, %.2f suspends per message, longest wait %.2f s, each %s%n",
                runs.size(), suspends, longest, each);
        assertThat(each).hasSize(40);
        assertThat(runs.size()).isBetween(1_900, 2_505);
        assertThat(longest).as("fair would be 1.6 s").isLessThan(8);
    }

    @Test
    void refusesToCombineNothing() {
        assertThatThrownBy(LitePolicies::inOrder).hasMessageContaining("none given");
    }
}
