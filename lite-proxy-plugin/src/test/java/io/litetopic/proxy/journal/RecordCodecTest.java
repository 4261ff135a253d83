package io.litetopic.proxy.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.RandomChanges;
import io.litetopic.proxy.state.StateChanges;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {

    @Test
    void readsWhatItWrites() throws Exception {
        RandomChanges random = new RandomChanges(1);
        for (int i = 0; i < 500; i++) {
            StateChanges changes = random.next();

            JournalRecord read = RecordCodec.decode(record(changes));

            assertThat(read.changes()).as("change %d", i).isEqualTo(changes);
            assertThat(read.type()).isEqualTo(RecordType.CHANGES);
            assertThat(read.epoch()).isEqualTo(7);
            assertThat(read.recoverFrom()).isEqualTo(5);
            assertThat(read.writer()).isEqualTo(-123);
            assertThat(read.sequence()).isEqualTo(3);
        }
    }

    @Test
    void readsExtremeValues() throws Exception {
        StateChanges changes = StateChanges.builder(Long.MAX_VALUE - 10)
                .doneRuns(new long[] {Long.MAX_VALUE - 5, 5})
                .set(new LiteTopicState("", false, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE))
                .set(new LiteTopicState("x", true, LiteTopicState.NONE, 0, 0, 0))
                .subscriptionsSince(Long.MAX_VALUE)
                .client(new ClientChange("", true, List.of(), List.of()))
                .build();

        assertThat(RecordCodec.decode(record(changes)).changes()).isEqualTo(changes);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void readsDoneOffsetsOfAnyDensity(long seed) throws Exception {
        Random random = new Random(seed);
        int longestGap = 1 << random.nextInt(18);
        int longestRun = 1 << random.nextInt(18);
        List<Long> runs = new ArrayList<>();
        long from = random.nextInt(1 << 20);
        while (runs.size() < 20_000 && from < 1 << 21) {
            long length = 1L + random.nextInt(longestRun);
            runs.add(from);
            runs.add(length);
            from += length + 1 + random.nextInt(longestGap);
        }
        StateChanges changes = StateChanges.builder(0)
                .doneRuns(runs.stream().mapToLong(Long::longValue).toArray())
                .build();

        List<JournalRecord.Body> bodies = new ArrayList<>();
        for (byte[] body : BodyCodec.changes(changes)) {
            bodies.add(BodyCodec.read(body));
        }

        assertThat(bodies).hasSize(1);
        assertThat(RecordCodec.decode(record(changes)).changes()).isEqualTo(changes);
    }

    @Test
    void takesTheShorterFormOfDoneOffsets() {
        long[] everySecond =
                IntStream.range(0, 1 << 16).mapToLong(i -> i % 2 == 0 ? i : 1).toArray();

        assertThat(doneBytes(new long[] {0, 1 << 20})).isLessThan(100);
        assertThat(doneBytes(new long[] {70_000, 3, 70_010, 50})).isLessThan(20);
        assertThat(doneBytes(everySecond)).isBetween(8_192, 8_210);
    }

    private static int doneBytes(long[] runs) {
        return BodyCodec.changes(StateChanges.builder(0).doneRuns(runs).build()).get(0).length;
    }

    @Test
    void noticesThatARecordIsCut() {
        byte[] record = record(new RandomChanges(3).next());
        for (int length = 0; length < record.length; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThatThrownBy(() -> RecordCodec.decode(cut)).isInstanceOf(DamagedRecordException.class);
        }
        assertThatThrownBy(() -> RecordCodec.decode(Arrays.copyOf(record, record.length + 1)))
                .isInstanceOf(DamagedRecordException.class);
    }

    @Test
    void noticesAnyFlippedBit() {
        byte[] record = record(new RandomChanges(4).next());
        for (int bit = 0; bit < record.length * 8; bit++) {
            byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> RecordCodec.decode(flipped))
                    .as("bit %d", bit)
                    .isInstanceOf(DamagedRecordException.class);
        }
    }

    @Test
    void saysWhatTheChecksumIsAndShouldBe() {
        byte[] record = record(new RandomChanges(5).next());
        record[record.length - 1] ^= 1;

        assertThatThrownBy(() -> RecordCodec.decode(record))
                .hasMessageMatching("expected checksum 0x[0-9a-f]{8}, actual checksum 0x[0-9a-f]{8}");
    }

    @Test
    void skipsEntriesAndRecordsThatALaterReleaseMarksSo() throws Exception {
        StateChanges changes = new RandomChanges(6).next();
        byte[] body = BodyCodec.changes(changes).get(0);
        byte[] withUnknownEntry = ByteBuffer.allocate(body.length + 5)
                .put(new byte[] {(byte) 200, 3, 9, 9, 9})
                .put(body)
                .array();

        JournalRecord entrySkipped =
                RecordCodec.decode(RecordCodec.encode(RecordType.CHANGES, 7, 5, 1, 3, withUnknownEntry));
        JournalRecord recordSkipped = RecordCodec.decode(patched(5, 0x90));

        assertThat(entrySkipped.changes()).isEqualTo(changes);
        assertThat(recordSkipped.type()).isEqualTo(RecordType.SKIPPABLE);
    }

    @Test
    void refusesWhatOnlyALaterReleaseUnderstands() {
        assertThatThrownBy(() ->
                        RecordCodec.decode(RecordCodec.encode(RecordType.CHANGES, 7, 5, 1, 3, new byte[] {127, 0})))
                .isInstanceOf(LaterFormatException.class)
                .hasMessage("an entry with tag 127 that this release does not know; it knows 1 to 8");
        assertThatThrownBy(() -> RecordCodec.decode(patched(4, 2)))
                .isInstanceOf(LaterFormatException.class)
                .hasMessage("format version 2, and this release reads up to 1");
        assertThatThrownBy(() -> RecordCodec.decode(patched(5, 99)))
                .isInstanceOf(LaterFormatException.class)
                .hasMessageContaining("record type 99");
        assertThatThrownBy(() -> RecordCodec.decode(patched(6, 4)))
                .isInstanceOf(LaterFormatException.class)
                .hasMessageContaining("flags 0x4");
    }

    @Test
    void splitsALargeChangeIntoRecordsThatAddUpToIt() throws Exception {
        StateChanges.Builder large = StateChanges.builder(10).subscriptionsSince(5);
        long[] runs = IntStream.range(0, 200_000)
                .mapToLong(i -> i % 2 == 0 ? 20 + i * 50L : 7)
                .toArray();
        large.doneRuns(runs);
        large.remove("gone");
        IntStream.range(0, 5_000)
                .forEach(i -> large.set(new LiteTopicState("lite-topic-with-a-name-" + i, true, i, -1, 0, -1)));
        List<String> names =
                IntStream.range(0, 100_000).mapToObj(i -> "name-" + i).toList();
        large.client(new ClientChange("first", true, names, List.of("dropped")));
        large.client(new ClientChange("second", true, List.of(), List.of()));
        StateChanges changes = large.build();
        QueueState whole = new QueueState();
        whole.apply(changes);

        List<byte[]> bodies = BodyCodec.changes(changes);
        QueueState pieces = new QueueState();
        for (byte[] body : bodies) {
            pieces.apply(RecordCodec.decode(RecordCodec.encode(RecordType.CHANGES, 7, 5, 1, 3, body))
                    .changes());
        }

        assertThat(bodies.size()).isGreaterThan(5);
        assertThat(bodies).allSatisfy(body -> assertThat(body.length).isLessThan(256 * 1024));
        assertThat(RandomChanges.describe(pieces)).isEqualTo(RandomChanges.describe(whole));
    }

    @Test
    void deflatesOnlyWhatBecomesSmaller() throws Exception {
        StateChanges.Builder repetitive = StateChanges.builder(0);
        IntStream.range(0, 500).forEach(i -> repetitive.remove("a-rather-long-name-that-repeats-" + i));
        StateChanges changes = repetitive.build();

        byte[] large = record(changes);
        byte[] small = record(StateChanges.builder(9).build());

        assertThat(large.length).isLessThan(BodyCodec.changes(changes).get(0).length / 2);
        assertThat(RecordCodec.decode(large).changes()).isEqualTo(changes);
        assertThat(small).hasSize(RecordCodec.HEADER_BYTES + 3);
    }

    private static byte[] record(StateChanges changes) {
        return RecordCodec.encode(
                RecordType.CHANGES, 7, 5, -123, 3, BodyCodec.changes(changes).get(0));
    }

    /** A record with another byte at {@code position} and the checksum that belongs to it. */
    private static byte[] patched(int position, int value) {
        byte[] record = RecordCodec.encode(RecordType.CHANGES, 7, 5, 1, 3, new byte[0]);
        record[position] = (byte) value;
        CRC32 crc = new CRC32();
        crc.update(record, 0, 44);
        ByteBuffer.wrap(record).putInt(44, (int) crc.getValue());
        return record;
    }
}
