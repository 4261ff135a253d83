package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is to be written down of a group. */
class ChangeLogTest {
    private static final Duration TTL = Duration.ofMinutes(10);

    private static void assertEmpty(StateChanges changes) {
        assertThat(changes)
                .isEqualTo(StateChanges.builder(changes.watermark())
                        .subscriptionsSince(changes.subscriptionsSince())
                        .build());
    }

    private static List<String> namesOf(StateChanges changes) {
        return changes.liteTopics().stream().map(LiteTopicState::name).toList();
    }

    private static Map<String, LiteTopicState> liteTopicsOf(QueueState state) {
        Map<String, LiteTopicState> all = new HashMap<>();
        state.liteTopics().forEach(liteTopic -> all.put(liteTopic.name(), liteTopic));
        return all;
    }

    @Nested
    class Changes {
        private final EngineFixture group = new EngineFixture(EngineSettings.builder());

        /** {@code held} is delivered and not acked, and all messages of {@code b} that came later are acked. */
        private void ackAbove(int messages) {
            group.subscribe("c", "held", "b");
            group.send("held");
            group.receive("c");
            group.send("b", messages);
            List<String> received = group.receive("c", 500, 500);
            while (!received.isEmpty()) {
                received.forEach(name -> group.ack("c", name));
                received = group.receive("c", 500, 500);
            }
            group.run();
        }

        @Test
        void whatWasTakenIsNotTakenAgain() {
            group.carryWith(0);
            ackAbove(100);
            group.suspend("c", "held-0", Duration.ofMinutes(1));
            assertThat(group.engine.hasChanges(0)).isTrue();

            StateChanges first = group.takeChanges(0);
            StateChanges second = group.takeChanges(0);

            assertThat(first.doneRuns()).containsExactly(1, 100);
            assertThat(namesOf(first)).containsExactly("held");
            assertEmpty(second);
            assertThat(group.engine.hasChanges(0)).isFalse();
            assertThat(group.engine.changesNotTaken()).isZero();
        }

        @ParameterizedTest
        @ValueSource(ints = {10, 100_000})
        void oneAckCostsTheSameHoweverMuchIsDone(int messages) {
            ackAbove(messages);
            group.takeChanges(0);
            group.send("b");
            group.receive("c");

            group.ack("c", "b-" + messages);

            assertThat(group.engine.changesNotTaken()).isEqualTo(1);
            assertThat(group.takeChanges(0).doneRuns()).containsExactly(messages + 1, 1);
        }

        @Test
        void theWatermarkAloneIsAChange() {
            group.subscribe("c", "a");
            group.send("a", 2);
            group.receive("c", 2, 2);

            group.ackAll("c");

            assertThat(group.engine.hasChanges(0)).isTrue();
            StateChanges changes = group.takeChanges(0);
            assertThat(changes.watermark()).isEqualTo(2);
            assertThat(changes.doneRuns()).isEmpty();
        }

        @Test
        void onlyTheLiteTopicThatChangedIsTakenOfThousands() {
            for (int i = 0; i < 5_000; i++) {
                group.store("idle" + i);
            }
            group.subscribe("c", "a");
            group.send("a");
            group.takeChanges(0);
            group.receive("c");

            group.suspend("c", "a-0", Duration.ofMinutes(1));

            assertThat(group.engine.changesNotTaken()).isEqualTo(1);
            StateChanges changes = group.takeChanges(0);
            assertThat(changes.liteTopics())
                    .containsExactly(new LiteTopicState("a", true, -1, group.wallMillis() + 60_000, 0, -1));
        }

        @Test
        void aLiteTopicThatChangesOftenCostsOneEntry() {
            group.subscribe("c", "a");
            group.send("a");
            group.takeChanges(0);

            for (int i = 0; i < 10; i++) {
                group.receive("c");
                group.suspend("c", "a-0", Duration.ofSeconds(1));
                group.advance(Duration.ofSeconds(2));
            }
            group.receive("c");
            group.giveBack("c", "a-0", Duration.ofMinutes(1));

            assertThat(group.engine.changesNotTaken()).isEqualTo(1);
            assertThat(group.takeChanges(0).liteTopics())
                    .containsExactly(new LiteTopicState("a", true, -1, group.wallMillis() + 60_000, 1, 0));
        }

