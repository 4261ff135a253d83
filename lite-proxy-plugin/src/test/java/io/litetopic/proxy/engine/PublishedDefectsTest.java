package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static io.litetopic.proxy.engine.EngineFixture.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.EngineFixture.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Defects that systems of this kind are known for: a test each, named by what must hold here. */
class PublishedDefectsTest {
    private static final Duration MOMENT = Duration.ofMillis(10);

    private static EngineSettings.Builder settings() {
        return EngineSettings.builder();
    }

    // ---- wake-ups ----

    @Test
    void everyMessageWakesAWaitingPollWheneverItComes() {
        EngineFixture group = new EngineFixture(settings());
        group.subscribe("c", "a");

        for (int i = 0; i < 100; i += 3) {
            Poll before = group.startPoll("c", 1, 1);
            group.send("a"); // while a poll waits
            assertThat(group.isWaiting(before)).isFalse();
            group.send("a"); // while the first one is in hand
            Poll during = group.startPoll("c", 1, 1);
            group.run();
            assertThat(group.isWaiting(during)).isTrue();
            group.ack("c", "a-" + i);
            group.run();
            assertThat(group.isWaiting(during)).isFalse();
            group.ack("c", "a-" + (i + 1));
            group.send("a"); // while nobody waits
            assertThat(group.receive("c")).containsExactly("a-" + (i + 2));
            group.ackAll("c");
        }
    }

    @Test
    void aLiteTopicThatAnotherConsumerTookWakesTheOthersAgain() {
        EngineFixture group = new EngineFixture(settings());
        group.subscribe("c1", "a");
        group.subscribe("c2", "a");
        group.send("a"); // listed for both

        assertThat(group.receive("c2")).containsExactly("a-0");
        group.send("a");
        Poll waiting = group.startPoll("c1", 1, 1);
        group.run();
        assertThat(group.isWaiting(waiting)).isTrue();
        group.ackAll("c2");

        assertThat(group.isWaiting(waiting)).isFalse();
        assertThat(group.receivedNames()).containsExactly("a-0", "a-1");
    }

    // ---- wildcard ----

    @Test
    void wildcardConsumersReceiveFromLiteTopicsThatAreCreatedWhileTheyWait() {
        EngineFixture group = new EngineFixture(settings()
                .mode(SubscriptionMode.WILDCARD)
                .ttlNanos(Duration.ofSeconds(10).toNanos()));
        group.seen("all");
        group.seen("some", liteTopic -> liteTopic.startsWith("x"));
        Poll all = group.startPoll("all", 1, 1);

        group.send("created later");
        assertThat(group.isWaiting(all)).isFalse();
        Poll some = group.startPoll("some", 1, 1);
        group.send("x created later");
        assertThat(group.isWaiting(some)).isFalse();
        group.ackAll("all");
        group.ackAll("some");
        group.advance(Duration.ofSeconds(11)); // both end
        assertThat(group.engine.liteTopicCount()).isZero();
        Poll again = group.startPoll("some", 1, 1);
        group.send("x created later");

        assertThat(group.isWaiting(again)).isFalse();
        assertThat(group.receivedNames()).containsExactly("created later-0", "x created later-0", "x created later-1");
    }

    // ---- isolation ----

