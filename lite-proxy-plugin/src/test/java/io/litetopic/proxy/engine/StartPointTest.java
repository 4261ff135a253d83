package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions with a start point; a time stamp is an offset by the time it comes here. */
class StartPointTest {
    private static final StartPoint EARLIEST = StartPoint.at(new long[] {0});

    private final EngineFixture group = new EngineFixture(EngineSettings.builder());

    private static StartPoint offset(long offset) {
        return StartPoint.at(new long[] {offset});
    }

    private static StartPoint tail(int messages) {
        return StartPoint.tail(messages, new long[] {0});
    }

    private StartPoint latest() {
        return offset(group.end(0));
    }

    /** The lite topics have {@code number} messages each, in turn, and a client has consumed them. */
    private void consumed(int number, String... liteTopics) {
        group.subscribe("first", liteTopics);
        for (int i = 0; i < number; i++) {
            for (String liteTopic : liteTopics) {
                group.send(liteTopic);
            }
        }
        assertThat(group.receiveAndAckAll("first")).hasSize(number * liteTopics.length);
        group.unsubscribe("first", liteTopics);
    }

    // ---- earliest ----

    @Test
    void earliestRepeatsWhatWasConsumed() {
        consumed(5, "a", "b");
        assertThat(group.watermark(0)).isEqualTo(10);

        group.subscribe("c", EARLIEST, "a");
        group.subscribe("c", "b");
        group.send("a");

        assertThat(group.receiveAndAckAll("c")).as("and b is not repeated").isEqualTo(names("a", 0, 6));
        assertThat(group.watermark(0)).isEqualTo(11);
        assertThat(group.engine.pendingMessages()).isZero();
    }

    @Test
    void earliestRepeatsInOrderWhatWasPartlyConsumed() {
        group.subscribe("first", "a");
        group.send("a", 6);
        group.receive("first", 4, 4);
        group.ack("first", "a-0");
        group.ack("first", "a-2");
        group.terminate("first");

        group.subscribe("c", EARLIEST, "a");

        assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", 0, 6));
    }

    @Test
    void withoutStartPointASubscriptionGoesOnWhereTheGroupIs() {
        consumed(3, "a");
        group.send("a", 2);

        group.subscribe("c", "a");

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-3", "a-4");
    }

    // ---- latest and offsets ----

    @Test
    void latestLeavesOutWhatWaits() {
        group.send("a", 5);
        group.send("b", 5);

        group.subscribe("c", latest(), "a");
        assertThat(group.receive("c")).isEmpty();
        assertThat(group.skipped).containsExactly(Map.entry("a", 5));
        assertThat(group.watermark(0)).as("they are done with").isEqualTo(5);
        group.send("a");

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-5");
        group.subscribe("c", "b");
        assertThat(group.receiveAndAckAll("c")).as("others stay").isEqualTo(names("b", 0, 5));
    }

    @Test
    void latestLeavesOutWhatIsStoredAndNotReadYet() {
        group.answersReads = false;
        group.send("a", 5);
        group.subscribe("c", latest(), "a");
        group.send("a", 2);

        group.answersReads = true;
        group.run();

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-5", "a-6");
        assertThat(group.skipped).containsEntry("a", 5);
        assertThat(group.watermark(0)).isEqualTo(7);
    }

