package io.litetopic.cli.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.cli.demo.measure.DeliveryChecker;
import io.litetopic.cli.demo.measure.RunKind;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private final ReportFixture fixture = new ReportFixture();

    @Test
    void comparesBothRunsWithTheBaseline() {
        ReportData data = fixture.soundData(RunKind.values());

        assertThat(data.p99Ratio(RunKind.AFTER)).hasValue(1.0);
        assertThat(data.p99Ratio(RunKind.BEFORE).orElseThrow()).isGreaterThan(50);
        assertThat(new Verdict(data).asText()).contains("(1.00×)", "none lost, none out of order");
    }

    @Test
    void saysNothingAboutRunsThatWereNotDone() {
        ReportData data = fixture.soundData(RunKind.BEFORE);

        assertThat(data.p99Ratio(RunKind.AFTER)).isEmpty();
        assertThat(data.p99Ratio(RunKind.BEFORE)).isEmpty();
        assertThat(new Verdict(data).asText()).contains("plain FIFO").doesNotContain("lite topics", "×");
    }

    @Test
    void callsALossALoss() {
        ReportData data = fixture.data(new DeliveryChecker.Totals(15_000, 14_998, 1, 2, 3), RunKind.AFTER);

        assertThat(data.isSound()).isFalse();
        assertThat(new Verdict(data).asText()).contains("NOT SOUND", "2 lost", "1 out of order");
        assertThat(new HtmlPage(data).render()).contains("class=\"unsound\"");
    }

    @Test
    void showsEveryFigureInTheTable() {
        String table = new SummaryTable(fixture.soundData(RunKind.values())).asText();

        assertThat(table.lines().findFirst().orElseThrow()).contains("Baseline", "Before", "After");
        assertThat(table)
                .contains(
                        "latency p50",
                        "latency p99",
                        "latency max",
                        "p99 against the baseline",
                        "served, of 10/s allowed",
                        "Busy threads",
                        "asleep",
                        "sent",
                        "processed",
                        "Out of order",
                        "Lost",
                        "Duplicated");
        assertThat(table.lines().map(String::length).distinct()).hasSize(1);
    }
}
