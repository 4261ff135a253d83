package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.measure.Latencies;
import io.litetopic.cli.bench.measure.Spread;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.chart.Axis;
import io.litetopic.cli.chart.BarChart;
import io.litetopic.cli.chart.Html;
import io.litetopic.cli.chart.LineChart;
import io.litetopic.cli.chart.StyleSheet;
import io.litetopic.cli.chart.Units;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The report as one page that loads nothing else: for each case charts and the table, then what was not run and the method. */
final class BenchPage {
    private static final double LEAST_MILLIS = 0.1; // a logarithmic axis has no zero
    private static final double HIGHEST_PERCENTILE = 99.9;

    private final BenchData data;

    BenchPage(BenchData data) {
        this.data = data;
    }

    String render() {
        StringBuilder html = new StringBuilder();
        html.append("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>LiteTopic benchmarks</title>
                <style>
                """).append(StyleSheet.css()).append("""
                </style>
                </head>
                <body>
                <main>
                <h1>Lite topics, plain FIFO, native lite topics</h1>
                """);
        if (data.quick()) {
            paragraph(
                    html,
                    "lead",
                    "A quick run: it shows that everything works. Its figures are too short for conclusions.");
        }
        paragraph(html, data.isSound() ? "sound" : "unsound", TextReport.verdict(data));
        Load load = null;
        for (Comparison comparison : Comparison.of(data)) {
            if (comparison.load() != load) {
                load = comparison.load();
                html.append("<h2>").append(load.key()).append("</h2>\n");
                paragraph(html, "soft", load.description() + ".");
            }
            section(html, comparison);
        }
        method(html);
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private void section(StringBuilder html, Comparison comparison) {
        html.append("<h3>").append(Html.escape(comparison.caseName())).append("</h3>\n<div class=\"grid3\">\n");
        comparison.rows().stream().filter(BenchPage::isDrawn).forEach(row -> html.append(bars(comparison, row)));
        latencyNames(comparison).forEach(name -> html.append(percentiles(comparison, name)));
        html.append("</div>\n");
        table(html, comparison);
    }

    /** Percentiles have a chart of their own, and memory and single servers are for the table. */
    private static boolean isDrawn(Comparison.Row row) {
        return switch (row.unit()) {
            case MESSAGES_PER_SECOND, PERCENT_BUSY, SECONDS -> true;
            case CPU_MICROSECONDS_PER_MESSAGE, PERCENT_OF_A_CORE ->
                row.name().endsWith("servers") || row.name().endsWith("client");
            case MILLISECONDS -> row.name().endsWith("are handled");
            case MEBIBYTES, BYTES, COUNT -> false;
        };
    }

    private static String bars(Comparison comparison, Comparison.Row row) {
        BarChart chart = new BarChart(row.name() + ", " + row.unit().symbol()
                + (row.unit().moreIsBetter() ? " (more is better)" : " (less is better)"));
        for (Contender contender : comparison.contenders()) {
            Spread spread = row.spreads().get(contender);
            if (spread != null) {
                chart.add(new BarChart.Bar(
                        contender.title(),
                        colour(contender),
                        Math.max(0, spread.median()),
                        Math.max(0, spread.min()),
                        Math.max(0, spread.max()),
                        Cells.number(spread.median())));
            }
        }
        return chart.toHtml();
    }

    private Set<String> latencyNames(Comparison comparison) {
        Set<String> names = new LinkedHashSet<>();
        results(comparison).forEach(result -> result.latencies().forEach(latencies -> names.add(latencies.name())));
        return names;
    }

    /** One line per contender, of the repetition whose p99 is the median. */
    private String percentiles(Comparison comparison, String name) {
        List<LineChart.Series> series = new ArrayList<>();
        double least = Double.MAX_VALUE;
        double most = LEAST_MILLIS;
        for (Contender contender : comparison.contenders()) {
            List<Latencies> ofContender = results(comparison).stream()
                    .filter(result -> result.contender().equals(contender))
                    .flatMap(result -> result.latencies().stream())
                    .filter(latencies -> latencies.name().equals(name))
                    .sorted(Comparator.comparingDouble(Latencies::p99Millis))
                    .toList();
            if (!ofContender.isEmpty()) {
                Latencies shown = ofContender.get(ofContender.size() / 2);
                List<LineChart.Point> points = new ArrayList<>();
                for (Latencies.Point point : shown.curve()) {
                    double millis = Math.max(LEAST_MILLIS, point.millis());
                    least = Math.min(least, millis);
                    most = Math.max(most, millis);
                    points.add(new LineChart.Point(
                            Axis.tail(point.percentile()),
                            millis,
                            "%s: %s at %s %%"
                                    .formatted(
                                            contender.title(),
                                            Units.millis(point.millis()),
                                            Cells.number(point.percentile()))));
                }
                series.add(new LineChart.Series(contender.title(), colour(contender), LineChart.Style.LINE, points));
            }
        }
        LineChart chart = new LineChart(
                name,
                Axis.percentiles(HIGHEST_PERCENTILE),
                "percentile",
                Axis.decades(Math.min(least, most), most, Units::millis),
                "latency, logarithmic");
        series.forEach(chart::add);
        return chart.toHtml();
    }

    private List<CaseResult> results(Comparison comparison) {
        return data.results().stream()
                .filter(CaseResult::isSound)
                .filter(result ->
                        result.load() == comparison.load() && result.caseName().equals(comparison.caseName()))
                .toList();
    }

    private static void table(StringBuilder html, Comparison comparison) {
        html.append("<div class=\"scroll\"><table><thead><tr><th></th>");
        for (Contender contender : comparison.contenders()) {
            html.append("<th class=\"").append(colour(contender)).append("\">");
            html.append(String.join(
                    "<br>", contender.headings().stream().map(Html::escape).toList()));
            html.append("</th>");
        }
        html.append("</tr></thead><tbody>\n");
        for (Cells.Line line : Cells.lines(comparison)) {
            html.append(line.ratio() ? "<tr class=\"ratio\"><th>" : "<tr><th>")
                    .append(Html.escape(line.label()))
                    .append("</th>");
            line.values()
                    .forEach(value ->
                            html.append("<td>").append(Html.escape(value)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private void method(StringBuilder html) {
        html.append("<h2>How it was measured</h2>\n");
        paragraph(
                html,
                "",
                "Each system was started anew for each load and repetition, alone on the machine, with the same heap, and the"
                        + " systems took turns. The clients ran in a process of their own. Figures are medians of "
                        + data.repetitions()
                        + " repetitions, with half of the distance between the extremes; ratios compare medians of the same mode"
                        + " of the proxy. At fixed rates a latency counts from the time at which the message was to be sent."
                        + " Processor time is user and system time of whole processes, from /proc. Every run checks that"
                        + " nothing is lost, repeated without a crash, or out of order.");
        data.omitted().forEach(omitted -> paragraph(html, "soft", "Not run: " + omitted + "."));
        html.append("<dl>\n");
        data.environment().forEach((name, value) -> fact(html, name, value));
        fact(html, "Time", data.startedAt() + " to " + data.finishedAt());
        html.append("</dl>\n");
    }

    private static void fact(StringBuilder html, String name, String value) {
        html.append("<dt>")
                .append(Html.escape(name))
                .append("</dt><dd>")
                .append(Html.escape(value))
                .append("</dd>\n");
    }

    private static void paragraph(StringBuilder html, String styleClass, String text) {
        html.append("<p class=\"")
                .append(styleClass)
                .append("\">")
                .append(Html.escape(text))
                .append("</p>\n");
    }

    /** A style class of the style sheet. */
    private static String colour(Contender contender) {
        return "series" + Contender.all().indexOf(contender);
    }
}
