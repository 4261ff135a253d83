package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static io.litetopic.proxy.engine.EngineFixture.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.EngineFixture.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FairDispatchTest {
    private static EngineSettings.Builder settings() {
        return EngineSettings.builder().subscriptionsPerClient(20_000);
    }

    // ---- turns ----

    @ParameterizedTest
    @CsvSource({"1, 1", "32, 1", "32, 16"})
    void oneDeepLiteTopicAndManySmallOnesAllTakeTheirTurns(int maxMessages, int maxPerLiteTopic) {
        int small = 10_000;
        EngineFixture group = new EngineFixture(settings());
        List<String> liteTopics =
                IntStream.range(0, small).mapToObj(i -> "s" + i).toList();
        group.subscribe("c", "deep");
        group.subscribe("c", null, liteTopics);
        for (int i = 0; i < 30_000; i++) {
            group.store("deep");
        }
        liteTopics.forEach(group::store);
        group.run();

        List<String> names = new ArrayList<>();
        while (names.size() < small + 200) {
            names.addAll(group.receive("c", maxMessages, maxPerLiteTopic));
            group.ackAll("c");
        }

        Map<String, Integer> places = new HashMap<>();
        for (String name : names) {
            places.put(name, places.size());
        }
        assertThat(places).hasSize(names.size());
        assertThat(places.get("deep-0")).isZero();
        assertThat(places.get("deep-1")).as("again after a round at most").isLessThanOrEqualTo(small + 1);
        for (int i = 0; i < small; i++) {
            assertThat(places.get("s" + i + "-0")).as("place of s%d", i).isLessThanOrEqualTo(i + 2);
        }
        assertThat(only("deep", names)).isEqualTo(names("deep", 0, names.size() - small));
    }

    @Test
    void aDeepLiteTopicDoesNotGetMoreThanItsTurnsWhileOthersRefill() {
        EngineFixture group = new EngineFixture(settings());
        List<String> liteTopics = IntStream.range(0, 20).mapToObj(i -> "s" + i).toList();
        group.subscribe("c", "deep");
        group.subscribe("c", null, liteTopics);
        group.send("deep", 1_000);
        liteTopics.forEach(name -> group.send(name, 50));

        List<String> names = new ArrayList<>();
        for (int i = 0; i < 21 * 40; i++) {
            names.addAll(group.receive("c", 1, 1));
            group.ackAll("c");
        }

        assertThat(only("deep", names)).hasSize(40);
        liteTopics.forEach(name -> assertThat(only(name, names)).hasSize(40));
    }

    // ---- weights ----

    @Nested
    class Weights {
        private final EngineFixture group = new EngineFixture(settings().rules(Weights::ruleOf));

        private static LiteTopicRule ruleOf(String liteTopic) {
            return LiteTopicRule.DEFAULT.withWeight(liteTopic.startsWith("heavy") ? 3 : 1);
        }

        @ParameterizedTest
        @CsvSource({"1, 1, 1", "4, 4, 1", "32, 32, 1", "8, 1, 32", "8, 8, 32", "16, 4, 8"})
        void shareDeliveriesUnderSaturation(int maxMessages, int maxPerLiteTopic, int liteTopicsOfEach) {
            List<String> light = IntStream.range(0, liteTopicsOfEach)
                    .mapToObj(i -> "light" + i)
                    .toList();
            List<String> heavy = IntStream.range(0, liteTopicsOfEach)
                    .mapToObj(i -> "heavy" + i)
                    .toList();
            List<String> all = Stream.concat(light.stream(), heavy.stream()).toList();
            group.subscribe("c", null, all);
            int rounds = 40;
            for (int i = 0; i < 4 * rounds; i++) {
                all.forEach(group::store);
            }
            group.run();

            int wanted = liteTopicsOfEach * 4 * rounds;
            List<String> names = new ArrayList<>();
            while (names.size() < wanted) {
                names.addAll(group.receive("c", maxMessages, maxPerLiteTopic));
                group.ackAll("c");
            }

            int turn = 3 * (1 + maxMessages);
            assertThat(names.stream().filter(name -> name.startsWith("heavy")).count())
                    .isBetween(wanted * 3L / 4 - turn, wanted * 3L / 4 + turn);
            all.forEach(name -> assertThat(only(name, names))
                    .as("in order, and about as often as others of its weight")
                    .startsWith(name + "-0")
                    .isEqualTo(names(name, 0, only(name, names).size()))
                    .hasSizeBetween(
                            ruleOf(name).weight() * (rounds - 6), ruleOf(name).weight() * (rounds + 6)));
        }

        @Test
        void areNotSavedUpWhileIdle() {
            group.subscribe("c", "light", "heavy");
            group.send("heavy");
            assertThat(group.receive("c", 1, 1)).containsExactly("heavy-0");
            group.ackAll("c"); // two deliveries of its turn are left
            group.advance(Duration.ofSeconds(1));

            group.store("light");
            group.store("heavy");
            for (int i = 0; i < 10; i++) {
                group.store("light");
                group.store("heavy");
            }
            group.run();

            List<String> names = group.receiveAndAckAll("c", 1, 1);
            assertThat(names.subList(0, 9))
                    .containsExactly(
                            "light-0", "heavy-1", "heavy-2", "heavy-3", "light-1", "heavy-4", "heavy-5", "heavy-6",
                            "light-2");
        }
    }

    // ---- consumers ----

    @Test
    void theConsumerWithTheFewestMessagesInHandGetsTheNext() {
        EngineFixture group = new EngineFixture(settings());
        List<String> liteTopics = IntStream.range(0, 130).mapToObj(i -> "t" + i).toList();
        List.of("c1", "c2", "c3").forEach(client -> group.subscribe(client, null, liteTopics));
        liteTopics.subList(0, 30).forEach(group::store);
        assertThat(group.receive("c1", 20, 1)).hasSize(20);
        assertThat(group.receive("c2", 10, 1)).hasSize(10);

        group.startPoll("c1", 100, 1);
        group.startPoll("c2", 100, 1);
        group.startPoll("c3", 100, 1);
        liteTopics.subList(30, 130).forEach(group::store);
        group.run();

        assertThat(countOf(group, "c1")).isBetween(43L, 44L); // 130 / 3
        assertThat(countOf(group, "c2")).isBetween(43L, 44L);
        assertThat(countOf(group, "c3")).isBetween(43L, 44L);
    }

    private static long countOf(EngineFixture group, String clientId) {
        return group.received.stream()
                .filter(r -> r.clientId().equals(clientId))
                .count();
    }

    @Test
    void aConsumerHasNoMoreInHandThanItMay() {
        EngineFixture group = new EngineFixture(settings().maxInHandPerClient(10));
        List<String> liteTopics = IntStream.range(0, 30).mapToObj(i -> "t" + i).toList();
        group.subscribe("c", null, liteTopics);
        liteTopics.forEach(group::store);

        assertThat(group.receive("c", 7, 1)).hasSize(7);
        assertThat(group.receive("c", 7, 1)).hasSize(3);
        assertThat(group.receive("c", 7, 1)).isEmpty();
        group.ack("c", "t0-0");
        assertThat(group.receive("c", 7, 1)).containsExactly("t10-0");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 64})
    void aLiteTopicHasNoMoreInHandThanItMay(int limit) {
        EngineFixture group = new EngineFixture(settings().maxInHandPerLiteTopic(limit));
        group.subscribe("c", "a", "b");
        group.send("a", 200);
        group.send("b", 2);

        List<String> first = group.receive("c", 300, 300);

        assertThat(only("a", first)).isEqualTo(names("a", 0, limit));
        assertThat(only("b", first)).isEqualTo(names("b", 0, Math.min(limit, 2)));
        assertThat(group.receive("c", 300, 300)).isEmpty();
        group.ackAll("c");
        assertThat(only("a", group.receive("c", 300, 300))).isEqualTo(names("a", limit, Math.min(200, 2 * limit)));
    }

    // ---- rates ----

    @Nested
    class RateLimits {
        /** 10 a second, 3 at once. */
        private final EngineFixture group = new EngineFixture(settings().rules(RateLimits::ruleOf));

        private static LiteTopicRule ruleOf(String liteTopic) {
            return liteTopic.startsWith("limited") ? LiteTopicRule.DEFAULT.withRateLimit(10, 3) : LiteTopicRule.DEFAULT;
        }

        private static List<Duration> millis(long... millis) {
            return IntStream.range(0, millis.length)
                    .mapToObj(i -> Duration.ofMillis(millis[i]))
                    .toList();
        }

        @ParameterizedTest
        @CsvSource({"1, 1", "32, 1", "32, 32"})
        void letABurstGoAndThenOneMessageAtATimeAtTheExactDistance(int maxMessages, int maxPerLiteTopic) {
            group.subscribe("c", "limited");
            group.serve("c", maxMessages, maxPerLiteTopic);
            long start = group.now;

            group.send("limited", 8);
            group.advance(Duration.ofSeconds(2));

            assertThat(group.timesOf("limited", start)).isEqualTo(millis(0, 0, 0, 100, 200, 300, 400, 500));
            assertThat(group.receivedNames()).isEqualTo(names("limited", 0, 8));
            assertThat(group.received).as("no attempt is counted").allMatch(r -> r.attempt() == 1);
        }

        @Test
        void doNotDelayOthers() {
            group.subscribe("c", "limited", "free");
            group.serve("c", 1, 1);
            long start = group.now;
            group.send("limited", 30);
            group.send("free", 30);
            assertThat(only("free", group.receivedNames())).hasSize(30);

            group.advance(Duration.ofMillis(250));
            group.send("free");

            assertThat(group.timesOf("free", start)).endsWith(Duration.ZERO, Duration.ofMillis(250));
            assertThat(only("limited", group.receivedNames())).hasSize(5);
        }

        @Test
        void outliveIdleTimesOfTheLiteTopic() {
            group.subscribe("c", "limited");
            group.serve("c", 1, 1);
            long start = group.now;
            group.send("limited", 4); // one too many
            group.advance(Duration.ofMillis(100));
            assertThat(group.engine.pendingMessages()).isZero();

            group.advance(Duration.ofMillis(50));
            group.send("limited");
            group.advance(Duration.ofMillis(10));
            group.stopServing("c");
            group.unsubscribe("c", "limited");
            group.advance(Duration.ofMillis(20));
            group.subscribe("c", "limited");
            group.serve("c", 1, 1);
            group.advance(Duration.ofMillis(100));

            assertThat(group.timesOf("limited", start)).isEqualTo(millis(0, 0, 0, 100, 200));
        }

        @Test
        void outliveTheEndOfTheLiteTopic() {
            EngineFixture shortLived = new EngineFixture(
                    settings().ttlNanos(Duration.ofMillis(50).toNanos()).rules(RateLimits::ruleOf));
            shortLived.subscribe("c", "limited");
            shortLived.serve("c", 1, 1);
            long start = shortLived.now;
            shortLived.send("limited", 3);

            shortLived.advance(Duration.ofMillis(80));
            shortLived.subscribe("c", "limited");
            shortLived.send("limited", 2);
            shortLived.advance(Duration.ofMillis(200));

            assertThat(shortLived.timesOf("limited", start)).isEqualTo(millis(0, 0, 0, 100, 200));
        }

        @Test
        void fillUpWhileIdleToNoMoreThanTheBurst() {
            group.subscribe("c", "limited");
            group.serve("c", 32, 32);
            group.send("limited", 3);
            group.advance(Duration.ofMinutes(10));
            long start = group.now;

            group.send("limited", 5);
            group.advance(Duration.ofSeconds(1));

            assertThat(group.timesOf("limited", start).subList(3, 8)).isEqualTo(millis(0, 0, 0, 100, 200));
        }

        @Test
        void areNotPassedByRedeliveriesAndSuspends() {
            group.subscribe("c", "limited");
            long start = group.now;
            group.send("limited", 2);
            for (int i = 0; i < 3; i++) {
                assertThat(group.receive("c", 1, 1)).containsExactly("limited-0");
                group.suspend("c", "limited-0", Duration.ofNanos(1));
                group.advance(1);
            }
            assertThat(group.receive("c", 1, 1)).as("the burst is used up").isEmpty();
            group.startPoll("c", 1, 1);
            group.advance(Duration.ofSeconds(1));

            Received last = group.received.get(group.received.size() - 1);
            assertThat(Duration.ofNanos(last.atNanos() - start)).isEqualTo(Duration.ofMillis(100));
            assertThat(last.attempt()).as("neither of them is an attempt").isEqualTo(1);
        }

        @Test
        void ofManyLiteTopicsDoNotMeet() {
            List<String> liteTopics =
                    IntStream.range(0, 100).mapToObj(i -> "limited" + i).toList();
            group.subscribe("c", null, liteTopics);
            group.serve("c", 32, 1);
            long start = group.now;
            for (int i = 0; i < 5; i++) {
                liteTopics.forEach(group::store);
            }
            group.run();
            group.advance(Duration.ofSeconds(1));

            liteTopics.forEach(name -> assertThat(group.timesOf(name, start)).isEqualTo(millis(0, 0, 0, 100, 200)));
        }
    }
}
