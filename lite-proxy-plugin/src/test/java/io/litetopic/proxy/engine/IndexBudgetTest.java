package io.litetopic.proxy.engine;

import static io.litetopic.proxy.engine.EngineFixture.names;
import static io.litetopic.proxy.engine.EngineFixture.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.EngineFixture.Lost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index of waiting messages is over its budget: what is cut, and that nothing but memory is lost by it. */
class IndexBudgetTest {
    private static final long INDEX_BYTES = 20_000;
    private static final int BODY_BYTES = 100;

    /** Room for 10 bodies, and for some 20,000 messages in the index. */
    private static EngineFixture group() {
        return group(INDEX_BYTES, 1);
    }

    private static EngineFixture group(long indexBytes, int queues) {
        EngineFixture group = new EngineFixture(
                EngineSettings.builder()
                        .bodyCacheBytes(10 * BODY_BYTES)
                        .indexBytes(indexBytes)
                        .lowIndexMessages(64),
                queues,
                0);
        group.bodyBytes = BODY_BYTES;
        return group;
    }

    /** A poll that waits keeps the queues being read. */
    private static void readOn(EngineFixture group) {
        group.seen("reader");
        group.startPoll("reader", 1, 1);
        group.run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void theLargestIsCutAndSmallOnesAreNot(int queues) {
        EngineFixture group = group(INDEX_BYTES, queues);
        List<String> small = IntStream.range(0, 50).mapToObj(i -> "s" + i).toList();
        readOn(group);

        for (int round = 0; round < 5; round++) {
            small.forEach(group::store);
            group.send("large", 10_000);
            assertThat(group.engine.indexBytes()).isLessThanOrEqualTo(INDEX_BYTES);
        }

        assertThat(group.cut).containsOnlyKeys("large");
        assertThat(group.engine.pendingMessages()).isEqualTo(5 * 10_050);
        assertThat(group.engine.pendingOutsideIndex()).isPositive().isLessThan(50_000);
        assertThat(group.indexFull).as("reading went on").isEmpty();
        // The small ones are served without looking for anything again.
        group.subscribe("c", null, small);
        List<String> names = group.receiveAndAckAll("c");
        small.forEach(name -> assertThat(only(name, names)).isEqualTo(names(name, 0, 5)));
        assertThat(group.scansAnswered).isZero();
    }

    @Test
    void allIsDeliveredInOrderAfterwards() {
        EngineFixture group = group();
        List<String> large = List.of("x", "y", "z");
        readOn(group);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 500; i++) {
                large.forEach(group::store);
            }
            group.store("small");
            group.run();
        }
        assertThat(group.cut.keySet()).isSubsetOf(large).isNotEmpty();

        group.subscribe("c", "x", "y", "z", "small");
        List<String> names = group.receiveAndAckAll("c", 64, 32);

