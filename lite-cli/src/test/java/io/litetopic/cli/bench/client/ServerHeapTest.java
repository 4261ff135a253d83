package io.litetopic.cli.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServerHeapTest {
    @Test
    void readsTheLastLineOfTheHistogram() {
        String histogram = """
                4711:
                 num     #instances         #bytes  class name (module)
                   1:          1000        1234567  [B (java.base@17)
                Total          2000        7654321
                """;

        assertThat(ServerHeap.total(histogram)).isEqualTo(7_654_321);
    }

    @Test
    void saysWhatItGotInstead() {
        assertThatThrownBy(() -> ServerHeap.total("4711:\nUnable to attach\n"))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("Unable to attach");
    }
}
