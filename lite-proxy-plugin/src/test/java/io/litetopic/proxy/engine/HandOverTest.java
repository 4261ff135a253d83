package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lite topic goes from one client to another: in order, from the first message that was not acked. */
class HandOverTest {
    private static final Duration GRACE = Duration.ofMillis(2_500);
    private static final Duration QUICK_GRACE = Duration.ofMillis(500);

    private final EngineFixture group = new EngineFixture(EngineSettings.builder());

    /** {@code from} holds a-0 and a-2 to a-3 of six, {@code to} waits. */
    private void fromHolds(long invisibleNanos) {
        group.subscribe("from", "a");
        group.subscribe("to", "a");
        group.send("a", 6);
        assertThat(group.receive("from", 4, 4, invisibleNanos)).isEqualTo(names("a", 0, 4));
        group.ack("from", "a-1");
        assertThat(group.receive("to")).isEmpty();
    }

    private void assertToGets(int attemptOfTheFirst) {
        assertThat(group.receive("to", 8, 8)).containsExactly("a-0", "a-2", "a-3", "a-4", "a-5");
        assertThat(group.attemptOf("a-0")).isEqualTo(attemptOfTheFirst);
        assertThat(group.attemptOf("a-2")).isEqualTo(1);
        assertThat(group.ack("from", "a-0")).as("too late").isEqualTo(Settlement.NOT_HELD);
        group.ackAll("to");
        assertThat(group.watermark(0)).isEqualTo(6);
    }

    // ---- subscriptions ----

    @Test
    void aClientThatUnsubscribedSettlesWhatItHoldsBeforeOthersGetAny() {
        fromHolds(Poll.WHILE_CLIENT_LIVES);

        group.unsubscribe("from", "a");
        assertThat(group.receive("to")).isEmpty();
        assertThat(group.receive("from")).isEmpty();
        group.ack("from", "a-0");
        group.ack("from", "a-2");
        assertThat(group.receive("to")).isEmpty();
        group.ack("from", "a-3");

        assertThat(group.receive("to", 8, 8)).containsExactly("a-4", "a-5");
    }

    @Test
    void aClientThatSubscribesAgainGoesOnWhereItWas() {
        fromHolds(Poll.WHILE_CLIENT_LIVES);
        group.terminate("to");

        group.unsubscribe("from", "a");
        group.send("a");
        group.subscribe("from", "a");
        assertThat(group.receive("from")).as("it holds some").isEmpty();
        group.ackAll("from");

        assertThat(group.receive("from", 8, 8)).containsExactly("a-4", "a-5", "a-6");
    }

    @Test
    void messagesWaitForTheNextSubscriber() {
        group.subscribe("from", "a");
        group.send("a", 3);
        assertThat(group.receive("from")).containsExactly("a-0");
        group.ackAll("from");
        group.unsubscribe("from", "a");
        group.send("a");
        group.advance(Duration.ofHours(1));

        group.subscribe("to", "a");

        assertThat(group.receiveAndAckAll("to")).containsExactly("a-1", "a-2", "a-3");
    }

    // ---- ends ----

    @Test
    void aClientThatTerminatesHandsOverAtOnceWithoutAnAttempt() {
        fromHolds(Poll.WHILE_CLIENT_LIVES);
        Delivery first = group.delivery("from", "a-0");
        group.startPoll("to", 1, 1);

        group.terminate("from");

        assertThat(group.receivedNames()).endsWith("a-0");
        assertThat(group.attemptOf("a-0")).isEqualTo(1);
        assertThat(group.engine.ack("from", first.receiptHandle(), group.now)).isEqualTo(Settlement.NOT_HELD);
        assertThat(group.ack("to", "a-0")).isEqualTo(Settlement.OK);
        assertThat(group.receiveAndAckAll("to")).containsExactly("a-2", "a-3", "a-4", "a-5");
    }

    @Test
    void aSilentClientHandsOverWhenItsTimeIsUp() {
        fromHolds(Poll.WHILE_CLIENT_LIVES);
        long lastSign = group.now;
        group.fallSilent("from");

        group.advance(lastSign + Duration.ofSeconds(35).toNanos() - 1 - group.now);
        assertThat(group.receive("to")).isEmpty();
        group.advance(1);

        assertToGets(2);
        assertThat(group.engine.knowsClient("from")).isFalse();
    }

    @Test
    void anInvisibleDurationThatIsOverHandsOver() {
        Duration invisible = Duration.ofSeconds(3);
        fromHolds(invisible.toNanos());

        group.advance(invisible.minusNanos(1));
        assertThat(group.receive("to")).isEmpty();
        group.advance(1);

        assertToGets(2);
    }

    // ---- connections ----