        large.forEach(name -> assertThat(only(name, names)).isEqualTo(names(name, 0, 10_000)));
        assertThat(only("small", names)).isEqualTo(names("small", 0, 20));
        assertThat(group.scansAnswered).isPositive();
        assertThat(group.watermark(0)).isEqualTo(group.end(0));
        group.terminate("c");
        group.terminate("reader");
        group.advance(Duration.ofSeconds(40));
        assertThat(group.engine.leftovers()).isZero();
        assertThat(group.engine.openGaps()).isZero();
    }

    @Test
    void whatComesMeanwhileKeepsItsPlace() {
        EngineFixture group = group();
        group.subscribe("c", "x");
        readOn(group);
        group.send("x", 30_000);
        assertThat(group.engine.pendingOutsideIndex()).isPositive();

        List<String> names = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) { // two come while 32 go
            names.addAll(group.receive("c", 32, 32));
            group.send("x", 2);
            group.ackAll("c");
        }
        names.addAll(group.receiveAndAckAll("c", 64, 64));

        assertThat(names).isEqualTo(names("x", 0, 33_000));
        assertThat(group.watermark(0)).isEqualTo(group.end(0));
    }

    @Test
    void othersFlowWhileALiteTopicIsCutAndWhileItIsLookedFor() {
        EngineFixture group = group();
        group.subscribe("c", "flowing");
        readOn(group);
        group.send("x", 60_000);
        assertThat(group.cut).containsKey("x");
        group.send("flowing");
        assertThat(group.receive("c")).containsExactly("flowing-0");
        group.ackAll("c");

        group.answersScans = false; // the broker is slow with old messages
        group.subscribe("c", "x");
        for (int i = 1; i < 200; i++) {
            group.send("flowing");
            List<String> names = group.receive("c", 512, 512);
            assertThat(only("flowing", names)).isEqualTo(names("flowing", i, i + 1));
            group.ackAll("c");
        }
        group.receiveAndAckAll("c", 512, 512); // all that is known of it
        int before = only("x", group.receivedNames()).size();
        assertThat(before).isLessThan(60_000);
        group.answersScans = true;

        assertThat(group.receiveAndAckAll("c", 512, 512)).isEqualTo(names("x", before, 60_000));
    }

    @Test
    void lookingForMessagesGoesOnWhereAFailedOneWas() {
        EngineFixture group = group();
        group.subscribe("c", "x");
        readOn(group);
        group.send("x", 40_000);
        group.failsEveryThirdScan = true;

        assertThat(group.receiveAndAckAll("c", 64, 64)).isEqualTo(names("x", 0, 40_000));
    }

    @Test
    void messagesThatTheBrokerDeletedWhileOnlyAGapKnewThemAreLostAndCountedAndHoldNothingUp() {
        EngineFixture group = group();
        readOn(group);
        group.send("x", 50_000);
        group.send("y", 3);
        long inIndex = 50_003 - group.engine.pendingOutsideIndex();
        assertThat(inIndex).isLessThan(40_000);

        group.deleteBelow(0, 45_000);
        group.subscribe("c", "x", "y");
        List<String> names = group.receiveAndAckAll("c", 64, 64);

        assertThat(only("y", names)).isEqualTo(names("y", 0, 3));
        List<String> ofX = only("x", names);
        assertThat(ofX.subList(ofX.size() - 5_000, ofX.size())).isEqualTo(names("x", 45_000, 50_000));
        assertThat(ofX.size() + lostMessages(group))
                .as("each is delivered or lost")
                .isEqualTo(50_000);
        assertThat(group.watermark(0)).isEqualTo(group.end(0));
        assertThat(group.engine.pendingMessages()).isZero();
    }

    private static long lostMessages(EngineFixture group) {
        return group.lost.stream()
                .mapToLong(lost -> lost.toOffsetExclusive() - lost.fromOffset())
                .sum();
    }

    @Test
    void messagesInTheIndexThatTheBrokerDeletedAreLostOneByOne() {
        EngineFixture group = group();
        readOn(group);
        group.send("x", 100);
        group.deleteBelow(0, 60);

        group.subscribe("c", "x");
        List<String> names = group.receiveAndAckAll("c", 8, 8);

        assertThat(names).endsWith(names("x", 60, 100).toArray(new String[0]));
        int withBody = names.size() - 40;
        assertThat(withBody).as("bodies that were here").isBetween(0, 12);
        assertThat(group.lost)
                .containsExactlyElementsOf(IntStream.range(withBody, 60)
                        .mapToObj(offset -> new Lost(0, offset, offset + 1))
                        .toList());
        assertThat(group.watermark(0)).isEqualTo(100);
    }

    @Test
    void nothingIsLookedForWhileNobodyNeedsIt() {
        // All have some hundred messages, and half of that would fit: each is cut down to less than it should have at
        // hand.
        EngineFixture group = new EngineFixture(EngineSettings.builder()
                .bodyCacheBytes(1_000)
                .indexBytes(150_000)
                .lowIndexMessages(256));
        List<String> liteTopics = IntStream.range(0, 200).mapToObj(i -> "t" + i).toList();
        group.subscribe("c", null, liteTopics);
        liteTopics.forEach(group::store);
        assertThat(group.receiveAll("c", 200)).hasSize(200);
        liteTopics.forEach(name -> group.suspend("c", name + "-0", Duration.ofHours(1)));
        group.subscribe("c", "flowing");

        for (int round = 0; round < 400; round++) {
            liteTopics.forEach(group::store);
            group.store("flowing");
            group.run();
            assertThat(group.receive("c")).containsExactly("flowing-" + round);
            group.ackAll("c");
        }

        assertThat(group.cut).hasSizeGreaterThan(50);
        assertThat(group.indexFull).as("reading went on").isEmpty();
        assertThat(group.scansAnswered).isZero();
        group.advance(Duration.ofHours(1));
        List<String> names = group.receiveAndAckAll("c", 64, 64);
        assertThat(names).hasSize(200 * 401);
        liteTopics.subList(0, 10).forEach(name -> assertThat(only(name, names)).isEqualTo(names(name, 0, 401)));
        assertThat(group.watermark(0)).isEqualTo(group.end(0));
    }

    @Test
    void readingStopsAndSaysSoWhenNothingCanBeCut() {
        EngineFixture group =
                new EngineFixture(EngineSettings.builder().bodyCacheBytes(1).indexBytes(2_000));
        readOn(group);
        for (int i = 0; i < 1_000; i++) {
            group.store("t" + i);
        }
        group.messagesPerRead = 10;
        group.run();

        assertThat(group.indexFull).containsExactly(true);
        assertThat(group.engine.pendingMessages()).isLessThan(1_000);
        List<String> liteTopics =
                IntStream.range(0, 1_000).mapToObj(i -> "t" + i).toList();
        group.subscribe("c", null, liteTopics);
        List<String> names = group.receiveAndAckAll("c");

        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(
                        liteTopics.stream().map(name -> name + "-0").toList());
        assertThat(group.indexFull).as("and that it goes on").endsWith(false);
    }
}
