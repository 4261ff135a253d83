package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values by name pattern; the first pattern that matches a name counts. Plain names and patterns of the form {@code prefix*} are
 * found by hash, so thousands of them cost a look-up no more than one does; only patterns of another form are tried one by one.
 * Immutable.
 */
public final class NamePatternTable<T> {
    private final Map<String, Entry<T>> literals = new HashMap<>();
    private final Map<String, Entry<T>> prefixes = new HashMap<>();
    private final List<Entry<T>> others = new ArrayList<>();
    private final int longestPrefix;
    private final Map<NamePattern, T> values;

    /** @param values in the order in which they count */
    public NamePatternTable(Map<NamePattern, T> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        int longest = -1;
        int rank = 0;
        for (Map.Entry<NamePattern, T> value : this.values.entrySet()) {
            NamePattern pattern = value.getKey();
            Entry<T> entry = new Entry<>(rank++, pattern, value.getValue());
            if (pattern.isLiteral()) {
                literals.put(pattern.head(), entry);
            } else if (pattern.isPrefix()) {
                prefixes.put(pattern.head(), entry);
                longest = Math.max(longest, pattern.head().length());
            } else {
                others.add(entry);
            }
        }
        longestPrefix = longest;
    }

    /** The value of the first pattern that matches; null if none does. */
    public @Nullable T valueFor(String name) {
        Entry<T> best = literals.get(name);
        for (int length = Math.min(longestPrefix, name.length()); length >= 0; length--) {
            best = earlier(best, prefixes.get(name.substring(0, length)));
        }
        for (Entry<T> entry : others) {
            if (best != null && best.rank < entry.rank) {
                break;
            }
            if (entry.pattern.matches(name)) {
                best = entry;
            }
        }
        return best == null ? null : best.value;
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** All values in the order in which they count. */
    public Map<NamePattern, T> values() {
        return values;
    }

    private static <T> @Nullable Entry<T> earlier(@Nullable Entry<T> one, @Nullable Entry<T> other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.rank < other.rank ? one : other;
    }

    private static final class Entry<T> {
        final int rank;
        final NamePattern pattern;
        final T value;

        Entry(int rank, NamePattern pattern, T value) {
            this.rank = rank;
            this.pattern = pattern;
            this.value = value;
        }
    }
}
