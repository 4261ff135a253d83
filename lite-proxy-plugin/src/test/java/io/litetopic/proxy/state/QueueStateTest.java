package io.litetopic.proxy.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueStateTest {
    private final QueueState state = new QueueState();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void addsUpLikeSetsOfOffsetsAndNames(long seed) {
        RandomChanges random = new RandomChanges(seed);
        Model model = new Model();

        for (int i = 0; i < 300; i++) {
            StateChanges changes = random.next();
            state.apply(changes);
            model.apply(changes);

            assertThat(offsets(state)).as("seed %d change %d", seed, i).isEqualTo(model.done);
            assertThat(runsAreApart(state.doneRuns())).isTrue();
            assertThat(state.liteTopics()).containsExactlyInAnyOrderElementsOf(model.liteTopics.values());
            assertThat(sorted(state)).isEqualTo(model.subscriptions);
            assertThat(state.subscriptionsSince()).isEqualTo(model.subscriptionsSince);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15})
    void isTheSameWhenAChangeIsAppliedTwice(long seed) {
        RandomChanges random = new RandomChanges(seed);
        QueueState twice = new QueueState();

        for (int i = 0; i < 200; i++) {
            StateChanges changes = random.next();
            state.apply(changes);
            twice.apply(changes);
            twice.apply(changes);

            assertThat(RandomChanges.describe(twice))
                    .as("seed %d change %d", seed, i)
                    .isEqualTo(RandomChanges.describe(state));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void isRestoredByASnapshotWhosePartsLieAmongChanges(long seed) {
        RandomChanges changes = new RandomChanges(seed);
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            state.apply(changes.next());
            QueueState restored = new QueueState();

            for (int part = 0; part < 3; part++) {
                restored.apply(RandomChanges.part(state, part, 3));
                for (int i = random.nextInt(4); i > 0; i--) {
                    StateChanges change = changes.next();
                    state.apply(change);
                    restored.apply(change);
                }
            }

            assertThat(RandomChanges.describe(restored))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(RandomChanges.describe(state));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33})
    void forgetsWhatWasDoneBeyondTheEnd(long seed) {
        RandomChanges changes = new RandomChanges(seed);
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            state.apply(changes.next());
            NavigableSet<Long> before = offsets(state);
            long end = random.nextInt(i + 40);

            long beyond = state.truncate(end);

            assertThat(beyond).isEqualTo(before.tailSet(end).size());
            assertThat(offsets(state)).isEqualTo(new TreeSet<>(before.headSet(end)));
            assertThat(state.truncate(end)).isZero();
        }
    }

    @Test
    void raisesTheWatermarkOverRunsThatTouchIt() {
        state.apply(
                StateChanges.builder(3).doneRuns(new long[] {5, 2, 8, 1, 12, 4}).build());

        state.raiseWatermark(5);
        long overTheFirstRun = state.watermark();
        state.raiseWatermark(2);
        state.apply(StateChanges.builder(0).doneRuns(new long[] {7, 1}).build());

        assertThat(overTheFirstRun).isEqualTo(7);
        assertThat(state.watermark()).isEqualTo(9);
        assertThat(state.doneRuns()).containsExactly(12, 4);
    }

    @Test
    void ignoresClientsThatAreRecordedWithAnEarlierStart() {
        state.apply(StateChanges.builder(0)
                .subscriptionsSince(10)
                .client(new ClientChange("c", false, List.of("a"), List.of()))
                .build());

        state.apply(StateChanges.builder(0)
                .subscriptionsSince(9)
                .client(new ClientChange("c", true, List.of("b"), List.of()))
                .build());

        assertThat(sorted(state)).isEqualTo(Map.of("c", new TreeSet<>(List.of("a"))));
    }

    private static NavigableSet<Long> offsets(QueueState state) {
        TreeSet<Long> result = new TreeSet<>();
        for (long offset = 0; offset < state.watermark(); offset++) {
            result.add(offset);
        }
        long[] runs = state.doneRuns();
        for (int i = 0; i < runs.length; i += 2) {
            for (long offset = runs[i]; offset < runs[i] + runs[i + 1]; offset++) {
                result.add(offset);
            }
        }
        return result;
    }

    private static boolean runsAreApart(long[] runs) {
        for (int i = 2; i < runs.length; i += 2) {
            if (runs[i] <= runs[i - 2] + runs[i - 1]) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Set<String>> sorted(QueueState state) {
        Map<String, Set<String>> result = new HashMap<>();
        state.subscriptions().forEach((client, names) -> result.put(client, new TreeSet<>(names)));
        return result;
    }

    /** The slow and obvious way. */
    private static final class Model {
        final TreeSet<Long> done = new TreeSet<>();
        final Map<String, LiteTopicState> liteTopics = new HashMap<>();
        final Map<String, Set<String>> subscriptions = new HashMap<>();
        long subscriptionsSince = LiteTopicState.NONE;

        void apply(StateChanges changes) {
            for (long offset = 0; offset < changes.watermark(); offset++) {
                done.add(offset);
            }
            for (int i = 0; i < changes.doneRuns().length; i += 2) {
                for (long n = 0; n < changes.doneRuns()[i + 1]; n++) {
                    done.add(changes.doneRuns()[i] + n);
                }
            }
            changes.removedLiteTopics().forEach(liteTopics::remove);
            changes.liteTopics().forEach(each -> liteTopics.put(each.name(), each));
            if (changes.subscriptionsSince() > subscriptionsSince) {
                subscriptionsSince = changes.subscriptionsSince();
                subscriptions.clear();
            }
            if (changes.subscriptionsSince() == subscriptionsSince) {
                for (ClientChange client : new ArrayList<>(changes.clients())) {
                    Set<String> names = client.startsEmpty()
                            ? new TreeSet<>()
                            : subscriptions.getOrDefault(client.clientId(), new TreeSet<>());
                    names.addAll(client.added());
                    names.removeAll(client.removed());
                    subscriptions.put(client.clientId(), names);
                    subscriptions.values().removeIf(Set::isEmpty);
                }
            }
        }
    }
}
