package io.litetopic.lite.observability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the keys with the greatest sum of weights among any number of keys, with a fixed number of counters: the Space-Saving
 * algorithm of Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005). A key
 * that has more than the total weight divided by the number of counters is always found, and no weight is too high by more than that.
 *
 * <p>Not thread-safe. An addition takes O(1), or O(counters) for a key that has no counter.
 */
final class HeavyHitters {

    private final int counters;
    private final Map<String, Hitter> byKey = new HashMap<>();

    HeavyHitters(int counters) {
        this.counters = counters;
    }

    void add(String key, long weight) {
        Hitter hitter = byKey.get(key);
        if (hitter == null) {
            hitter = new Hitter(key, byKey.size() < counters ? 0 : removeLightest());
            byKey.put(key, hitter);
        }
        hitter.weight += weight;
        hitter.count++;
    }

    /** The heaviest {@code number} keys, heaviest first. */
    List<Hitter> top(int number) {
        List<Hitter> all = new ArrayList<>(byKey.values());
        all.sort(Comparator.comparingLong(Hitter::weight).reversed().thenComparing(Hitter::key));
        return new ArrayList<>(all.subList(0, Math.min(number, all.size())));
    }

    /** Returns its weight, which its successor takes over: it may have had that much before. */
    private long removeLightest() {
        Hitter lightest = null;
        for (Hitter hitter : byKey.values()) {
            if (lightest == null || hitter.weight < lightest.weight) {
                lightest = hitter;
            }
        }
        if (lightest == null) {
            return 0;
        }
        byKey.remove(lightest.key);
        return lightest.weight;
    }

    /** One key. */
    static final class Hitter {
        private final String key;
        private long weight;
        private long count;

        private Hitter(String key, long weight) {
            this.key = key;
            this.weight = weight;
        }

        String key() {
            return key;
        }

        /** At least its weight. */
        long weight() {
            return weight;
        }

        /** Additions since it has this counter. */
        long count() {
            return count;
        }
    }
}