    @Test
    void deepBacklogsOfSuspendedLiteTopicsTakeNothingFromTheOthers() {
        int liteTopics = 10_000;
        long bodyBudget = 1 << 20;
        long indexBudget = 1_400_000;
        EngineFixture group = new EngineFixture(settings()
                .subscriptionsPerClient(liteTopics)
                .maxInHandPerClient(liteTopics)
                .bodyCacheBytes(bodyBudget)
                .indexBytes(indexBudget));
        group.bodyBytes = 1_000;
        List<String> all = IntStream.range(0, liteTopics).mapToObj(i -> "t" + i).toList();
        List<String> suspended = all.subList(0, 9_900);
        List<String> flowing = all.subList(9_900, liteTopics);
        group.subscribe("c", null, all);
        all.forEach(group::store);
        assertThat(group.receiveAll("c", liteTopics)).hasSize(liteTopics);
        suspended.forEach(name -> group.suspend("c", name + "-0", Duration.ofHours(1)));
        flowing.forEach(name -> group.ack("c", name + "-0"));

        for (int round = 1; round <= 20; round++) {
            suspended.forEach(group::store);
            for (int deep = 0; deep < 20; deep++) { // some are much deeper
                for (int i = 0; i < 500; i++) {
                    group.store("t" + deep);
                }
            }
            flowing.forEach(group::store);
            group.run();
            List<String> names = new ArrayList<>();
            while (names.size() < flowing.size()) {
                List<String> some = group.receive("c");
                assertThat(some).as("flows in round %d", round).isNotEmpty();
                names.addAll(some);
                group.ackAll("c");
            }
            int number = round;
            assertThat(names)
                    .containsExactlyInAnyOrderElementsOf(
                            flowing.stream().map(name -> name + "-" + number).toList());
            assertThat(group.bodyBytesAtMost()).isLessThan(bodyBudget + 2L * liteTopics);
            assertThat(group.engine.indexBytes()).isLessThanOrEqualTo(indexBudget);
            group.advance(Duration.ofSeconds(1));
        }

        assertThat(group.cut).as("the deep ones are cut").isNotEmpty();
        assertThat(group.indexFull).as("reading never stopped").isEmpty();
        assertThat(group.scansAnswered).as("nobody needs what was cut").isZero();
        assertThat(group.receive("c")).isEmpty();
        group.advance(Duration.ofHours(1).minusSeconds(20).minusNanos(1));
        assertThat(group.receive("c")).as("not a nanosecond early").isEmpty();
        group.advance(1);
        assertThat(group.receiveAll("c", suspended.size()))
                .containsExactlyInAnyOrderElementsOf(
                        suspended.stream().map(name -> name + "-0").toList());
    }

    // ---- order ----

    @Test
    void aMessageThatIsGivenBackComesBeforeLaterOnes() {
        EngineFixture group = new EngineFixture(settings());
        group.subscribe("c", "a");
        group.send("a", 4);
        assertThat(group.receive("c", 3, 3)).containsExactly("a-0", "a-1", "a-2");

        group.giveBack("c", "a-0", MOMENT);
        group.send("a");
        assertThat(group.receive("c", 8, 8)).isEmpty();
        group.advance(MOMENT);

        assertThat(group.receive("c", 8, 8)).containsExactlyElementsOf(names("a", 0, 5));
        assertThat(group.attemptOf("a-0")).isEqualTo(2);
        assertThat(group.attemptOf("a-1")).isEqualTo(1);
    }

    @Test
    void aMessageInTheMiddleThatIsGivenBackComesBeforeLaterOnes() {
        EngineFixture group = new EngineFixture(settings());
        group.subscribe("c", "a");
        group.send("a", 4);
        group.receive("c", 3, 3);

        group.giveBack("c", "a-1", MOMENT);
        group.ack("c", "a-0");
        assertThat(group.receive("c", 8, 8)).isEmpty();
        group.advance(MOMENT);

        assertThat(group.receive("c", 8, 8)).containsExactly("a-1", "a-2", "a-3");
    }

    @Test
    void aMessageWhoseInvisibleDurationEndsComesBeforeLaterOnes() {
        EngineFixture group = new EngineFixture(settings());
        group.subscribe("c", "a");
        group.send("a", 3);
        assertThat(group.receive("c", 2, 2, MOMENT.toNanos())).containsExactly("a-0", "a-1");
        group.ack("c", "a-1");

        group.advance(MOMENT);

        assertThat(group.receive("c", 8, 8)).containsExactly("a-0", "a-2");
        assertThat(group.attemptOf("a-0")).isEqualTo(2);
    }

    // ---- time to live ----

    static Stream<Arguments> longTimesToLive() {
        List<Duration> ttls = List.of(Duration.ofDays(25), Duration.ofMillis(4_302_720_000L), Duration.ofDays(365));
        List<Long> clocks = List.of(
                Long.MIN_VALUE,
                Long.MIN_VALUE + Duration.ofDays(1).toNanos(),
                -Duration.ofDays(20).toNanos(),
                0L,
                Duration.ofDays(10_000).toNanos(),
                Long.MAX_VALUE - Duration.ofDays(400).toNanos());
        return ttls.stream().flatMap(ttl -> clocks.stream().map(clock -> Arguments.of(ttl, clock)));
    }

