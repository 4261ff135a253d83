package io.litetopic.cli.demo.report;

import io.litetopic.cli.chart.Units;
import io.litetopic.cli.demo.measure.LatencySummary;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The figures side by side: one column per run, for the terminal and the page alike. */
public final class SummaryTable {
    private static final String NONE = "-";

    /** One line: what it is, and a value per run. */
    public record Row(String label, List<String> values) {}

    private final ReportData data;

    public SummaryTable(ReportData data) {
        this.data = data;
    }

    public List<Row> rows() {
        String allowance = Units.chosenRate(data.profile().allowance());
        int workers = data.profile().workers();
        List<Row> rows = new ArrayList<>();
        rows.add(row("Well-behaved tenants: latency p50", latency(LatencySummary::p50Millis)));
        rows.add(row("Well-behaved tenants: latency p99", latency(LatencySummary::p99Millis)));
        rows.add(row("Well-behaved tenants: latency max", latency(LatencySummary::maxMillis)));
        rows.add(row("p99 against the baseline", result -> ratio(result.kind())));
        rows.add(row("Well-behaved requests waiting at the end", result -> Units.count(result.waitingAtClose())));
        rows.add(row("Flooding tenants: served, of " + allowance + " allowed", SummaryTable::floodingRate));
        rows.add(row("Busy threads, mean of " + workers, result -> Units.decimal(result.meanBusyThreads())));
        rows.add(row("Of them asleep", result -> Units.decimal(result.meanSleepingThreads())));
        rows.add(row("Requests sent", result -> Units.count(result.sent())));
        rows.add(row("Sends failed", result -> Units.count(result.sendFailures())));
        rows.add(row(
                "Requests processed", result -> Units.count(result.delivery().consumed())));
        rows.add(row("Out of order", result -> Units.count(result.delivery().outOfOrder())));
        rows.add(row("Lost", result -> Units.count(result.delivery().lost())));
        rows.add(row("Duplicated", result -> Units.count(result.delivery().duplicated())));
        return rows;
    }

    /** The table as text, with a heading, each line ended by a line feed. */
    public String asText() {
        List<Row> rows = new ArrayList<>();
        rows.add(row("", result -> result.kind().title()));
        rows.addAll(rows());
        int labelWidth =
                rows.stream().mapToInt(row -> row.label().length()).max().orElse(0);
        int valueWidth = rows.stream()
                .flatMap(row -> row.values().stream())
                .mapToInt(String::length)
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append(pad(row.label(), labelWidth, false));
            row.values().forEach(value -> text.append("   ").append(pad(value, valueWidth, true)));
            text.append('\n');
        }
        return text.toString();
    }

    private Row row(String label, Function<RunResult, String> value) {
        return new Row(label, data.results().stream().map(value).toList());
    }

    private String ratio(RunKind kind) {
        OptionalDouble ratio = data.p99Ratio(kind);
        return ratio.isPresent() ? Units.factor(ratio.getAsDouble()) : NONE;
    }

    private static Function<RunResult, String> latency(Function<LatencySummary, Double> figure) {
        return result -> result.wellBehaved().count() == 0 ? NONE : Units.millis(figure.apply(result.wellBehaved()));
    }

    private static String floodingRate(RunResult result) {
        return result.floodingRates().isEmpty() ? NONE : Units.rate(result.meanFloodingRate());
    }

    private static String pad(String text, int width, boolean right) {
        String space = " ".repeat(width - text.length());
        return right ? space + text : text + space;
    }
}
