package io.litetopic.cli.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class BulkLoaderTest {
    /** Values of the published algorithm; the hash code of a string of one character is that character. */
    @Test
    void choosesQueuesByJumpConsistentHash() {
        assertThat(BulkLoader.queue("\u0001", 1)).isZero();
        assertThat(BulkLoader.queue("*", 57)).isEqualTo(43);
        assertThat(BulkLoader.queue("\u0100", 1024)).isEqualTo(520);
    }

    @Test
    void usesAllQueuesAlsoForNegativeHashCodes() {
        BitSet used = new BitSet();
        for (int i = 0; i < 10_000; i++) {
            used.set(BulkLoader.queue(LiteTopics.name(i), 8));
        }

        assertThat(used.cardinality()).isEqualTo(8);
        assertThat(used.length()).isEqualTo(8);
    }
}