    @ParameterizedTest
    @MethodSource("longTimesToLive")
    void aLongTimeToLiveEndsWhenItIsOverWhateverTheClockSays(Duration ttl, long clock) {
        EngineFixture group = new EngineFixture(settings().ttlNanos(ttl.toNanos()), 1, clock);
        group.send("a", 3);

        group.advance(ttl.minusNanos(1));
        assertThat(group.liteTopics()).containsExactly("a");
        assertThat(group.engine.pendingMessages()).isEqualTo(3);
        group.advance(ttl.dividedBy(1_000));

        assertThat(group.liteTopics()).isEmpty();
        assertThat(group.expired).containsEntry("a", 3);
    }

    @ParameterizedTest
    @MethodSource("longTimesToLive")
    void theAgeOfAMessageThatWasStoredLongAgoCounts(Duration ttl, long clock) {
        EngineFixture group = new EngineFixture(settings().ttlNanos(ttl.toNanos()), 1, clock);
        group.storeAged("young", ttl.minusHours(12));
        group.storeAged("old", ttl.plusHours(1));
        group.storeAged("ancient", Duration.ofDays(50 * 365));
        group.run();

        group.advance(ttl.dividedBy(1_000));
        if (clock > Long.MIN_VALUE / 2) {
            assertThat(group.expired).containsOnlyKeys("old", "ancient");
            group.advance(Duration.ofHours(13));
        } else { // all are older than the clock, which is as old as they can be
            assertThat(group.expired).isEmpty();
            group.advance(ttl);
        }

        assertThat(group.expired).containsOnlyKeys("old", "ancient", "young");
        assertThat(group.engine.liteTopicCount()).isZero();
    }

    @Test
    void aTimeToLiveBeyondTheEndOfTheClockDoesNotEnd() {
        for (Duration ttl : List.of(Duration.ofDays(25), Duration.ofDays(365))) {
            EngineFixture group = new EngineFixture(
                    settings().ttlNanos(ttl.toNanos()),
                    1,
                    Long.MAX_VALUE - ttl.dividedBy(2).toNanos());
            group.send("a");

            assertThat(group.engine.nextDeadlineNanos()).isGreaterThan(group.now);
            group.advance(Long.MAX_VALUE - group.now - Duration.ofHours(1).toNanos());

            assertThat(group.liteTopics()).containsExactly("a");
            assertThat(group.engine.nextDeadlineNanos()).isGreaterThan(group.now);
        }
    }

    @Test
    void nothingIsLeftOfNamesThatHaveEnded() {
        EngineFixture group = new EngineFixture(
                settings().ttlNanos(Duration.ofSeconds(10).toNanos()).subscriptionsPerClient(600));
        List<String> subscribed =
                IntStream.range(500, 1_000).mapToObj(i -> "t" + i).toList();
        for (int i = 0; i < 500; i++) {
            group.store("t" + i);
        }
        group.run();
        group.subscribe("c", null, subscribed);
        assertThat(group.engine.liteTopicCount()).isEqualTo(1_000);

        group.advance(Duration.ofSeconds(11));

        List<String> visited = new ArrayList<>();
        group.engine.forEachLiteTopic(visited::add);
        assertThat(visited).isEmpty();
        assertThat(group.engine.liteTopicCount()).isZero();
        assertThat(group.removed).hasSize(1_000).containsExactlyInAnyOrderElementsOf(group.created);
        assertThat(group.told).hasSize(500).allMatch(told -> told.reason() == UnsubscribeReason.EXPIRED);
        assertThat(group.watermark(0)).isEqualTo(500);
        assertThat(group.engine.leftovers()).isZero();
        // They do not count for quotas, and come back as new ones.
        assertThat(group.subscribe("c", null, subscribed)).isEqualTo(SubscribeResult.Outcome.OK);
        group.send("t999");
        assertThat(group.receive("c")).containsExactly("t999-0");
    }

    // ---- quotas ----

