package io.litetopic.cli.bench.report;

import static io.litetopic.cli.bench.report.BenchFixture.FIFO;
import static io.litetopic.cli.bench.report.BenchFixture.NATIVE;
import static io.litetopic.cli.bench.report.BenchFixture.OURS;
import static io.litetopic.cli.bench.report.BenchFixture.OURS_LOCAL;
import static io.litetopic.cli.bench.report.BenchFixture.throughput;
import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.cli.bench.measure.Spread;
import io.litetopic.cli.bench.model.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void takesTheMedianOfTheRepetitionsOfEachContender() {
        Comparison comparison = single(BenchFixture.data(
                throughput(OURS, 1, 900),
                throughput(FIFO, 1, 500),
                throughput(OURS, 2, 1_100),
                throughput(FIFO, 2, 500)));

        assertThat(comparison.contenders()).containsExactly(OURS, FIFO);
        assertThat(comparison.rows().get(0).spreads().get(OURS)).isEqualTo(new Spread(2, 1_000, 900, 1_100));
    }

    @Test
    void comparesWithThePeerInTheSameMode() {
        Comparison.Row row = single(BenchFixture.data(
                        throughput(OURS_LOCAL, 1, 3_000),
                        throughput(OURS, 1, 1_000),
                        throughput(FIFO, 1, 500),
                        throughput(NATIVE, 1, 800)))
                .rows()
                .get(0);

        assertThat(row.ratio(OURS, Peer.FIFO)).hasValue(2.0);
        assertThat(row.ratio(OURS, Peer.NATIVE)).hasValue(1.25);
        assertThat(row.ratio(NATIVE, Peer.FIFO)).hasValue(1.6);
        assertThat(row.ratio(OURS_LOCAL, Peer.FIFO)).isEmpty();
        assertThat(row.ratio(FIFO, Peer.FIFO)).isEmpty();
    }

    @Test
    void leavesRunsOutThatDoNotCount() {
        assertThat(Comparison.of(BenchFixture.data(BenchFixture.failed(OURS)))).isEmpty();
    }

    private static Comparison single(BenchData data) {
        List<Comparison> comparisons = Comparison.of(data);
        assertThat(comparisons).hasSize(1);
        return comparisons.get(0);
    }
}
