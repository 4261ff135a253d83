package io.litetopic.proxy.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameTableTest {
    private record Entry(String name) implements Named {}

    private final NameTable<Entry> table = new NameTable<>();

    /** A name that has its hash code in common with all others whose number has the same upper bits. */
    private static String collidingName(int number, int bits) {
        StringBuilder name = new StringBuilder("t").append(number >>> bits).append('/');
        for (int bit = 0; bit < bits; bit++) {
            name.append((number >>> bit & 1) == 0 ? "Aa" : "BB");
        }
        return name.toString();
    }

    @Test
    void namesOfTheseTestsCollide() {
        assertThat(collidingName(0, 6)).hasSameHashCodeAs(collidingName(63, 6)).isNotEqualTo(collidingName(63, 6));
        assertThat(collidingName(64, 6)).doesNotHaveSameHashCodeAs(collidingName(63, 6));
    }

    @ParameterizedTest
    @CsvSource({"1, 10, 0", "2, 300, 0", "3, 300, 4", "4, 256, 8", "5, 6000, 0", "6, 6000, 3", "7, 20000, 0"})
    void isLikeAHashMap(long seed, int names, int collidingBits) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Entry> model = new HashMap<>();
        int steps = 3 * names + 5_000;
        for (int step = 0; step < steps; step++) {
            String name = collidingName(random.nextInt(names), collidingBits);
            // It fills up first, and empties at the end.
            boolean add = random.nextInt(steps) > step;
            if (add && !model.containsKey(name)) {
                Entry entry = new Entry(name);
                table.add(entry);
                model.put(name, entry);
            } else if (!add) {
                assertThat(table.remove(name)).isSameAs(model.remove(name));
            }
            String other = collidingName(random.nextInt(names), collidingBits);
            assertThat(table.get(other)).isSameAs(model.get(other));
            assertThat(table.contains(other)).isEqualTo(model.containsKey(other));
            assertThat(table.size()).isEqualTo(model.size());
            if (step % 5_000 == 0) {
                assertHasAll(model);
            }
        }
        assertHasAll(model);
        for (String name : List.copyOf(model.keySet())) {
            assertThat(table.remove(name)).isSameAs(model.remove(name));
        }
        assertHasAll(model);
        assertThat(table.isEmpty()).isTrue();
    }

    private void assertHasAll(Map<String, Entry> model) {
        List<Entry> visited = new ArrayList<>();
        table.forEach(visited::add);
        assertThat(visited).hasSize(model.size());
        assertThat(new HashSet<>(visited).equals(new HashSet<>(model.values()))).isTrue();
        assertThat(model.values()).allMatch(entry -> entry.equals(table.get(entry.name())));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 7, 8, 100, 4_095, 4_096, 4_097, 50_000})
    void growsAndShrinksAndGrowsAgain(int size) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            names.add("chat/session-" + i);
        }
        for (int round = 0; round < 2; round++) {
            names.forEach(name -> table.add(new Entry(name)));
            assertThat(table.size()).isEqualTo(size);
            names.forEach(name -> assertThat(table.contains(name)).isTrue());

            Collections.shuffle(names, new Random(size));
            List<String> kept = names.subList(0, size / 10);
            names.subList(size / 10, size)
                    .forEach(name -> assertThat(table.remove(name)).isNotNull());
            kept.forEach(name -> assertThat(table.contains(name)).isTrue());
            names.subList(size / 10, size)
                    .forEach(name -> assertThat(table.contains(name)).isFalse());
            kept.forEach(table::remove);
            assertThat(table.isEmpty()).isTrue();
        }
    }

    @Test
    void removalFromAFullRunLosesNoneOfTheOthers() {
        for (int gone = 0; gone < 64; gone++) {
            NameTable<Entry> run = new NameTable<>();
            for (int i = 0; i < 64; i++) {
                run.add(new Entry(collidingName(i, 6)));
            }
            assertThat(run.remove(collidingName(gone, 6))).isNotNull();
            for (int i = 0; i < 64; i++) {
                assertThat(run.contains(collidingName(i, 6))).isEqualTo(i != gone);
            }
        }
    }

    @Test
    void hasANameOnce() {
        Entry first = new Entry("a");
        table.add(first);

        assertThatIllegalStateException()
                .isThrownBy(() -> table.add(new Entry("a")))
                .withMessageContaining("a");

        assertThat(table.size()).isEqualTo(1);
        assertThat(table.get("a")).isSameAs(first);
    }

    @Test
    void findsNothingInAnEmptyTable() {
        assertThat(table.get("a")).isNull();
        assertThat(table.remove("a")).isNull();
        assertThat(table.size()).isZero();
        table.forEach(entry -> assertThat(entry).isNull());
    }
}
