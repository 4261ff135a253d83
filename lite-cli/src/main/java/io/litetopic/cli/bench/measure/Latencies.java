package io.litetopic.cli.bench.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * A distribution of latencies, in milliseconds.
 *
 * @param name what was waited for
 * @param count values behind it; with 0 all others are 0
 * @param curve the whole distribution, for drawing
 */
public record Latencies(
        String name,
        long count,
        double p50Millis,
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

    /** Collects them. Thread-safe. */
    public static final class Recorder {
        private static final int SIGNIFICANT_DIGITS = 3;

        private final Histogram micros = new Histogram(SIGNIFICANT_DIGITS); // guarded by this

        /** Negative ones, by clocks that differ in the last digit, count as 0. */
        public synchronized void record(long nanos) {
            micros.recordValue(Math.max(0, nanos / 1000));
        }

        public synchronized long count() {
            return micros.getTotalCount();
        }

        public synchronized Latencies summary(String name) {
            List<Point> curve = new ArrayList<>();
            for (HistogramIterationValue value : micros.percentiles(TICKS_PER_HALF_DISTANCE)) {
                if (value.getPercentileLevelIteratedTo() < 100) {
                    curve.add(new Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / 1000.0));
                }
            }
            return new Latencies(
                    name,
                    micros.getTotalCount(),
                    millis(50),
                    millis(99),
                    millis(99.9),
                    micros.getMaxValue() / 1000.0,
                    List.copyOf(curve));
        }

        private double millis(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1000.0;
        }
    }
}
