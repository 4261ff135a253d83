package io.litetopic.cli.demo.report;

import io.litetopic.cli.chart.Html;
import io.litetopic.cli.chart.StyleSheet;
import io.litetopic.cli.chart.Units;
import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report as one page that loads nothing else: cards, charts, table, words, configuration. */
final class HtmlPage {
    private final ReportData data;
    private final ReportCharts charts;
    private final Verdict verdict;

    HtmlPage(ReportData data) {
        this.data = data;
        this.charts = new ReportCharts(data);
        this.verdict = new Verdict(data);
    }

    String render() {
        LoadProfile profile = data.profile();
        StringBuilder html = new StringBuilder();
        html.append("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>LiteTopic demo: noisy neighbours</title>
                <style>
                """).append(StyleSheet.css()).append("""
                </style>
                </head>
                <body>
                <main>
                <h1>Noisy neighbours, with and without lite topics</h1>
                """);
        paragraph(html, "lead", verdict.isolation());
        paragraph(html, data.isSound() ? "sound" : "unsound", verdict.soundness());
        paragraph(
                html,
                "soft",
                ("An AI gateway in small: %d well-behaved tenants with %s each and %d flooding ones with %s each share %d"
                                + " consumer threads. The gateway allows each tenant %s. Every run gets the same requests at"
                                + " the same times.")
                        .formatted(
                                profile.wellBehavedTenants(),
                                Units.chosenRate(profile.wellBehavedRate()),
                                profile.floodingTenants(),
                                Units.chosenRate(profile.floodingRate()),
                                profile.workers(),
                                Units.chosenRate(profile.allowance())));
        group(html, data.results().stream().map(this::card).toList());

        html.append("<h2>Latency over time</h2>\n");
        paragraph(
                html,
                "soft",
                "From the time a request was meant to be sent until its answer, plotted at the time it was meant to be sent."
                        + " The scale is logarithmic and the same in all charts.");
        group(html, charts.latencyOverTime());

        html.append("<h2>Who gets what</h2>\n");
        group(html, List.of(charts.percentiles(), charts.floodingRate(), charts.busyThreads()));

        html.append("<h2>All figures</h2>\n");
        table(html);

        html.append("<h2>What happened</h2>\n");
        for (RunResult result : data.results()) {
            html.append("<p><strong>")
                    .append(result.kind().title())
                    .append(".</strong> ")
                    .append(Html.escape(verdict.story(result)))
                    .append("</p>\n");
        }

        html.append("<h2>How it was measured</h2>\n");
        method(html);
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private String card(RunResult result) {
        StringBuilder html = new StringBuilder();
        html.append("<section class=\"card ").append(result.kind().key()).append("\"><h3>");
        html.append(result.kind().title()).append("</h3><p class=\"how\">");
        html.append(Html.escape(result.kind().description())).append("</p><p class=\"figure\">");
        html.append(Units.millis(result.wellBehaved().p99Millis()));
        html.append("</p><p class=\"unit\">p99 latency of well-behaved tenants</p><ul>");
        if (result.kind() != RunKind.BASELINE) {
            data.p99Ratio(result.kind()).ifPresent(ratio -> item(html, "against the baseline", Units.factor(ratio)));
        }
        item(html, "p50", Units.millis(result.wellBehaved().p50Millis()));
        item(html, "worst", Units.millis(result.wellBehaved().maxMillis()));
        item(
                html,
                "lost / out of order",
                Units.count(result.delivery().lost()) + " / "
                        + Units.count(result.delivery().outOfOrder()));
        return html.append("</ul></section>\n").toString();
    }

    private void table(StringBuilder html) {
        html.append("<div class=\"scroll\"><table><thead><tr><th></th>");
        data.results()
                .forEach(result -> html.append("<th class=\"")
                        .append(result.kind().key())
                        .append("\">")
                        .append(result.kind().title())
                        .append("</th>"));
        html.append("</tr></thead><tbody>\n");
        for (SummaryTable.Row row : new SummaryTable(data).rows()) {
            html.append("<tr><th>").append(Html.escape(row.label())).append("</th>");
            row.values()
                    .forEach(value ->
                            html.append("<td>").append(Html.escape(value)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private void method(StringBuilder html) {
        LoadProfile profile = data.profile();
        paragraph(
                html,
                "",
                "Producers send by a schedule that is fixed in advance and do not wait for answers, and a latency counts from"
                        + " the scheduled time, so a slow system cannot hide behind a slowed load. Requests that were still"
                        + " waiting when the window closed are counted with the latency they had when they were served in the"
                        + " drain, in which allowances are lifted and the simulated inference takes no time. Order, loss and"
                        + " duplicates are checked for every request, warm-up and drain included. The plain FIFO run uses the official"
                        + " push consumer with its default settings and the same number of threads and queues.");
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "Window",
                profile.window().toSeconds() + " s per run, after "
                        + profile.warmUp().toSeconds() + " s of warm-up");
        facts.put(
                "Load",
                "Poisson; %d × %s and %d × %s"
                        .formatted(
                                profile.wellBehavedTenants(),
                                Units.chosenRate(profile.wellBehavedRate()),
                                profile.floodingTenants(),
                                Units.chosenRate(profile.floodingRate())));
        facts.put("Allowance", Units.chosenRate(profile.allowance()) + " per tenant, bursts of " + profile.burst());
        facts.put(
                "Inference",
                "log-normal, median %d ms, sigma %s, at most %d ms"
                        .formatted(
                                profile.medianInference().toMillis(),
                                profile.inferenceSigma(),
                                profile.maxInference().toMillis()));
        facts.put("Seed", Long.toString(profile.seed()));
        facts.putAll(data.environment());
        facts.put("Finished", data.finishedAt());
        html.append("<dl>\n");
        facts.forEach((name, value) -> html.append("<dt>")
                .append(Html.escape(name))
                .append("</dt><dd>")
                .append(Html.escape(value))
                .append("</dd>\n"));
        html.append("</dl>\n");
    }

    private static void group(StringBuilder html, List<String> parts) {
        html.append("<div class=\"grid3\">\n");
        parts.forEach(html::append);
        html.append("</div>\n");
    }

    private static void item(StringBuilder html, String name, String value) {
        html.append("<li><span>").append(name).append("</span>").append(value).append("</li>");
    }

    private static void paragraph(StringBuilder html, String styleClass, String text) {
        html.append("<p class=\"")
                .append(styleClass)
                .append("\">")
                .append(Html.escape(text))
                .append("</p>\n");
    }
}