    @Nested
    class Quotas {
        @Test
        void aCompleteSetCannotPassTheQuotaOfItsClient() {
            EngineFixture group = new EngineFixture(settings().subscriptionsPerClient(2));
            group.subscribe("c", "a");

            assertThat(group.subscribeExactly("c", "a", "b", "d"))
                    .isEqualTo(SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED);
            assertThat(group.subscribeExactly("new", "x", "y", "z"))
                    .isEqualTo(SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED);

            // Nothing has changed, neither more nor less.
            assertThat(group.liteTopics()).containsExactly("a");
            group.send("a");
            group.send("b");
            assertThat(group.receive("c")).containsExactly("a-0");
            assertThat(group.subscribeExactly("c", "a", "b")).isEqualTo(SubscribeResult.Outcome.OK);
        }

        @Test
        void completeSetsInARowCannotPassTheQuotaByNamesThatStayForAMoment() {
            EngineFixture group = new EngineFixture(settings().subscriptionsPerClient(2));
            group.subscribeExactly("c", "a", "b");

            assertThat(group.subscribeExactly("c", "x", "y")).isEqualTo(SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED);

            group.advance(Duration.ofSeconds(6));
            assertThat(group.subscribeExactly("c", "x", "y")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.liteTopics()).containsExactlyInAnyOrder("x", "y");
        }

        @Test
        void completeSetsCannotPassTheQuotaOfTheGroup() {
            EngineFixture group = new EngineFixture(settings().subscriptionsPerGroup(3));
            group.subscribeExactly("c1", "a", "b");

            assertThat(group.subscribeExactly("c2", "x", "y")).isEqualTo(SubscribeResult.Outcome.GROUP_QUOTA_EXCEEDED);

            assertThat(group.liteTopics()).containsExactlyInAnyOrder("a", "b");
            assertThat(group.subscribeExactly("c2", "x")).isEqualTo(SubscribeResult.Outcome.OK);
        }

        @Test
        void removalsAreNotRefusedByAQuotaThatIsUsedUp() {
            EngineFixture group =
                    new EngineFixture(settings().subscriptionsPerClient(4).subscriptionsPerGroup(4));
            group.subscribe("c", "a", "b", "d", "e");
            group.advance(Duration.ofSeconds(6));

            assertThat(group.unsubscribe("c", "a")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.subscribeExactly("c", "b", "x", "y")).isEqualTo(SubscribeResult.Outcome.OK);
            group.advance(Duration.ofSeconds(6));
            assertThat(group.subscribeExactly("c", "z")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.liteTopics()).containsExactly("z");
            group.engine.unsubscribeAll("c", group.now);
            assertThat(group.liteTopics()).isEmpty();
        }

        @Test
        void removalsAreNotRefusedByAQuotaThatWasLoweredToNothing() {
            EngineFixture group =
                    new EngineFixture(settings().subscriptionsPerClient(0).subscriptionsPerGroup(0));
            group.seen("c");

            assertThat(group.subscribe("c", "a")).isEqualTo(SubscribeResult.Outcome.CLIENT_QUOTA_EXCEEDED);
            assertThat(group.unsubscribe("c", "a")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.subscribeExactly("c")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.engine.unsubscribeAll("c", group.now).outcome()).isEqualTo(SubscribeResult.Outcome.OK);
        }
    }

    // ---- exclusive groups ----

    @Nested
    class ExclusiveGroups {
        private final EngineFixture group = new EngineFixture(settings().mode(SubscriptionMode.EXCLUSIVE));
        private final Told oldIsTold = new Told("old", "a", UnsubscribeReason.TAKEN_OVER);

        private void oldHoldsTheFirst() {
            group.subscribe("old", "a");
            group.send("a", 3);
            assertThat(group.receive("old")).containsExactly("a-0");
            group.subscribe("new", "a");
        }

        @Test
        void anEvictedOwnerReceivesNothingMoreAndEndsWhatItHoldsBeforeTheNewOneGetsAny() {
            oldHoldsTheFirst();

            assertThat(group.told).containsExactly(oldIsTold);
            assertThat(group.receive("new")).isEmpty();
            assertThat(group.receive("old")).isEmpty();
            assertThat(group.ack("old", "a-0")).isEqualTo(Settlement.OK);
            assertThat(group.receive("old")).isEmpty();
            assertThat(group.receive("new")).containsExactly("a-1");
            group.ackAll("new");
            assertThat(group.receive("old")).isEmpty();
            assertThat(only("a", group.receivedNames())).containsExactly("a-0", "a-1");
        }