    @Test
    void latestOfALiteTopicWithoutMessagesGetsTheFirstOne() {
        group.send("other", 3);

        group.subscribe("c", latest(), "a");
        group.send("a");

        assertThat(group.receive("c")).containsExactly("a-0");
        assertThat(group.skipped).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 9, 10})
    void anOffsetLeavesOutWhatIsBeforeAndRepeatsWhatIsBehind(long from) {
        consumed(5, "a");
        group.send("a", 5);

        group.subscribe("c", offset(from), "a");

        assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", (int) from, 10));
        assertThat(group.watermark(0)).isEqualTo(10);
        assertThat(group.skipped.getOrDefault("a", 0)).isEqualTo((int) Math.max(0, from - 5));
    }

    @Test
    void anOffsetInTheFutureLeavesOutWhatComesBefore() {
        group.send("a", 2);

        group.subscribe("c", offset(4), "a");
        group.send("a", 4);

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-4", "a-5");
        assertThat(group.skipped).containsEntry("a", 4);
        assertThat(group.watermark(0)).isEqualTo(6);
    }

    // ---- tail ----

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "3, 0", "5, 0", "99, 0", "0, 5", "1, 5", "3, 5", "5, 5", "99, 5", "7, 2"})
    void theTailIsTheLastMessagesConsumedOrNot(int messages, int consumed) {
        consumed(consumed, "a");
        group.send("a", 5);
        int all = consumed + 5;

        group.subscribe("c", tail(messages), "a");
        assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", Math.max(0, all - messages), all));
        group.send("a");

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-" + all);
        assertThat(group.watermark(0)).isEqualTo(all + 1);
        assertThat(group.engine.pendingMessages()).isZero();
    }

    @Test
    void theTailOfADeepLiteTopicIsFound() {
        group.bodyBytes = 10_000;
        group.send("a", 20_000);

        group.subscribe("c", tail(3), "a");

        assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", 19_997, 20_000));
        assertThat(group.watermark(0)).isEqualTo(20_000);
    }

    @Test
    void theTailIsThatOfTheQueueAndNotOfWhatHasBeenReadOfIt() {
        group.answersReads = false;
        group.messagesPerRead = 4;
        group.send("a", 20);
        group.readOnce();
        group.subscribe("c", tail(2), "a");
        assertThat(group.receive("c")).isEmpty();
        group.readOnce();
        assertThat(group.receive("c")).isEmpty();

        group.answersReads = true;

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-18", "a-19");
        assertThat(group.watermark(0)).isEqualTo(20);
    }

    @Test
    void nothingIsDeliveredBeforeTheTailIsKnown() {
        group.send("a", 5);
        group.answersScans = false;
        group.subscribe("c", tail(2), "a");
        assertThat(group.receive("c")).isEmpty();
        group.send("a");
        assertThat(group.receive("c")).isEmpty();

        group.answersScans = true;

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-4", "a-5");
    }

    // ---- with messages in hand ----

    @Nested
    class WithMessagesInHand {
        private void firstHolds() {
            group.subscribe("first", "a");
            group.send("a", 4);
            assertThat(group.receive("first", 2, 2)).containsExactly("a-0", "a-1");
        }

        @Test
        void earliestWaitsUntilTheyAreSettled() {
            firstHolds();

            group.subscribe("c", EARLIEST, "a");
            assertThat(group.receive("c")).isEmpty();
            assertThat(group.ack("first", "a-0")).isEqualTo(Settlement.OK);
            assertThat(group.receive("c")).isEmpty();
            assertThat(group.ack("first", "a-1")).isEqualTo(Settlement.OK);

            assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", 0, 4));
        }

        @Test
        void latestWaitsUntilTheyAreSettledAndLeavesOutTheOthers() {
            firstHolds();

            group.subscribe("c", latest(), "a");
            group.send("a");
            assertThat(group.receive("c")).isEmpty();
            group.ackAll("first");

            assertThat(group.receiveAndAckAll("c")).containsExactly("a-4");
            assertThat(group.skipped).containsEntry("a", 2);
            assertThat(group.watermark(0)).isEqualTo(5);
        }

        @Test
        void latestLeavesOutThoseOfAClientThatDied() {
            firstHolds();

            group.subscribe("c", latest(), "a");
            group.terminate("first");
            group.send("a");

            assertThat(group.receiveAndAckAll("c")).containsExactly("a-4");
            assertThat(group.skipped).containsEntry("a", 4);
        }

        @Test
        void theTailIsCountedWhenTheyAreSettled() {
            firstHolds();

            group.subscribe("c", tail(3), "a");
            group.send("a", 2);
            group.ackAll("first");

            assertThat(group.receiveAndAckAll("c")).containsExactly("a-3", "a-4", "a-5");
        }

        @Test
        void theStartWaitsForTheDeadLetterQueue() {
            firstHolds();
            group.storesLetters = false;
            group.engine.forwardToDeadLetterQueue(
                    "first", group.delivery("first", "a-0").receiptHandle(), group.now);

            group.subscribe("c", EARLIEST, "a");
            assertThat(group.receive("c")).isEmpty();
            group.storesLetters = true;

            assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", 0, 4));
            assertThat(group.deadLetters).hasSize(1);
        }
    }

    // ---- repeats ----

    @Test
    void aRepeatOfTheSubscriptionChangesNothing() {
        consumed(3, "a");
        group.subscribe("c", EARLIEST, "a");
        assertThat(group.receiveAndAckAll("c")).isEqualTo(names("a", 0, 3));

        group.subscribe("c", EARLIEST, "a");
        group.engine.subscribeExactly("c", Set.of("a"), EARLIEST, group.now);
        assertThat(group.receiveAndAckAll("c")).isEmpty();
        group.send("a", 2);
        group.subscribe("c", latest(), "a");

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-3", "a-4");
        assertThat(group.skipped).isEmpty();
    }

    @Test
    void aRepeatWhileMessagesAreInHandTakesNothingBack() {
        group.subscribe("c", EARLIEST, "a");
        group.send("a", 2);
        group.receive("c");

        group.subscribe("c", EARLIEST, "a");

        assertThat(group.ack("c", "a-0")).isEqualTo(Settlement.OK);
        assertThat(group.receiveAndAckAll("c")).containsExactly("a-1");
    }

    @Test
    void aNewStartWhileTheLastOneIsLookedForCounts() {
        consumed(10, "a");
        group.answersScans = false;
        group.subscribe("c", EARLIEST, "a");
        group.subscribe("d", offset(7), "a");
        group.answersScans = true;

        assertThat(group.receiveAndAckAll("d")).isEqualTo(names("a", 7, 10));
        assertThat(group.watermark(0)).isEqualTo(10);
    }

    // ---- suspended and cut ----

    @Test
    void aSuspendOutlivesAStart() {
        group.subscribe("first", "a");
        group.send("a", 2);
        group.receive("first");
        group.suspend("first", "a-0", Duration.ofMinutes(1));

        group.subscribe("c", EARLIEST, "a");
        group.advance(Duration.ofMinutes(1).minusNanos(1));
        assertThat(group.receive("c")).isEmpty();
        group.advance(1);

        assertThat(group.receiveAndAckAll("c")).containsExactly("a-0", "a-1");
    }

    @Nested
    class WhileTheIndexIsCut {
        private final EngineFixture small = new EngineFixture(
                EngineSettings.builder().bodyCacheBytes(1_000).indexBytes(5_000).lowIndexMessages(64));

        private void cut() {
            small.subscribe("first", "a");
            small.send("a", 100);
            assertThat(small.receiveAndAckAll("first")).hasSize(100);
            small.unsubscribe("first", "a");
            small.seen("reader");
            small.startPoll("reader", 1, 1);
            for (int i = 0; i < 100; i++) {
                small.store("b");
                small.send("a", 199);
            }
            assertThat(small.cut).containsKey("a");
            assertThat(small.engine.pendingOutsideIndex()).isGreaterThan(10_000);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 50, 101, 5_000, 20_100})
        void anOffsetCounts(int from) {
            cut();

            small.subscribe("c", offset(from), "a");
            List<String> names = small.receiveAndAckAll("c", 64, 64);

            int ofB = from <= 100 ? 0 : (from - 100 + 199) / 200;
            assertThat(names).isEqualTo(names("a", from - ofB, 20_000));
            assertThat(small.engine.pendingMessages()).isEqualTo(100); // those of b
            small.subscribe("c", "b");
            assertThat(small.receiveAndAckAll("c", 64, 64)).isEqualTo(names("b", 0, 100));
            assertThat(small.watermark(0)).isEqualTo(small.end(0));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 300})
        void aTailCounts(int messages) {
            cut();

            small.subscribe("c", tail(messages), "a", "b");

            List<String> names = small.receiveAndAckAll("c", 64, 64);
            assertThat(EngineFixture.only("a", names)).isEqualTo(names("a", 20_000 - messages, 20_000));
            assertThat(EngineFixture.only("b", names)).isEqualTo(names("b", Math.max(0, 100 - messages), 100));
            assertThat(small.watermark(0)).isEqualTo(small.end(0));
            assertThat(small.engine.pendingMessages()).isZero();
        }

        @Test
        void aStartThatIsNotReachedYetOutlivesTheLossOfTheQueue() {
            cut();
            small.answersScans = false;
            small.subscribe("c", offset(small.end(0) + 5), "a");

            small.loseAndAcquireQueue(0);
            small.answersScans = true;
            small.send("a", 10);

            assertThat(small.receiveAndAckAll("c", 64, 64)).isEqualTo(names("a", 20_005, 20_010));
        }
    }
}
