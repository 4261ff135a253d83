package io.litetopic.cli.demo.report;

import io.litetopic.cli.chart.Axis;
import io.litetopic.cli.chart.LineChart;
import io.litetopic.cli.chart.LineChart.Point;
import io.litetopic.cli.chart.LineChart.Series;
import io.litetopic.cli.chart.LineChart.Style;
import io.litetopic.cli.chart.Units;
import io.litetopic.cli.demo.measure.LatencySummary;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import io.litetopic.cli.demo.measure.RunResult.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The charts of the report. Charts of the same kind share their axes, so that they can be compared at a glance. */
final class ReportCharts {
    private static final double LOWEST_MILLIS = 1;
    private static final double HIGHEST_PERCENTILE = 99.9;
    private static final String SECONDS = "seconds into the measured window";

    private final ReportData data;
    private final Axis time;

    ReportCharts(ReportData data) {
        this.data = data;
        this.time = Axis.linear(data.profile().window().toMillis() / 1000.0, ReportCharts::plain);
    }

    /** One chart per run: latency over time, per class of tenants. */
    List<String> latencyOverTime() {
        double[] all = data.results().stream()
                .flatMap(result -> result.intervals().stream())
                .flatMap(interval -> Stream.of(
                        interval.wellBehavedP50Millis(), interval.wellBehavedP99Millis(), interval.floodingP50Millis()))
                .filter(Objects::nonNull)
                .mapToDouble(millis -> Math.max(LOWEST_MILLIS, millis))
                .toArray();
        double min = DoubleStream.of(all).min().orElse(LOWEST_MILLIS);
        double max = DoubleStream.of(all).max().orElse(1000);
        Axis latency = Axis.decades(min, max, ReportCharts::latencyLabel);
        return data.results().stream()
                .map(result -> latencyChart(result, latency))
                .toList();
    }

    private String latencyChart(RunResult result, Axis latency) {
        LineChart chart = new LineChart(result.kind().title(), time, SECONDS, latency, "latency, by time of request");
        String colour = result.kind().key();
        if (result.kind().withFlooding()) {
            chart.add(
                    series("flooding p50", "muted", Style.DASHED, result, Interval::floodingP50Millis, Units::millis));
        }
        chart.add(
                series("well-behaved p50", colour, Style.THIN, result, Interval::wellBehavedP50Millis, Units::millis));
        chart.add(
                series("well-behaved p99", colour, Style.LINE, result, Interval::wellBehavedP99Millis, Units::millis));
        return chart.toHtml();
    }

    /** Latency of well-behaved tenants by percentile, all runs in one. */
    String percentiles() {
        double[] all = data.results().stream()
                .flatMap(result -> result.wellBehaved().curve().stream())
                .mapToDouble(point -> Math.max(LOWEST_MILLIS, point.millis()))
                .toArray();
        Axis latency = Axis.decades(
                DoubleStream.of(all).min().orElse(LOWEST_MILLIS),
                DoubleStream.of(all).max().orElse(1000),
                ReportCharts::latencyLabel);
        Axis percentile = Axis.percentiles(HIGHEST_PERCENTILE);
        LineChart chart = new LineChart(
                "How many see what", percentile, "share of well-behaved requests", latency, "latency up to");
        for (RunResult result : data.results()) {
            List<Point> points = result.wellBehaved().curve().stream()
                    .filter(point -> point.percentile() <= HIGHEST_PERCENTILE)
                    .map(point -> new Point(Axis.tail(point.percentile()), point.millis(), hint(result.kind(), point)))
                    .toList();
            chart.add(new Series(result.kind().title(), result.kind().key(), Style.LINE, points));
        }
        return chart.toHtml();
    }

    /** Requests served per flooding tenant and second, against the allowance. */
    String floodingRate() {
        double allowance = data.profile().allowance();
        double highest = data.results().stream()
                .flatMap(result -> result.intervals().stream())
                .mapToDouble(Interval::floodingRate)
                .max()
                .orElse(0);
        LineChart chart = new LineChart(
                "Flooding tenants: what they get",
                time,
                SECONDS,
                Axis.linear(Math.max(highest, allowance * 1.5), ReportCharts::plain),
                "served per tenant and second");
        chart.add(horizontal("allowance", allowance));
        for (RunResult result : data.results()) {
            if (result.kind().withFlooding()) {
                chart.add(series(
                        result.kind().title(),
                        result.kind().key(),
                        Style.LINE,
                        result,
                        Interval::floodingRate,
                        Units::rate));
            }
        }
        return chart.toHtml();
    }

    /** Consumer threads in the listener. */
    String busyThreads() {
        LineChart chart = new LineChart(
                "Busy consumer threads",
                time,
                SECONDS,
                Axis.linear(data.profile().workers(), ReportCharts::plain),
                "threads in the listener, of " + data.profile().workers());
        for (RunResult result : data.results()) {
            String colour = result.kind().key();
            String title = result.kind().title();
            if (result.meanSleepingThreads() > 0) {
                chart.add(series(
                        title + ", asleep", colour, Style.AREA, result, Interval::sleepingThreads, Units::decimal));
            }
            chart.add(series(title, colour, Style.LINE, result, Interval::busyThreads, Units::decimal));
        }
        return chart.toHtml();
    }

    private Series horizontal(String label, double value) {
        return new Series(
                label,
                "muted",
                Style.DASHED,
                List.of(new Point(time.min(), value, ""), new Point(time.max(), value, "")));
    }

    private static Series series(
            String label,
            String colour,
            Style style,
            RunResult result,
            Function<Interval, @Nullable Double> figure,
            Function<Double, String> unit) {
        List<Point> points = result.intervals().stream()
                .map(interval -> {
                    Double value = figure.apply(interval);
                    double middle = interval.startSeconds() + interval.lengthSeconds() / 2;
                    String hint = value == null
                            ? ""
                            : String.format(Locale.ROOT, "%.1f s: %s %s", middle, label, unit.apply(value));
                    return new Point(middle, value, hint);
                })
                .toList();
        return new Series(label, colour, style, points);
    }

    private static String hint(RunKind kind, LatencySummary.Point point) {
        return String.format(
                Locale.ROOT, "%s: %.2f %% within %s", kind.title(), point.percentile(), Units.millis(point.millis()));
    }

    private static String latencyLabel(double millis) {
        return millis >= 1000 ? plain(millis / 1000) + " s" : plain(millis) + " ms";
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