        @Test
        void aLiteTopicWithNothingLeftToRememberIsRemoved() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            group.giveBack("c", "a-0", Duration.ZERO);
            assertThat(namesOf(group.takeChanges(0))).containsExactly("a");

            group.receive("c");
            group.ack("c", "a-0");

            StateChanges changes = group.takeChanges(0);
            assertThat(changes.liteTopics()).isEmpty();
            assertThat(changes.removedLiteTopics()).containsExactly("a");
        }

        @Test
        void aLiteTopicInSteadyUseIsSeldomWrittenDown() {
            EngineFixture withTtl = new EngineFixture(EngineSettings.builder().ttlNanos(TTL.toNanos()));
            withTtl.subscribe("c", "a");
            int written = 0;
            for (int second = 0; second < 600; second++) {
                withTtl.send("a");
                withTtl.receiveAndAckAll("c");
                withTtl.advance(Duration.ofSeconds(1));
                written += withTtl.takeChanges(0).liteTopics().size();
            }

            assertThat(written).isBetween(32, 130);
        }

        @Test
        void withATimeToLiveEveryLiteTopicIsWrittenDownUntilItEnds() {
            EngineFixture withTtl = new EngineFixture(EngineSettings.builder().ttlNanos(TTL.toNanos()));
            withTtl.subscribe("c", "a");
            withTtl.send("a");
            withTtl.receiveAndAckAll("c");
            assertThat(namesOf(withTtl.takeChanges(0))).containsExactly("a");

            withTtl.advance(TTL.multipliedBy(2));

            assertThat(withTtl.takeChanges(0).removedLiteTopics()).containsExactly("a");
            assertThat(withTtl.journal.get(0).liteTopics()).isEmpty();
        }
    }

    @Nested
    class Places {
        private final EngineFixture group =
                new EngineFixture(EngineSettings.builder().ttlNanos(TTL.toNanos()), 3, 7_000_000_000L);

        /** In which journals an entry of the lite topic is. */
        private Set<Integer> placesOf(String liteTopic) {
            Set<Integer> places = new HashSet<>();
            for (int slot = 0; slot < 3; slot++) {
                if (liteTopicsOf(group.journal.get(slot)).containsKey(liteTopic)) {
                    places.add(slot);
                }
            }
            return places;
        }

        private void messageFrom(int slot) {
            group.storeIn(slot, "a", Duration.ZERO);
            group.run();
        }

        @Test
        void aLiteTopicIsWrittenDownWithTheQueueOfItsLastMessage() {
            messageFrom(1);
            group.writeDown();
            assertThat(placesOf("a")).containsExactly(1);

            messageFrom(2);
            group.writeDown();
            group.writeDown();

            assertThat(placesOf("a")).containsExactly(2);
        }

        @Test
        void oneThatGoesToAnotherQueueAndBackStaysWrittenDown() {
            messageFrom(1);
            group.writeDown();
            messageFrom(2);
            group.takeChanges(2);
            messageFrom(1);

            group.writeDown();
            group.writeDown();

            assertThat(placesOf("a")).containsExactly(1);
        }

        @Test
        void oneThatEndedAndCameAgainElsewhereHasOneEntry() {
            messageFrom(1);
            group.writeDown();
            group.subscribe("c", "a");
            group.receiveAndAckAll("c");
            group.terminate("c");
            group.advance(TTL.multipliedBy(2));
            assertThat(group.liteTopics()).isEmpty();

            messageFrom(2);
            group.writeDown();

            assertThat(placesOf("a")).containsExactly(2);
        }

        @Test
        void oneThatNeverHadAMessageIsWithTheCarrier() {
            group.carryWith(2);
            group.subscribe("c", "a");
            group.writeDown();
            assertThat(placesOf("a")).containsExactly(2);

            messageFrom(1);
            group.writeDown();
            group.writeDown();

            assertThat(placesOf("a")).containsExactly(1);
        }

        @Test
        void itGoesBackToTheCarrierWhenItsQueueIsLost() {
            group.carryWith(0);
            group.subscribe("c", "a");
            messageFrom(1);
            group.writeDown();

            group.engine.loseQueue(1, group.now);
            group.takeChanges(0);

            assertThat(placesOf("a")).containsExactly(0, 1);
            assertThat(liteTopicsOf(group.journal.get(0)))
                    .extractingByKey("a")
                    .extracting(LiteTopicState::everHadMessage)
                    .isEqualTo(false);
        }

        @Test
        void aQueueThatIsLostTakesNoChangesOfAnotherWithIt() {
            group.carryWith(0);
            group.subscribe("c", "a");
            messageFrom(1); // its entry was to go to queue 0, and goes to queue 1 now

            group.engine.loseQueue(0, group.now);
            group.takeChanges(1);

            assertThat(placesOf("a")).containsExactly(1);
        }

        @Test
        void whenTheQueueOfItsLastMessageIsLostItIsWrittenDownWithTheOneOfWhichMessagesWait() {
            group.subscribe("c", "a");
            messageFrom(2);
            messageFrom(1);
            assertThat(group.receive("c")).containsExactly("a-0");
            group.suspend("c", "a-0", Duration.ofMinutes(1));
            assertThat(group.engine.slotOfNotes("a")).isEqualTo(1);
            group.writeDown();

            group.engine.loseQueue(1, group.now);
            group.takeChanges(2);

            assertThat(group.engine.slotOfNotes("a")).isEqualTo(2);
            assertSuspendedWith(2);
        }

        private void assertSuspendedWith(int slot) {
            assertThat(liteTopicsOf(group.journal.get(slot)))
                    .extractingByKey("a")
                    .extracting(LiteTopicState::resumeAtMillis)
                    .isEqualTo(group.wallMillis() + 60_000);
        }

        /** Its suspend is written down with queue 1, and then a message comes from queue 2. */
        private void suspendAndMove() {
            group.subscribe("c", "a");
            messageFrom(1);
            group.receive("c");
            group.suspend("c", "a-0", Duration.ofMinutes(1));
            group.writeDown();
            messageFrom(2);
        }

        @Test
        void theOldEntryIsRemovedWhenTheNewOneIsStoredAndNotBefore() {
            suspendAndMove();
            StateChanges onItsWay = group.engine.takeChanges(2, group.now, group.wallMillis());
            assertThat(namesOf(onItsWay)).containsExactly("a");

            group.takeChanges(1);
            assertSuspendedWith(1);
            group.journal.get(2).apply(onItsWay);
            group.engine.changesStored(2);
            group.takeChanges(1);

            assertThat(placesOf("a")).containsExactly(2);
            assertSuspendedWith(2);
        }

        @Test
        void theOldEntryStaysIfTheNewOneWasNotStored() {
            suspendAndMove();
            group.engine.takeChanges(2, group.now, group.wallMillis());

            group.engine.loseQueue(2, group.now);
            group.writeDownOwned();

            assertThat(placesOf("a")).containsExactly(1);
            assertSuspendedWith(1);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void aSnapshotOfTheOldPlaceHasTheSuspendUntilTheNewPlaceHasIt(boolean isOnItsWay) {
            suspendAndMove();
            if (isOnItsWay) {
                group.engine.takeChanges(2, group.now, group.wallMillis());
            }

            group.journal.set(1, new QueueState());
            group.engine.beginSnapshot(1);
            StateChanges part;
            while ((part = group.engine.nextSnapshotPart(1, group.now, group.wallMillis())) != null) {
                group.journal.get(1).apply(part);
            }

            assertSuspendedWith(1);
        }

        @Test
        void aLiteTopicOfWhichTwoJournalsKnowIsLeftInOne() {
            messageFrom(1);
            group.writeDown();
            group.engine.loseQueue(1, group.now);
            messageFrom(2);
            group.takeChanges(2);
            assertThat(placesOf("a")).containsExactly(1, 2);

            group.acquireFromJournal(1);
            group.run();
            group.writeDown();
            group.writeDown();

            assertThat(placesOf("a")).hasSize(1);
        }

        @Test
        void withoutACarrierWhatBelongsToNoQueueIsNotNoted() {
            for (int i = 0; i < 1_000; i++) {
                group.subscribe("c" + i, "topic" + i);
                group.terminate("c" + i);
            }
            group.subscribe("c", "a");

            assertThat(group.engine.changesNotTaken()).isZero();
            group.carryWith(1);
            assertThat(placesOf("a")).containsExactly(1);
            assertThat(group.journal.get(1).subscriptions()).isEqualTo(Map.of("c", Set.of("a")));
        }
    }

    @Nested
    class Carrier {
        private final EngineFixture group = new EngineFixture(EngineSettings.builder(), 2, 7_000_000_000L);

        private Map<String, Set<String>> writtenWith(int slot) {
            group.writeDown();
            return group.journal.get(slot).subscriptions();
        }

        @Test
        void subscriptionsAreWrittenDownWithTheCarrierAlone() {
            group.carryWith(1);
            group.subscribe("c", "a", "b");
            group.subscribe("d", "a");

            assertThat(writtenWith(1)).isEqualTo(Map.of("c", Set.of("a", "b"), "d", Set.of("a")));
            assertThat(writtenWith(0)).isEmpty();
            assertThat(group.engine.subscriptionCarrier()).isEqualTo(1);
        }

        @Test
        void aChangeIsWrittenDownWithoutTheRestOfTheSubscriptions() {
            group.carryWith(0);
            for (int i = 0; i < 1_000; i++) {
                group.subscribe("c", "topic" + i);
            }
            group.takeChanges(0);

            group.subscribe("c", "a");
            group.unsubscribe("c", "topic7");

            assertThat(group.takeChanges(0).clients())
                    .containsExactly(new ClientChange("c", false, List.of("a"), List.of("topic7")));
        }

        @Test
        void aClientThatEndsIsForgotten() {
            group.carryWith(0);
            group.subscribe("c", "a");
            group.subscribe("d", "a");
            group.takeChanges(0);

            group.terminate("c");

            assertThat(writtenWith(0)).isEqualTo(Map.of("d", Set.of("a")));
        }

        @Test
        void aClientThatEndsAndComesAgainHasWhatItAskedForLast() {
            group.carryWith(0);
            group.subscribe("c", "a", "b");
            group.takeChanges(0);

            group.terminate("c");
            group.subscribe("c", "b", "d");

            assertThat(writtenWith(0)).isEqualTo(Map.of("c", Set.of("b", "d")));
        }

        @Test
        void theNextCarrierGetsAll() {
            group.carryWith(0);
            group.subscribe("c", "a");
            group.takeChanges(0);

            group.carryWith(1);
            group.subscribe("c", "b");

            assertThat(writtenWith(1)).isEqualTo(Map.of("c", Set.of("a", "b")));
        }

        @Test
        void whenTheCarrierIsLostTheNextOneGetsAll() {
            group.carryWith(0);
            group.subscribe("c", "a");
            group.engine.loseQueue(0, group.now);
            assertThat(group.engine.subscriptionCarrier()).isNegative();
            group.subscribe("c", "b");

            group.carryWith(1);

            assertThat(group.journal.get(1).subscriptions()).isEqualTo(Map.of("c", Set.of("a", "b")));
        }
    }

    @Nested
    class Snapshots {
        private static final int LITE_TOPICS = 20_000;
        private final EngineFixture group = new EngineFixture(EngineSettings.builder()
                .ttlNanos(TTL.toNanos())
                .bodyCacheBytes(100 << 20)
                .subscriptionsPerClient(LITE_TOPICS));

        private int namesIn(List<ClientChange> clients) {
            return clients.stream()
                    .flatMap(client -> client.added().stream())
                    .mapToInt(String::length)
                    .sum();
        }

        @Test
        void manyClientsShareParts() {
            group.carryWith(0);
            for (int i = 0; i < 20_000; i++) {
                group.engine.subscribe(
                        "client-with-an-id-" + i, Set.of("topic-with-a-name-" + i % 100), null, group.now);
            }
            group.writeDown();

            int parts = 0;
            group.engine.beginSnapshot(0);
            QueueState state = new QueueState();
            StateChanges part;
            while ((part = group.engine.nextSnapshotPart(0, group.now, group.wallMillis())) != null) {
                parts += part.clients().isEmpty() ? 0 : 1;
                assertThat(namesIn(part.clients())).isLessThan(2 * ChangeLog.MAX_CHARS_OF_PART);
                state.apply(part);
            }

            assertThat(parts).isBetween(2, 10);
            assertThat(state.subscriptions()).isEqualTo(group.journal.get(0).subscriptions());
            assertThat(state.subscriptions()).hasSize(20_000);
        }

        /** The state of a snapshot that is taken while {@code meanwhile} goes on, and the changes that come in between. */
        private QueueState snapshot(Runnable meanwhile) {
            QueueState state = new QueueState();
            group.engine.beginSnapshot(0);
            StateChanges part;
            while ((part = group.engine.nextSnapshotPart(0, group.now, group.wallMillis())) != null) {
                assertThat(part.liteTopics()).hasSizeLessThan(LITE_TOPICS / 4);
                assertThat(namesIn(part.clients())).isLessThan(2 * ChangeLog.MAX_CHARS_OF_PART);
                assertThat(part.doneRuns()).hasSizeLessThanOrEqualTo(1 << 16);
                group.journal.get(0).apply(part);
                state.apply(part);
                meanwhile.run();
                state.apply(group.takeChanges(0));
            }
            return state;
        }

        private void assertSame(QueueState snapshot, QueueState all) {
            assertThat(snapshot.watermark()).isEqualTo(all.watermark());
            assertThat(snapshot.doneRuns()).isEqualTo(all.doneRuns());
            assertThat(snapshot.subscriptions()).isEqualTo(all.subscriptions());
            assertThat(liteTopicsOf(snapshot)).isEqualTo(liteTopicsOf(all));
        }

        /** Two clients, many lite topics, a message that is not acked and many behind it that are. */
        private void fill() {
            group.carryWith(0);
            group.subscribe("c", "held");
            group.send("held");
            group.receive("c");
            for (int i = 0; i < LITE_TOPICS; i++) {
                group.store("topic" + i);
            }
            for (int i = 0; i < 100; i++) {
                group.subscribe("d", "topic" + i);
            }
            group.send("topic1", 70_000);
            List<String> received = group.receive("d", 1_000, 1_000);
            for (int round = 0; round < 75; round++) {
                received.forEach(name -> group.ack("d", name));
                received = group.receive("d", 1_000, 1_000);
            }
            received.forEach(name -> group.giveBack("d", name, Duration.ofMinutes(5)));
            group.run();
            group.writeDown();
        }

        @Test
        void partsAreBoundedAndAddUpToTheState() {
            fill();

            QueueState snapshot = snapshot(() -> {});

            assertThat(snapshot.liteTopics()).hasSize(LITE_TOPICS + 1);
            assertThat(snapshot.doneRuns()).isNotEmpty();
            assertThat(snapshot.subscriptions().get("d")).hasSize(100);
            assertSame(snapshot, group.journal.get(0));
        }

        @Test
        void withTheChangesMadeMeanwhileTheyAddUpToTheState() {
            fill();
            int[] step = {0};

            QueueState snapshot = snapshot(() -> {
                int number = step[0]++;
                group.store("later" + number);
                group.subscribe("c" + number % 3, "topic" + number, "later" + number);
                group.unsubscribe("d", "topic" + number % 100);
                group.receive("c" + number % 3, 1, 1).forEach(name -> {
                    if (number % 2 == 0) {
                        group.ack("c" + number % 3, name);
                    } else {
                        group.suspend("c" + number % 3, name, Duration.ofMinutes(1));
                    }
                });
                if (number % 10 == 9) {
                    group.terminate("c" + number % 3);
                }
            });
            QueueState all = group.journal.get(0);

            assertThat(step[0]).isGreaterThan(20);
            assertSame(snapshot, all);
            assertThat(all.liteTopics()).hasSize(group.liteTopics().size());
        }
    }
}
