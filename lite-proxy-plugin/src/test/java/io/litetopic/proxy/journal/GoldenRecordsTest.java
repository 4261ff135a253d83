package io.litetopic.proxy.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.StateChanges;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Records as format version 1 writes them: {@code src/test/resources/journal/v1-*.hex}. Those files never change; a later version
 * adds its own, and this test goes on reading them.
 */
class GoldenRecordsTest {
    private static final long EPOCH = 300;
    private static final long RECOVER_FROM = 258;
    private static final long WRITER = 0x0123_4567_89AB_CDEFL;

    private static final StateChanges CHANGES = StateChanges.builder(1_000_000)
            .doneRuns(new long[] {1_000_005, 3, 1_048_576, 65_536, 1_200_000, 1})
            .remove("gone")
            .set(new LiteTopicState("chat/\u00e4", true, 1_700_000_000_000L, 1_700_000_600_000L, 2, 1_000_000))
            .set(new LiteTopicState("quiet", false, LiteTopicState.NONE, LiteTopicState.NONE, 0, LiteTopicState.NONE))
            .subscriptionsSince(1_700_000_000_001L)
            .client(new ClientChange("client-1", true, List.of("chat/\u00e4", "quiet"), List.of()))
            .client(new ClientChange("client-2", false, List.of(), List.of("gone")))
            .build();

    @Test
    void acquired() throws Exception {
        byte[] golden = golden("v1-acquired");

        JournalRecord read = RecordCodec.decode(golden);

        assertThat(RecordCodec.encode(
                        RecordType.ACQUIRED, -1, RECOVER_FROM, WRITER, 0, BodyCodec.acquired("proxy-1:8081")))
                .isEqualTo(golden);
        assertThat(read.type()).isEqualTo(RecordType.ACQUIRED);
        assertThat(read.epoch()).isEqualTo(-1);
        assertThat(read.recoverFrom()).isEqualTo(RECOVER_FROM);
        assertThat(read.writer()).isEqualTo(WRITER);
        assertThat(read.sequence()).isZero();
        assertThat(read.ownerId()).isEqualTo("proxy-1:8081");
    }

    @Test
    void changes() throws Exception {
        byte[] golden = golden("v1-changes");

        JournalRecord read = RecordCodec.decode(golden);

        assertThat(record(RecordType.CHANGES, 1, BodyCodec.changes(CHANGES).get(0)))
                .isEqualTo(golden);
        assertThat(read.type()).isEqualTo(RecordType.CHANGES);
        assertThat(read.epoch()).isEqualTo(EPOCH);
        assertThat(read.sequence()).isEqualTo(1);
        assertThat(read.changes()).isEqualTo(CHANGES);
    }

    @Test
    void changesWithABitmap() throws Exception {
        byte[] golden = golden("v1-changes-bitmap-deflated");
        StateChanges changes = everySecondOffset();

        // the deflated bytes may differ from one Java release to another, what they say may not
        assertThat(RecordCodec.decode(golden).changes()).isEqualTo(changes);
        assertThat(RecordCodec.decode(record(
                                RecordType.CHANGES,
                                2,
                                BodyCodec.changes(changes).get(0)))
                        .changes())
                .isEqualTo(changes);
        assertThat(golden[6]).as("flags").isEqualTo((byte) 1);
    }

    @Test
    void snapshotBegin() throws Exception {
        byte[] golden = golden("v1-snapshot-begin");

        assertThat(record(RecordType.SNAPSHOT_BEGIN, 3, new byte[0])).isEqualTo(golden);
        assertThat(RecordCodec.decode(golden).type()).isEqualTo(RecordType.SNAPSHOT_BEGIN);
    }

    @Test
    void snapshotPart() throws Exception {
        byte[] golden = golden("v1-snapshot-part");

        assertThat(record(
                        RecordType.SNAPSHOT_PART, 4, BodyCodec.changes(CHANGES).get(0)))
                .isEqualTo(golden);
        assertThat(RecordCodec.decode(golden).type()).isEqualTo(RecordType.SNAPSHOT_PART);
        assertThat(RecordCodec.decode(golden).changes()).isEqualTo(CHANGES);
    }

    @Test
    void snapshotEnd() throws Exception {
        byte[] golden = golden("v1-snapshot-end");

        assertThat(record(RecordType.SNAPSHOT_END, 5, BodyCodec.snapshotEnd(303)))
                .isEqualTo(golden);
        assertThat(RecordCodec.decode(golden).type()).isEqualTo(RecordType.SNAPSHOT_END);
        assertThat(RecordCodec.decode(golden).snapshotBegin()).isEqualTo(303);
    }

    private static StateChanges everySecondOffset() {
        long[] runs = new long[65_536];
        for (int i = 0; i < runs.length; i += 2) {
            runs[i] = 65_536L + i;
            runs[i + 1] = 1;
        }
        return StateChanges.builder(65_536).doneRuns(runs).build();
    }

    private static byte[] record(RecordType type, long sequence, byte[] body) {
        return RecordCodec.encode(type, EPOCH, RECOVER_FROM, WRITER, sequence, body);
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(
                GoldenRecordsTest.class.getResourceAsStream("/journal/" + name + ".hex"), name)) {
            String hex = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        }
    }

    /** Prints the records, 32 bytes a line: how the files were made. */
    public static void main(String[] args) {
        print(
                "v1-acquired",
                RecordCodec.encode(
                        RecordType.ACQUIRED, -1, RECOVER_FROM, WRITER, 0, BodyCodec.acquired("proxy-1:8081")));
        byte[] changes = BodyCodec.changes(CHANGES).get(0);
        print("v1-changes", record(RecordType.CHANGES, 1, changes));
        byte[] bitmap = BodyCodec.changes(everySecondOffset()).get(0);
        print("v1-changes-bitmap-deflated", record(RecordType.CHANGES, 2, bitmap));
        print("v1-snapshot-begin", record(RecordType.SNAPSHOT_BEGIN, 3, new byte[0]));
        print("v1-snapshot-part", record(RecordType.SNAPSHOT_PART, 4, changes));
        print("v1-snapshot-end", record(RecordType.SNAPSHOT_END, 5, BodyCodec.snapshotEnd(303)));
    }

    private static void print(String name, byte[] record) {
        System.out.println(name);
        for (int i = 0; i < record.length; i += 32) {
            byte[] line = Arrays.copyOfRange(record, i, Math.min(record.length, i + 32));
            System.out.println(HexFormat.of().formatHex(line));
        }
    }
}