    @Nested
    class BrokenConnections {
        @Test
        void handOverAfterTheGrace() {
            fromHolds(Poll.WHILE_CLIENT_LIVES);

            group.disconnect("from");
            group.advance(GRACE.minusNanos(1));
            assertThat(group.receive("to")).isEmpty();
            group.advance(1);

            assertToGets(2);
        }

        @Test
        void handOverAfterAQuickGraceIfDeliveriesHaveDeadlines() {
            fromHolds(Duration.ofMinutes(5).toNanos());

            group.disconnect("from");
            group.advance(QUICK_GRACE.minusNanos(1));
            assertThat(group.receive("to")).isEmpty();
            group.advance(1);

            assertToGets(2);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void doNotHandOverIfTheClientIsBackInTime(boolean hasDeadlines) {
            fromHolds(hasDeadlines ? Duration.ofMinutes(5).toNanos() : Poll.WHILE_CLIENT_LIVES);
            group.advance(Duration.ofSeconds(5)); // what was delivered has arrived

            group.disconnect("from");
            group.advance(QUICK_GRACE.dividedBy(2));
            group.connect("from");
            group.advance(GRACE.multipliedBy(2));

            assertThat(group.receive("to")).isEmpty();
            assertThat(group.ack("from", "a-0")).isEqualTo(Settlement.OK);
        }

        @Test
        void handOverWhatMayNotHaveArrivedWhenTheClientIsBack() {
            fromHolds(Poll.WHILE_CLIENT_LIVES);
            group.startPoll("to", 8, 8);

            group.disconnect("from");
            group.advance(Duration.ofMillis(100));
            assertThat(group.received).hasSize(4);
            group.connect("from");
            group.run();

            assertThat(group.receivedNames().subList(4, 9)).containsExactly("a-0", "a-2", "a-3", "a-4", "a-5");
            assertThat(group.attemptOf("a-0")).as("no attempt").isEqualTo(1);
        }

        @Test
        void keepTheSubscriptionsOfAClientThatComesBack() {
            fromHolds(Poll.WHILE_CLIENT_LIVES);
            group.disconnect("from");
            group.advance(Duration.ofSeconds(10));
            assertThat(group.receiveAndAckAll("to")).hasSize(5);
            group.terminate("to");

            group.connect("from");
            group.send("a");

            assertThat(group.receive("from")).containsExactly("a-6");
        }

        @Test
        void endTheWaitingPolls() {
            fromHolds(Poll.WHILE_CLIENT_LIVES);
            Poll waiting = group.startPoll("from", 1, 1);

            group.disconnect("from");
            group.advance(GRACE);

            assertThat(group.isWaiting(waiting)).isFalse();
            assertToGets(2);
        }
    }

    @Test
    void aClientThatAlwaysDiesWithTheSameMessageDoesNotHoldUpTheLiteTopicForEver() {
        EngineFixture few = new EngineFixture(EngineSettings.builder().maxAttempts(3));
        few.send("a", 2);
        for (int i = 0; i < 3; i++) {
            few.subscribe("c" + i, "a");
            assertThat(few.receive("c" + i)).containsExactly("a-0");
            assertThat(few.attemptOf("a-0")).isEqualTo(i + 1);
            few.disconnect("c" + i);
            few.advance(GRACE);
        }

        few.subscribe("last", "a");
        assertThat(few.receive("last")).containsExactly("a-1");
        assertThat(few.deadLetters)
                .containsExactly(new EngineFixture.Letter("a-0", DeadLetterReason.ATTEMPTS_EXHAUSTED));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void orderHoldsThroughManyHandOvers(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> acked = new ArrayList<>();
        int sent = 0;
        for (int i = 0; i < 300; i++) {
            String client = "c" + i;
            group.subscribe(client, "a");
            int more = random.nextInt(4);
            group.send("a", more);
            sent += more;
            List<String> names =
                    group.receive(client, 3, 3, random.nextBoolean() ? Poll.WHILE_CLIENT_LIVES : 1_000_000);
            assertThat(names).isEqualTo(names("a", acked.size(), Math.min(sent, acked.size() + 3)));
            int done = random.nextInt(names.size() + 1);
            for (String name : names.subList(0, done)) {
                assertThat(group.ack(client, name)).isEqualTo(Settlement.OK);
                acked.add(name);
            }
            switch (random.nextInt(4)) {
                case 0 -> group.terminate(client);
                case 1 -> {
                    group.disconnect(client);
                    group.advance(GRACE);
                }
                case 2 -> {
                    group.fallSilent(client);
                    group.advance(Duration.ofSeconds(35));
                }
                default -> {
                    if (done < names.size()) {
                        group.suspend(client, names.get(done), Duration.ofMillis(7));
                        group.advance(Duration.ofMillis(7));
                    }
                    group.unsubscribe(client, "a");
                }
            }
        }

        group.subscribe("last", "a");
        assertThat(group.receiveAndAckAll("last")).isEqualTo(names("a", acked.size(), sent));
    }
}