        @Test
        void whatAnEvictedOwnerGivesBackGoesToTheNewOne() {
            oldHoldsTheFirst();

            group.giveBack("old", "a-0", MOMENT);
            assertThat(group.receive("new")).isEmpty();
            group.advance(MOMENT);

            assertThat(group.receive("old")).isEmpty();
            assertThat(group.receive("new")).containsExactly("a-0");
        }

        @Test
        void whatAnEvictedOwnerHeldWhenItDiedGoesToTheNewOne() {
            oldHoldsTheFirst();

            group.disconnect("old");
            assertThat(group.receive("new")).isEmpty();
            group.advance(Duration.ofMillis(2_500));

            assertThat(group.receive("new")).containsExactly("a-0");
            assertThat(group.attemptOf("a-0")).isEqualTo(2);
        }

        @Test
        void aWaitingPollOfAnEvictedOwnerGetsNothing() {
            group.subscribe("old", "a");
            Poll waiting = group.startPoll("old", 1, 1);
            group.subscribe("new", "a");

            group.send("a");

            assertThat(group.isWaiting(waiting)).isTrue();
            assertThat(group.receive("new")).containsExactly("a-0");
        }

        @Test
        void theCompleteSetOfAnEvictedOwnerThatWasNotToldDoesNotMakeTwoOwners() {
            oldHoldsTheFirst();
            group.ackAll("old");
            group.told.clear(); // the notice got lost

            group.advance(Duration.ofSeconds(30));
            assertThat(group.subscribeExactly("old", "a", "other")).isEqualTo(SubscribeResult.Outcome.OK);

            assertThat(group.told).as("told again, and nobody else is").containsExactly(oldIsTold);
            assertThat(group.receive("old")).isEmpty();
            assertThat(group.receive("new")).containsExactly("a-1");
            group.send("other");
            assertThat(group.receive("old")).as("the rest of the set counts").containsExactly("other-0");
        }

        @Test
        void anEvictedOwnerDoesNotGetItBackByItsCompleteSetWhenTheNewOneGaveItUp() {
            oldHoldsTheFirst();
            group.ackAll("old");
            group.unsubscribe("new", "a");
            group.told.clear();

            group.subscribeExactly("old", "a");
            assertThat(group.told).containsExactly(oldIsTold);
            assertThat(group.receive("old")).isEmpty();

            assertThat(group.subscribe("old", "a")).isEqualTo(SubscribeResult.Outcome.OK);
            assertThat(group.receive("old")).as("it has asked for it by name").containsExactly("a-1");
            group.told.clear();
            group.subscribeExactly("old", "a");
            assertThat(group.told).isEmpty();
        }

        @Test
        void anEvictedOwnerDoesNotGetItBackByItsCompleteSetWhenTheNewOneDied() {
            oldHoldsTheFirst();
            group.ackAll("old");
            group.terminate("new");
            group.told.clear();

            group.subscribeExactly("old", "a");
            assertThat(group.told).containsExactly(oldIsTold);
            assertThat(group.receive("old")).isEmpty();

            group.subscribeExactly("third", "a");
            assertThat(group.receive("third"))
                    .as("nobody took it from that one")
                    .containsExactly("a-1");
            group.told.clear();
            group.subscribeExactly("old", "a");
            assertThat(group.told).containsExactly(oldIsTold);
        }

        @Test
        void anEvictedOwnerThatLeavesItOutOfItsSetMayHaveItAgainLater() {
            oldHoldsTheFirst();
            group.ackAll("old");
            group.unsubscribe("new", "a");

            group.subscribeExactly("old");
            group.subscribeExactly("old", "a");

            assertThat(group.receive("old")).containsExactly("a-1");
        }

        @Test
        void aCompleteSetTakesNothingFromAnOwner() {
            group.subscribe("owner", "a");
            group.send("a");

            group.subscribeExactly("stranger", "a");

            assertThat(group.told).containsExactly(new Told("stranger", "a", UnsubscribeReason.TAKEN_OVER));
            assertThat(group.receive("stranger")).isEmpty();
            assertThat(group.receive("owner")).containsExactly("a-0");
        }
    }
}
