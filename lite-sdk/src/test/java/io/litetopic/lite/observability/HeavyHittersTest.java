package io.litetopic.lite.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeavyHittersTest {

    @Test
    void listsTheHeaviestFirst() {
        HeavyHitters hitters = new HeavyHitters(10);
        hitters.add("light", 1);
        hitters.add("heavy", 100);
        hitters.add("middle", 10);
        hitters.add("middle", 10);

        List<HeavyHitters.Hitter> top = hitters.top(2);

        assertThat(top).extracting(HeavyHitters.Hitter::key).containsExactly("heavy", "middle");
        assertThat(top).extracting(HeavyHitters.Hitter::weight).containsExactly(100L, 20L);
        assertThat(top).extracting(HeavyHitters.Hitter::count).containsExactly(1L, 2L);
    }

    @Test
    void keepsItsPromiseAmongManyMoreKeysThanCounters() {
        Random random = new Random(7);
        int counters = 100;
        HeavyHitters hitters = new HeavyHitters(counters);
        Map<String, Long> exact = new HashMap<>();
        long total = 0;
        for (int i = 0; i < 200_000; i++) {
            boolean heavy = random.nextInt(4) == 0;
            String key = heavy ? "heavy-" + random.nextInt(5) : "light-" + random.nextInt(50_000);
            long weight = 1L + random.nextInt(10);
            hitters.add(key, weight);
            exact.merge(key, weight, Long::sum);
            total += weight;
        }

        long error = total / counters;
        List<HeavyHitters.Hitter> top = hitters.top(counters);
        assertThat(top.subList(0, 5))
                .allSatisfy(hitter -> assertThat(hitter.key()).startsWith("heavy-"));
        assertThat(top)
                .allSatisfy(hitter -> assertThat(hitter.weight())
                        .isBetween(weightOf(exact, hitter), weightOf(exact, hitter) + error));
        exact.forEach((key, weight) -> {
            if (weight > error) {
                assertThat(top).extracting(HeavyHitters.Hitter::key).contains(key);
            }
        });
    }

    private static long weightOf(Map<String, Long> exact, HeavyHitters.Hitter hitter) {
        return exact.getOrDefault(hitter.key(), 0L);
    }
}
