package io.litetopic.cli.demo.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Latencies of one class of tenants, from the time a request was due to the time its inference was done, in milliseconds.
 *
 * @param count requests behind the figures; with 0 all others are 0
 * @param curve the whole distribution, for drawing
 */
public record LatencySummary(
        long count,
        double p50Millis,
        double p90Millis,
        double p99Millis,
        double p999Millis,
        double maxMillis,
        List<Point> curve) {
    private static final int TICKS_PER_HALF_DISTANCE = 5;

    /**
     * One point of the percentile curve.
     *
     * @param percentile below 100
     */
    public record Point(double percentile, double millis) {}

    static LatencySummary of(Histogram micros) {
        List<Point> curve = new ArrayList<>();
        for (HistogramIterationValue value : micros.percentiles(TICKS_PER_HALF_DISTANCE)) {
            if (value.getPercentileLevelIteratedTo() < 100) {
                curve.add(new Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / 1000.0));
            }
        }
        return new LatencySummary(
                micros.getTotalCount(),
                millis(micros, 50),
                millis(micros, 90),
                millis(micros, 99),
                millis(micros, 99.9),
                micros.getMaxValue() / 1000.0,
                List.copyOf(curve));
    }

    static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }
}
