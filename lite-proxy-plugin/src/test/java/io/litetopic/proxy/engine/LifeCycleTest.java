package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.EngineFixture.Letter;
import io.litetopic.proxy.engine.EngineFixture.Told;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LifeCycleTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    /** The time to live may be looked at so much late. */
    private static final Duration TICK = TTL.dividedBy(500);

    private static EngineFixture group(ExpiryPolicy policy) {
        return new EngineFixture(EngineSettings.builder()
                .ttlNanos(TTL.toNanos())
                .onExpiry(policy)
                .maxAttempts(2));
    }

    private static void assertLives(EngineFixture group, String... liteTopics) {
        assertThat(group.liteTopics()).containsExactlyInAnyOrder(liteTopics);
        assertThat(group.engine.liteTopicCount()).isEqualTo(liteTopics.length);
    }

    // ---- beginning and end ----

    @Test
    void aLiteTopicBeginsWithItsFirstMessageOrSubscription() {
        EngineFixture group = group(ExpiryPolicy.DELETE);

        group.send("a", 2);
        group.subscribe("c", "b", "a");
        group.send("b");

        assertThat(group.created).containsExactly("a", "b");
    }

    @Test
    void aLiteTopicThatNeverHadAMessageEndsWithItsLastSubscription() {
        EngineFixture group = group(ExpiryPolicy.DELETE);
        group.subscribe("c1", "a");
        group.subscribe("c2", "a");

        group.unsubscribe("c1", "a");
        assertLives(group, "a");
        group.terminate("c2");

        assertLives(group);
        assertThat(group.removed).containsExactly("a");
        assertThat(group.told).isEmpty();
    }

    @Test
    void withoutTimeToLiveALiteTopicEndsWhenItHasNeitherMessagesNorSubscribers() {
        EngineFixture group = new EngineFixture(EngineSettings.builder());
        group.send("a");
        group.advance(Duration.ofDays(1));
        assertLives(group, "a");
        group.subscribe("c", "a");
        group.receiveAndAckAll("c");
        group.advance(Duration.ofDays(1));
        assertLives(group, "a");

        group.unsubscribe("c", "a");

        assertLives(group);
    }

    @ParameterizedTest
    @EnumSource(ExpiryPolicy.class)
    void anEmptyLiteTopicEndsAndItsSubscribersAreTold(ExpiryPolicy policy) {
        EngineFixture group = group(policy);
        group.subscribe("c1", "a");
        group.subscribe("c2", "a");
        group.send("a");
        group.receiveAndAckAll("c1");

        group.advance(TTL.minusNanos(1));
        assertLives(group, "a");
        assertThat(group.told).isEmpty();
        group.advance(TICK);

        assertLives(group);
        assertThat(group.told)
                .containsExactlyInAnyOrder(
                        new Told("c1", "a", UnsubscribeReason.EXPIRED), new Told("c2", "a", UnsubscribeReason.EXPIRED));
        assertThat(group.expired).isEmpty();
        group.send("a"); // a new one, which nobody wants
        assertThat(group.receive("c1")).isEmpty();
        assertThat(group.created).containsExactly("a", "a");
    }

    @Test
    void everyMessageStartsTheTimeAnew() {
        EngineFixture group = group(ExpiryPolicy.DELETE);
        for (int i = 0; i < 5; i++) {
            group.send("a");
            group.advance(TTL.minusMillis(1));
        }
        assertLives(group, "a");
        assertThat(group.engine.pendingMessages()).isEqualTo(5);

        group.advance(TICK);

        assertLives(group);
        assertThat(group.expired).isEqualTo(Map.of("a", 5));
    }

    // ---- policies ----

    @Test
    void deleteDropsWhatWaits() {
        EngineFixture group = group(ExpiryPolicy.DELETE);
        group.subscribe("c", "a");
        group.send("a", 3);
        group.send("b", 2);

        group.advance(TTL.plus(TICK));

        assertLives(group);
        assertThat(group.expired).isEqualTo(Map.of("a", 3, "b", 2));
        assertThat(group.told).containsExactly(new Told("c", "a", UnsubscribeReason.EXPIRED));
        assertThat(group.deadLetters).isEmpty();
        assertThat(group.watermark(0)).isEqualTo(5);
        assertThat(group.engine.pendingMessages()).isZero();
        assertThat(group.engine.leftovers()).isZero();
    }

    @Test
    void deadLetterSavesAllThatWaitsInOrder() {
        EngineFixture group = group(ExpiryPolicy.DEAD_LETTER);
        group.subscribe("c", "a");
        group.send("a", 100);

        group.advance(TTL.minusNanos(1));
        assertThat(group.deadLetters).isEmpty();
        group.advance(TICK.multipliedBy(2));

        assertThat(group.deadLetters)
                .isEqualTo(names("a", 0, 100).stream()
                        .map(name -> new Letter(name, DeadLetterReason.EXPIRED))
                        .toList());
        assertLives(group);
        assertThat(group.told).containsExactly(new Told("c", "a", UnsubscribeReason.EXPIRED));
        assertThat(group.expired).as("nothing is dropped").isEmpty();
        assertThat(group.watermark(0)).isEqualTo(100);
        assertThat(group.engine.leftovers()).isZero();
    }

    @Test
    void newMessagesStayWhileOldOnesGoToTheDeadLetterQueue() {
        EngineFixture group = group(ExpiryPolicy.DEAD_LETTER);
        group.subscribe("c", "a");
        group.send("a", 3);
        group.storesLetters = false;
        group.advance(TTL.plus(TICK));

        group.send("a", 2);
        assertThat(group.receive("c")).as("the old ones come first").isEmpty();
        group.storesLetters = true;
        group.run();

        assertThat(group.deadLetters).extracting(Letter::name).containsExactly("a-0", "a-1", "a-2");
        assertLives(group, "a");
        assertThat(group.told).isEmpty();
        assertThat(group.receiveAndAckAll("c")).containsExactly("a-3", "a-4");
        assertThat(group.watermark(0)).isEqualTo(5);
    }

    @Test
    void newMessagesHaveATimeToLiveOfTheirOwn() {
        EngineFixture group = group(ExpiryPolicy.DEAD_LETTER);
        group.send("a", 3);
        group.storesLetters = false;
        group.advance(TTL.plus(TICK));
        group.send("a", 2);
        long sentAt = group.now;
        group.advance(Duration.ofSeconds(3));
        group.storesLetters = true;
        group.run();

        group.advance(sentAt + TTL.toNanos() - 1 - group.now);
        assertThat(group.deadLetters).hasSize(3);
        group.advance(TICK.multipliedBy(2));

        assertThat(group.deadLetters).hasSize(5);
        assertLives(group);
    }

    @Test
    void keepKeepsMessagesAndTheirLiteTopic() {
        EngineFixture group = group(ExpiryPolicy.KEEP);
        group.subscribe("c", "a");
        group.send("a", 2);

        group.advance(TTL.multipliedBy(50));

        assertLives(group, "a");
        assertThat(group.told).isEmpty();
        assertThat(group.receiveAndAckAll("c")).containsExactly("a-0", "a-1");
        group.advance(TTL.minusNanos(1));
        assertLives(group, "a");
        group.advance(TICK.multipliedBy(2));
        assertLives(group);
    }

    // ---- when the time stands still ----

    @Nested
    class TheTimeStandsStill {
        private final EngineFixture group = group(ExpiryPolicy.DELETE);

        private void aIsHeld() {
            group.subscribe("c", "a");
            group.send("a", 2);
            assertThat(group.receive("c")).containsExactly("a-0");
        }

        private void assertEndsOneTimeToLiveFromNow() {
            group.advance(TTL.minusNanos(1));
            assertLives(group, "a");
            group.advance(TICK.multipliedBy(2));
            assertLives(group);
        }

        @Test
        void whileAMessageIsHeld() {
            aIsHeld();

            group.advance(TTL.multipliedBy(20));
            assertLives(group, "a");
            assertThat(group.expired).isEmpty();
            assertThat(group.ack("c", "a-0")).isEqualTo(Settlement.OK);

            assertEndsOneTimeToLiveFromNow();
            assertThat(group.expired).isEqualTo(Map.of("a", 1));
        }

        @Test
        void whileItIsSuspended() {
            aIsHeld();

            group.suspend("c", "a-0", TTL.multipliedBy(20));
            group.advance(TTL.multipliedBy(20).minusNanos(1));
            assertLives(group, "a");
            group.advance(1);

            assertEndsOneTimeToLiveFromNow();
            assertThat(group.expired).isEqualTo(Map.of("a", 2));
        }

        @Test
        void whileItIsSuspendedBehindAMessageThatWasAckedLater() {
            group.subscribe("c", "a");
            group.send("a", 2);
            assertThat(group.receive("c", 2, 2)).hasSize(2);
            group.suspend("c", "a-1", TTL.multipliedBy(20));
            assertThat(group.ack("c", "a-0")).isEqualTo(Settlement.OK);
            group.run();
            group.advance(TTL.multipliedBy(20).minusNanos(1));
            assertLives(group, "a");
            assertThat(group.receive("c")).isEmpty();
            group.advance(1);

            assertThat(group.receive("c")).containsExactly("a-1");
        }

        @Test
        void whileItRestsAndIsEmpty() {
            group.subscribe("c", "a");
            group.send("a");
            group.receive("c");
            // It fails for the last time, with a rest that outlives it: the dead letter queue takes it, and nothing
            // waits.
            group.giveBack("c", "a-0", Duration.ofMillis(1));
            group.advance(Duration.ofMillis(1));
            group.receive("c");
            group.giveBack("c", "a-0", TTL.multipliedBy(20));
            group.run();
            assertThat(group.deadLetters).containsExactly(new Letter("a-0", DeadLetterReason.ATTEMPTS_EXHAUSTED));
            assertThat(group.engine.pendingMessages()).isZero();
            long resumesAt = group.now + TTL.multipliedBy(20).toNanos();

            group.advance(TTL.multipliedBy(15));
            assertLives(group, "a");
            group.send("a");
            group.advance(resumesAt - group.now - 1);
            assertThat(group.receive("c")).as("what comes meanwhile rests, too").isEmpty();
            group.advance(1);

            assertThat(group.receive("c")).containsExactly("a-1");
            group.ack("c", "a-1");
            assertEndsOneTimeToLiveFromNow();
        }

        @Test
        void whileTheDeadLetterQueueIsSlow() {
            aIsHeld();
            group.storesLetters = false;
            group.engine.forwardToDeadLetterQueue(
                    "c", group.delivery("c", "a-0").receiptHandle(), group.now);

            group.advance(TTL.multipliedBy(20));
            assertLives(group, "a");
            group.storesLetters = true;
            group.run();

            assertThat(group.receive("c")).containsExactly("a-1");
        }

        @Test
        void whileTheQueueIsReadFromFarBehind() {
            group.answersReads = false;
            group.messagesPerRead = 1;
            group.storeAged("a", TTL.multipliedBy(2));
            group.storeAged("a", Duration.ZERO);
            group.readOnce(); // only the old one

            group.advance(TTL.minusNanos(1));
            assertLives(group, "a");
            group.answersReads = true;
            group.run();

            group.subscribe("c", "a");
            assertThat(group.receiveAndAckAll("c")).containsExactly("a-0", "a-1");
        }

        @Test
        void whileTheQueueCannotBeRead() {
            group.send("a");
            group.failsReads = true;
            group.advance(TTL.minusNanos(1));
            group.store("a"); // the time starts anew, and nobody knows
            group.run();

            group.advance(TTL.minusNanos(1));
            assertLives(group, "a");
            group.failsReads = false;
            group.run();

            group.subscribe("c", "a");
            assertThat(group.receiveAndAckAll("c")).containsExactly("a-0", "a-1");
        }
    }

    @Test
    void oneEndDoesNotTouchOthers() {
        EngineFixture group = group(ExpiryPolicy.DEAD_LETTER);
        List<String> young = List.of("y1", "y2");
        group.subscribe("c", "old", "y1", "y2");
        group.send("old", 10);
        group.advance(TTL.dividedBy(2));
        young.forEach(group::send);

        group.advance(TTL.dividedBy(2).plus(TICK));

        assertLives(group, "y1", "y2");
        assertThat(group.receive("c")).containsExactlyInAnyOrder("y1-0", "y2-0");
    }
}
