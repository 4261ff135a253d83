package io.litetopic.proxy.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.broker.RecordBatch;
import io.litetopic.proxy.runtime.InMemoryBroker;
import io.litetopic.proxy.runtime.InMemoryBroker.Append;
import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.RandomChanges;
import io.litetopic.proxy.state.StateChanges;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicJournalTest {
    private static final String GROUP = "workers";
    private static final BrokerQueue QUEUE = BrokerQueue.of("inference", "broker-a", 3);
    private static final BrokerQueue STREAM = JournalTopics.streamOf(GROUP, QUEUE);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final TestClock clock = new TestClock();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger provisionings = new AtomicInteger();
    private InMemoryBroker broker = new InMemoryBroker(QUEUE);

    @AfterEach
    void stop() throws InterruptedException {
        scheduler.shutdown();
        assertThat(scheduler.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Nested
    class Recovery {
        @Test
        void startsWithNothing() throws Exception {
            JournalStream stream = open("a");

            assertThat(RandomChanges.describe(stream.recovered())).isEqualTo(RandomChanges.describe(new QueueState()));
            assertThat(stream.wantsSnapshot()).isFalse();
        }

        @Test
        void givesBackWhatWasAppendedUnderAGreaterEpoch() throws Exception {
            JournalStream first = open("a");
            done(first.append(liteTopics("x", "y")));
            done(first.append(StateChanges.builder(7).remove("x").build()));

            JournalStream second = open("b");
            JournalStream third = open("c");

            assertThat(second.epoch()).isGreaterThan(first.epoch());
            assertThat(third.epoch()).isGreaterThan(second.epoch());
            QueueState state = third.recovered();
            assertThat(names(state)).containsExactly("y");
            assertThat(state.watermark()).isEqualTo(7);
            assertThatThrownBy(third::recovered).isInstanceOf(IllegalStateException.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4})
        void isTheStateOfThatMomentWhereverTheStreamIsCut(long seed) throws Exception {
            RandomChanges changes = new RandomChanges(seed);
            Random random = new Random(seed);
            QueueState model = new QueueState();
            List<String> stateAtLength = new ArrayList<>();
            JournalStream stream = open("owner");
            QueueState own = stream.recovered();
            stateAtLength.add(RandomChanges.describe(model));
            Runnable note = () -> {
                while (stateAtLength.size() <= broker.records(STREAM).size()) {
                    stateAtLength.add(RandomChanges.describe(model));
                }
            };
            int nextPart = -1;
            note.run();
            for (int i = 0; i < 160; i++) {
                int dice = random.nextInt(20);
                if (dice == 0) {
                    stream.close();
                    stream = open("owner");
                    own = stream.recovered();
                    nextPart = -1;
                } else if (dice < 3) {
                    done(stream.beginSnapshot());
                    nextPart = 0;
                } else if (dice < 9 && nextPart >= 0 && nextPart < 3) {
                    done(stream.appendSnapshotPart(RandomChanges.part(own, nextPart++, 3)));
                } else if (dice < 9 && nextPart == 3) {
                    done(stream.endSnapshot());
                    nextPart = -1;
                } else {
                    StateChanges change = changes.next();
                    own.apply(change);
                    done(stream.append(change));
                    model.apply(change);
                }
                note.run();
            }
            List<byte[]> all = bytes();

            for (int length = 0; length <= all.size(); length++) {
                broker = new InMemoryBroker(QUEUE);
                broker.setRecords(STREAM, all.subList(0, length));

                assertThat(RandomChanges.describe(open("next").recovered()))
                        .as("seed %d, %d of %d records", seed, length, all.size())
                        .isEqualTo(stateAtLength.get(length));
            }
        }

        @Test
        void goesOnWithWhatTheBrokerHasNotDeleted() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("deleted")));
            done(stream.append(liteTopics("kept")));
            broker.deleteBefore(STREAM, 2);

            JournalStream next = open("b");
            done(next.append(liteTopics("new")));

            assertThat(names(next.recovered())).containsExactly("kept");
            assertThat(names(open("c").recovered())).containsExactly("kept", "new");
        }

        @Test
        void goesOnWhenTheBrokerHasDeletedEverything() throws Exception {
            done(open("a").append(liteTopics("deleted")));
            broker.deleteBefore(STREAM, 2);

            JournalStream next = open("b");
            done(next.append(liteTopics("new")));

            assertThat(names(open("c").recovered())).containsExactly("new");
        }

        @Test
        void readsEverythingIfTheSnapshotHasLostItsEnd() throws Exception {
            broker.setRecords(
                    STREAM,
                    List.of(
                            acquired(9),
                            record(RecordType.CHANGES, 0, 0, 9, 1, liteTopics("before")),
                            RecordCodec.encode(RecordType.SNAPSHOT_BEGIN, 0, 0, 9, 2, new byte[0]),
                            record(RecordType.SNAPSHOT_PART, 0, 0, 9, 3, liteTopics("part")),
                            record(RecordType.CHANGES, 0, 2, 9, 6, liteTopics("after"))));

            assertThat(names(open("a").recovered())).containsExactly("after", "before", "part");
        }

        @Test
        void ignoresRecordsThatWereMeantForTheStreamThatWasHereBefore() throws Exception {
            broker.setRecords(
                    STREAM,
                    List.of(
                            record(RecordType.CHANGES, 500, 400, 8, 77, liteTopics("of-the-lost-stream")),
                            acquired(9),
                            record(RecordType.CHANGES, 1, 0, 9, 1, liteTopics("mine")),
                            record(RecordType.CHANGES, 1, 0, 8, 2, liteTopics("of-another-writer")),
                            record(RecordType.CHANGES, 1, 0, 9, 2, liteTopics("mine-too")),
                            record(RecordType.CHANGES, 600, 550, 8, 78, liteTopics("of-the-lost-stream"))));

            assertThat(names(open("a").recovered())).containsExactly("mine", "mine-too");
        }
    }

    @Nested
    class Damage {
        @Test
        void stopsRecoveryWithThePlaceAndTheRemedy() throws Exception {
            done(open("a").append(liteTopics("x")));
            damage(1, 50);

            JournalException refusal = refusalOf(journal("b", false));

            assertThat(refusal.isRetryable()).isFalse();
            assertThat(refusal)
                    .hasMessageMatching("journal is damaged \\[topic=LITE_JOURNAL_workers, broker=broker-a, queue=3,"
                            + " queueOffset=1, bytePosition=44]: expected checksum 0x\\w{8}, actual checksum 0x\\w{8};"
                            + " restore the broker's store, or set journal.onDamage to skip .*");
            assertThat(provisionings).hasValue(0);
            assertThat(broker.records(STREAM))
                    .as("attempts to open leave nothing behind")
                    .hasSize(2);
        }

        @Test
        void isSkippedOnRequest() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("x")));
            done(stream.append(liteTopics("y")));
            damage(1, 50);

            JournalStream next = done(journal("b", true).open(QUEUE));

            assertThat(names(next.recovered())).containsExactly("y");
        }

        @Test
        void ofTheOwnersFirstRecordDoesNotHideTheOthersWhenSkipped() throws Exception {
            done(open("a").append(liteTopics("x")));
            JournalStream second = open("b");
            done(second.append(liteTopics("y")));
            damage((int) second.epoch(), 0);

            assertThat(names(done(journal("c", true).open(QUEUE)).recovered())).containsExactly("x", "y");
        }

        @Test
        void beforeTheLastSnapshotIsHarmless() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("x")));
            writeSnapshot(stream, liteTopics("x"));
            done(stream.append(liteTopics("y")));
            damage(1, 50);

            assertThat(names(open("b").recovered())).containsExactly("x", "y");
        }

        @Test
        void atTheEndOfTheStreamIsFoundToo() throws Exception {
            done(open("a").append(liteTopics("x")));
            damage(1, 0);

            assertThat(refusalOf(journal("b", false))).hasMessageContaining("queueOffset=1, bytePosition=0]");
        }

        @Test
        void isNotWhatALaterReleaseHasWritten() throws Exception {
            broker.setRecords(
                    STREAM,
                    List.of(acquired(9), RecordCodec.encode(RecordType.CHANGES, 0, 0, 9, 1, new byte[] {99, 0})));

            JournalException refusal = refusalOf(journal("b", true));

            assertThat(refusal.isRetryable()).isFalse();
            assertThat(refusal)
                    .hasMessageContaining("was written by a later release: the record at queue offset 1 has an entry")
                    .hasMessageEndingWith("run that release, or a later one");
        }
    }

    @Nested
    class SeveralOwners {
        @Test
        void theFormerOneIsToldAndItsRecordDoesNotCount() throws Exception {
            JournalStream former = open("a");
            done(former.append(liteTopics("before")));
            JournalStream owner = open("b");

            assertThatThrownBy(() -> done(former.append(liteTopics("too-late"))))
                    .hasCauseInstanceOf(StreamLostException.class)
                    .hasMessageContaining("was taken over by 'b'");
            done(owner.append(liteTopics("after")));

            assertThat(broker.records(STREAM)).hasSize(5);
            assertThatThrownBy(() -> done(former.append(liteTopics("later"))))
                    .hasCauseInstanceOf(StreamLostException.class);
            assertThat(broker.records(STREAM)).hasSize(5);
            assertThat(names(owner.recovered())).containsExactly("before");
            assertThat(names(open("c").recovered())).containsExactly("after", "before");
        }

        @Test
        void theOneWhoseRecordGaveWayToAnothersIsRefused() throws Exception {
            broker.onAppend((queue, record) -> Append.SLOW);
            CompletableFuture<JournalStream> opening = journal("a", false).open(QUEUE);
            await().until(() -> broker.hasDelayed(STREAM));

            // the broker loses it, and another comes
            broker.onAnswer(() -> broker.setRecords(STREAM, List.of(acquired(9))));
            broker.storeDelayed(STREAM);

            assertThatThrownBy(() -> done(opening))
                    .hasCauseInstanceOf(JournalException.class)
                    .hasMessageContaining("the record at queue offset 0 is not the one that was appended");
        }

        @Test
        void theFormerOneIsToldByAnyRecordOfALaterOne() throws Exception {
            JournalStream former = open("a");
            done(former.append(liteTopics("before")));
            List<byte[]> records = bytes();
            records.add(record(RecordType.CHANGES, 1, 0, 9, 5, liteTopics("later")));
            broker.setRecords(STREAM, records); // the broker has lost the beginning of its epoch

            assertThatThrownBy(() -> done(former.append(liteTopics("too-late"))))
                    .hasCauseInstanceOf(StreamLostException.class)
                    .hasMessageContaining("record of a later owner at queue offset 2 [epoch=0");
        }

        @Test
        void recordsThatArriveLateDoNotCount() throws Exception {
            JournalStream former = open("a");
            broker.onAppend((queue, record) -> Append.SLOW);
            CompletableFuture<Void> late = former.append(liteTopics("late"));
            await().until(() -> broker.hasDelayed(STREAM));
            broker.onAppend((queue, record) -> Append.STORED);
            JournalStream owner = open("b");
            done(owner.append(liteTopics("first")));

            broker.storeDelayed(STREAM);
            done(owner.append(liteTopics("second")));

            assertThatThrownBy(() -> done(late)).hasCauseInstanceOf(StreamLostException.class);
            assertThat(names(open("c").recovered())).containsExactly("first", "second");
        }

        @Test
        void aSnapshotOfTheFormerOneThatEndsLateDoesNotCount() throws Exception {
            JournalStream former = open("a");
            done(former.append(liteTopics("x")));
            done(former.beginSnapshot());
            JournalStream owner = open("b");
            done(owner.append(StateChanges.builder(0).remove("x").build()));

            CompletableFuture<Void> end = former.endSnapshot();

            assertThatThrownBy(() -> done(end)).hasCauseInstanceOf(StreamLostException.class);
            done(owner.append(liteTopics("y")));
            assertThat(names(open("c").recovered())).containsExactly("y");
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
        void exactlyOneGoesOnWhenTheyRace(long seed) throws Exception {
            Random random = new Random(seed);
            broker.onAppend((queue, record) -> {
                synchronized (random) {
                    return switch (random.nextInt(12)) {
                        case 0 -> Append.STORED_WITHOUT_ANSWER;
                        case 1 -> Append.REFUSED;
                        case 2 -> Append.DELAYED;
                        default -> Append.STORED;
                    };
                }
            });
            JournalStream former = openAgainAndAgain("a");
            Set<String> confirmed = ConcurrentHashMap.newKeySet();
            List<CompletableFuture<Void>> ofFormer = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                ofFormer.add(append(former, "a" + i, confirmed));
            }
            JournalStream owner = openAgainAndAgain("b");
            List<CompletableFuture<Void>> ofOwner = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                ofOwner.add(append(owner, "b" + i, confirmed));
                ofFormer.add(append(former, "late" + i, confirmed));
                broker.storeDelayed(STREAM);
            }
            allSettled(ofFormer);
            allSettled(ofOwner);
            broker.storeDelayed(STREAM);
            broker.onAppend((queue, record) -> Append.STORED);

            Set<String> recovered = names(open("c").recovered());

            boolean ownerGoesOn = ofOwner.stream().noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(ofFormer.get(ofFormer.size() - 1)).as("seed %d", seed).isCompletedExceptionally();
            assertThat(recovered).as("seed %d", seed).containsAll(confirmed);
            assertThat(recovered.stream().filter(name -> name.startsWith("a") || name.startsWith("late")))
                    .as("seed %d", seed)
                    .isSubsetOf(storedBefore(owner.epoch()));
            assertThat(ownerGoesOn || lateAcquisition(owner.epoch()))
                    .as("seed %d: the new owner goes on unless an ACQUIRED record came late", seed)
                    .isTrue();
        }
    }

    @Nested
    class Writing {
        @Test
        void isTriedUntilItWorksInOrder() throws Exception {
            JournalStream stream = open("a");
            AtomicInteger refusals = new AtomicInteger(2);
            broker.onAppend((queue, record) -> refusals.getAndDecrement() > 0 ? Append.REFUSED : Append.STORED);

            CompletableFuture<Void> first = stream.append(liteTopics("x"));
            CompletableFuture<Void> second = stream.append(
                    StateChanges.builder(0).remove("x").set(liteTopic("y")).build());
            done(second);

            assertThat(first).isCompleted();
            assertThat(broker.records(STREAM)).hasSize(3);
            assertThat(names(open("b").recovered())).containsExactly("y");
        }

        @Test
        void twiceDoesNoHarm() throws Exception {
            JournalStream stream = open("a");
            answerLost(1);
            done(stream.append(liteTopics("x")));
            answerLost(1);
            done(stream.beginSnapshot());
            answerLost(1);
            done(stream.appendSnapshotPart(liteTopics("x")));
            answerLost(1);
            done(stream.endSnapshot());
            answerLost(1);
            done(stream.append(liteTopics("y")));

            assertThat(broker.records(STREAM)).hasSize(11);
            assertThat(names(open("b").recovered())).containsExactly("x", "y");
        }

        @Test
        void ofALateSecondCopyDoesNotBringTheOldStateBack() throws Exception {
            JournalStream stream = open("a");
            AtomicInteger delays = new AtomicInteger(1);
            broker.onAppend((queue, record) -> delays.getAndDecrement() > 0 ? Append.DELAYED : Append.STORED);
            done(stream.append(liteTopics("x")));
            done(stream.append(StateChanges.builder(0).remove("x").build()));

            broker.storeDelayed(STREAM);
            done(stream.append(liteTopics("y")));

            assertThat(broker.records(STREAM)).hasSize(5);
            assertThat(names(open("b").recovered())).containsExactly("y");
        }

        @Test
        void ofALateSecondEndOfASnapshotDoesNoHarm() throws Exception {
            JournalStream stream = open("a");
            writeSnapshot(stream, liteTopics("x"));
            done(stream.beginSnapshot());
            AtomicInteger delays = new AtomicInteger(1);
            done(stream.appendSnapshotPart(liteTopics("x", "y")));
            broker.onAppend((queue, record) -> delays.getAndDecrement() > 0 ? Append.DELAYED : Append.STORED);
            done(stream.endSnapshot());
            done(stream.beginSnapshot());
            broker.storeDelayed(STREAM);
            done(stream.append(liteTopics("z")));

            assertThat(names(open("b").recovered())).containsExactly("x", "y", "z");
        }

        @Test
        void endsWhenTheStreamHasBecomeShorter() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("x")));
            done(stream.append(liteTopics("y")));
            broker.setRecords(STREAM, bytes().subList(0, 2));

            assertThatThrownBy(() -> done(stream.append(liteTopics("z"))))
                    .hasCauseInstanceOf(StreamLostException.class)
                    .hasMessageContaining("got queue offset 2 instead of 3");
        }

        @Test
        void endsWhenTheBrokerSaysThatTheQueueIsGone() throws Exception {
            JournalStream stream = open("a");
            broker.onAppend((queue, record) -> Append.NO_QUEUE);

            assertThatThrownBy(() -> done(stream.append(liteTopics("x"))))
                    .hasCauseInstanceOf(StreamLostException.class)
                    .hasMessageContaining("stream LITE_JOURNAL_workers@broker-a/3 is not there any more");

            assertThat(refusalOf(journal("a", false)).isRetryable()).isTrue();
            assertThat(provisionings).hasValue(1);
        }

        @Test
        void ofALargeChangeIsDoneWithItsLastRecord() throws Exception {
            JournalStream stream = open("a");
            Random random = new Random(1);
            List<String> names = IntStream.range(0, 100_000)
                    .mapToObj(i -> Long.toHexString(random.nextLong()) + i)
                    .toList();
            AtomicInteger records = new AtomicInteger();
            broker.onAppend((queue, record) -> records.incrementAndGet() == 3 ? Append.SLOW : Append.STORED);

            CompletableFuture<Void> large = stream.append(StateChanges.builder(0)
                    .subscriptionsSince(1)
                    .client(new ClientChange("c", true, names, List.of()))
                    .build());
            await().until(() -> broker.hasDelayed(STREAM));
            boolean doneBefore = large.isDone();
            broker.storeDelayed(STREAM);
            done(large);

            assertThat(doneBefore).isFalse();
            assertThat(bytes())
                    .hasSizeGreaterThan(5)
                    .allSatisfy(record -> assertThat(record.length).isLessThan(256 * 1024));
            assertThat(open("b").recovered().subscriptions().get("c")).containsExactlyElementsOf(names);
        }

        @Test
        void tellsHowLongTheOldestChangeWaits() throws Exception {
            JournalStream stream = open("a");
            broker.onAppend((queue, record) -> Append.SLOW);
            nanos.set(100);
            CompletableFuture<Void> waiting = stream.append(liteTopics("x"));
            nanos.set(350);
            await().until(() -> broker.hasDelayed(STREAM));

            assertThat(stream.oldestPendingNanos()).isEqualTo(250);
            broker.storeDelayed(STREAM);
            done(waiting);
            assertThat(stream.oldestPendingNanos()).isZero();
        }

        @Test
        void endsWithTheStream() throws Exception {
            JournalStream stream = open("a");
            CountDownLatch refused = new CountDownLatch(1);
            broker.onAppend((queue, record) -> {
                refused.countDown();
                return Append.REFUSED;
            });
            CompletableFuture<Void> waiting = stream.append(liteTopics("x"));
            assertThat(refused.await(10, TimeUnit.SECONDS)).isTrue();
            stream.close();
            broker.onAppend((queue, record) -> Append.STORED);

            assertThatThrownBy(() -> done(waiting)).hasCauseInstanceOf(StreamLostException.class);
            assertThatThrownBy(() -> done(stream.append(liteTopics("y"))))
                    .hasCauseInstanceOf(StreamLostException.class);
            assertThat(names(open("b").recovered())).isEmpty();
        }

        @Test
        void ofAPartNeedsASnapshot() throws Exception {
            JournalStream stream = open("a");

            assertThatThrownBy(() -> stream.appendSnapshotPart(liteTopics("x")))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(stream::endSnapshot).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class Snapshots {
        @Test
        void areWantedAfterManyRecords() throws Exception {
            JournalStream stream = open("a");
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            for (int i = 0; i < SnapshotNeed.MANY_RECORDS; i++) {
                appends.add(stream.append(liteTopics("x")));
            }
            done(CompletableFuture.allOf(appends.toArray(new CompletableFuture<?>[0])));
            clock.advance(Duration.ofMillis(SnapshotNeed.MIN_AGE_MILLIS));
            boolean before = stream.wantsSnapshot();
            done(stream.append(liteTopics("y")));

            assertThat(before).isFalse();
            assertThat(stream.wantsSnapshot()).isTrue();
            JournalStream next = open("b");
            assertThat(next.wantsSnapshot()).isTrue();
            CompletableFuture<Void> begin = next.beginSnapshot();
            assertThat(next.wantsSnapshot()).isFalse();
            done(begin);
            done(next.appendSnapshotPart(liteTopics("x", "y")));
            done(next.endSnapshot());
            assertThat(next.wantsSnapshot()).isFalse();
            assertThat(open("c").wantsSnapshot()).isFalse();
        }

        @Test
        void areWantedLaterIfTheLastOneWasLarge() throws Exception {
            JournalStream stream = open("a");
            done(stream.beginSnapshot());
            for (int i = 0; i < 20; i++) {
                done(stream.appendSnapshotPart(incompressible(i)));
            }
            done(stream.endSnapshot());
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            for (int i = 0; i < SnapshotNeed.MAX_RECORDS; i++) {
                appends.add(stream.append(liteTopics("x")));
            }
            done(CompletableFuture.allOf(appends.toArray(new CompletableFuture<?>[0])));
            clock.advance(Duration.ofMillis(SnapshotNeed.MIN_AGE_MILLIS));
            boolean before = stream.wantsSnapshot();
            done(stream.append(liteTopics("y")));

            assertThat(before).isFalse();
            assertThat(stream.wantsSnapshot()).isTrue();
        }

        @Test
        void areNotWantedSoonAfterTheLastOneHoweverManyRecordsThereAre() throws Exception {
            JournalStream stream = open("a");
            writeSnapshot(stream, liteTopics("x"));
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            for (int i = 0; i <= SnapshotNeed.MAX_RECORDS; i++) {
                appends.add(stream.append(liteTopics("x")));
            }
            done(CompletableFuture.allOf(appends.toArray(new CompletableFuture<?>[0])));
            clock.advance(Duration.ofMillis(SnapshotNeed.MIN_AGE_MILLIS - 1));
            boolean soon = stream.wantsSnapshot();
            clock.advance(Duration.ofMillis(1));

            assertThat(soon).isFalse();
            assertThat(stream.wantsSnapshot()).isTrue();
        }

        @Test
        void areWantedAfterManyBytes() throws Exception {
            JournalStream stream = open("a");
            int records = 0;
            while (!stream.wantsSnapshot()) {
                done(stream.append(incompressible(++records)));
            }
            long bytes = bytes().stream().mapToLong(record -> record.length).sum();

            assertThat(records).isLessThan(100);
            assertThat(bytes).isBetween(SnapshotNeed.MIN_BYTES, SnapshotNeed.MIN_BYTES + 200_000);
        }

        @Test
        void areWantedBeforeTheBrokerDeletesTheLastOne() throws Exception {
            JournalStream stream = open("a");
            clock.advance(Duration.ofHours(6));
            boolean after6Hours = stream.wantsSnapshot();
            clock.advance(Duration.ofMillis(1));

            assertThat(after6Hours).isFalse();
            assertThat(stream.wantsSnapshot()).isTrue();
            writeSnapshot(stream, liteTopics());
            assertThat(stream.wantsSnapshot()).isFalse();
            clock.advance(Duration.ofHours(7));
            assertThat(open("b").wantsSnapshot()).isTrue();
        }

        @Test
        void areWhereRecoveryStarts() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("only-in-a-change")));
            writeSnapshot(stream, liteTopics("in-the-snapshot"));
            done(stream.append(liteTopics("after")));

            assertThat(names(open("b").recovered())).containsExactly("after", "in-the-snapshot");
        }

        @Test
        void thatHaveNotEndedDoNotCount() throws Exception {
            JournalStream stream = open("a");
            done(stream.append(liteTopics("x")));
            done(stream.beginSnapshot());
            done(stream.append(liteTopics("y")));
            done(stream.beginSnapshot());
            done(stream.appendSnapshotPart(liteTopics("z")));

            assertThat(names(open("b").recovered())).containsExactly("x", "y", "z");
        }
    }

    @Test
    void itsTimeIsThatOfTheBrokerWhateverTheOwnersClockSays() throws Exception {
        JournalStream stream = open("a");
        long stored = broker.records(STREAM).get(0).storeTimestampMillis();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(90));

        assertThat(stream.earliestNowMillis()).isEqualTo(stored + 90_000);
        assertThat(stream.latestNowMillis()).isBetween(stored + 90_000, stored + 90_002);
    }

    @Test
    void asksForItsTopicWhenItIsNotThere() {
        broker.failOffsets(BrokerException.queueMissing("no route", null, true));

        JournalException failure = refusalOf(journal("a", false));

        assertThat(failure.isRetryable()).isTrue();
        assertThat(failure)
                .hasMessageContaining("LITE_JOURNAL_workers@broker-a/3")
                .hasMessageContaining("no route");
        assertThat(provisionings).hasValue(1);
    }

    @Test
    void doesNotWaitForItsTopicWhenTheBrokerIsAway() {
        broker.failOffsets("no answer");

        assertThat(refusalOf(journal("a", false)).isRetryable()).isTrue();
        assertThat(provisionings).hasValue(0);
    }

    @Test
    void namesTheTopicAfterTheGroup() {
        String longest = "g".repeat(114);

        assertThat(JournalTopics.topicOf("workers")).isEqualTo("LITE_JOURNAL_workers");
        assertThat(JournalTopics.topicOf(longest)).hasSize(127).endsWith(longest);
        assertThat(JournalTopics.topicOf(longest + "g")).matches("LITE_JOURNAL-[0-9a-f]{32}");
        assertThat(JournalTopics.topicOf(longest + "g")).isNotEqualTo(JournalTopics.topicOf(longest + "h"));
        assertThat(JournalTopics.topicOf("with space")).matches("LITE_JOURNAL-[0-9a-f]{32}");
    }

    private TopicJournal journal(String owner, boolean skipDamaged) {
        return new TopicJournal(
                GROUP,
                owner,
                broker,
                scheduler,
                () -> {
                    provisionings.incrementAndGet();
                    return CompletableFuture.completedFuture(null);
                },
                skipDamaged,
                () -> nanos.get() + TimeUnit.MILLISECONDS.toNanos(clock.millis()));
    }

    private JournalStream open(String owner) throws Exception {
        broker.recordClock(clock);
        return done(journal(owner, false).open(QUEUE));
    }

    private JournalStream openAgainAndAgain(String owner) {
        return await().pollInterval(Duration.ofMillis(1))
                .ignoreExceptionsMatching(e -> e.getCause() instanceof JournalException again && again.isRetryable())
                .until(() -> open(owner), stream -> true);
    }

    private static CompletableFuture<Void> append(JournalStream stream, String name, Set<String> confirmed) {
        return stream.append(liteTopics(name)).thenRun(() -> confirmed.add(name));
    }

    private void allSettled(List<CompletableFuture<Void>> futures) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            broker.storeDelayed(STREAM);
            return futures.stream().allMatch(CompletableFuture::isDone);
        });
    }

    private static JournalException refusalOf(TopicJournal journal) {
        ExecutionException failure = catchThrowableOfType(ExecutionException.class, () -> done(journal.open(QUEUE)));
        assertThat(failure).hasCauseInstanceOf(JournalException.class);
        return (JournalException) Objects.requireNonNull(failure.getCause());
    }

    /** The answers to the next {@code count} records are lost. */
    private void answerLost(int count) {
        AtomicInteger left = new AtomicInteger(count);
        broker.onAppend((queue, record) -> left.getAndDecrement() > 0 ? Append.STORED_WITHOUT_ANSWER : Append.STORED);
    }

    private void damage(int queueOffset, int bytePosition) {
        List<byte[]> records = bytes();
        records.get(queueOffset)[bytePosition] ^= 4;
        broker.setRecords(STREAM, records);
    }

    private List<byte[]> bytes() {
        return broker.records(STREAM).stream()
                .map(RecordBatch.Record::bytes)
                .map(byte[]::clone)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Names in changes with a lower queue offset. */
    private Set<String> storedBefore(long queueOffset) throws Exception {
        Set<String> result = new TreeSet<>();
        for (byte[] record : bytes().subList(0, (int) queueOffset)) {
            RecordCodec.decode(record).changes().liteTopics().forEach(each -> result.add(each.name()));
        }
        return result;
    }

    /** Whether an attempt to open that was given up was stored in the end, after {@code epoch}. */
    private boolean lateAcquisition(long epoch) throws Exception {
        for (byte[] record : bytes().subList((int) epoch + 1, bytes().size() - 1)) {
            if (RecordCodec.decode(record).type() == RecordType.ACQUIRED) {
                return true;
            }
        }
        return false;
    }

    private static void writeSnapshot(JournalStream stream, StateChanges... parts) throws Exception {
        done(stream.beginSnapshot());
        for (StateChanges part : parts) {
            done(stream.appendSnapshotPart(part));
        }
        done(stream.endSnapshot());
    }

    private static byte[] acquired(long writer) {
        return RecordCodec.encode(RecordType.ACQUIRED, -1, 0, writer, 0, BodyCodec.acquired("test"));
    }

    private static byte[] record(
            RecordType type, long epoch, long recoverFrom, long writer, long sequence, StateChanges changes) {
        return RecordCodec.encode(
                type,
                epoch,
                recoverFrom,
                writer,
                sequence,
                BodyCodec.changes(changes).get(0));
    }

    private static StateChanges liteTopics(String... names) {
        StateChanges.Builder changes = StateChanges.builder(0);
        Arrays.stream(names).map(TopicJournalTest::liteTopic).forEach(changes::set);
        return changes.build();
    }

    private static LiteTopicState liteTopic(String name) {
        return new LiteTopicState(name, true, 5, LiteTopicState.NONE, 0, LiteTopicState.NONE);
    }

    private static StateChanges incompressible(long seed) {
        Random random = new Random(seed);
        StateChanges.Builder changes = StateChanges.builder(0);
        for (int i = 0; i < 1_000; i++) {
            changes.remove(Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
        }
        return changes.build();
    }

    private static Set<String> names(QueueState state) {
        return state.liteTopics().stream()
                .map(LiteTopicState::name)
                .filter(Predicate.not(String::isEmpty))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static final class TestClock extends Clock {
        private final AtomicLong millis = new AtomicLong(1_700_000_000_000L);

        void advance(Duration duration) {
            millis.addAndGet(duration.toMillis());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis.get());
        }
    }
}
