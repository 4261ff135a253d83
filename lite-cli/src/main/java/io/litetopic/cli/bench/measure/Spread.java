package io.litetopic.cli.bench.measure;

import java.util.Collection;

/**
 * The same figure of several repetitions.
 *
 * @param count repetitions, at least 1
 * @param median with an even count the mean of the two in the middle
 */
public record Spread(int count, double median, double min, double max) {

    /** @throws IllegalArgumentException if there are no values */
    public static Spread of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a spread needs at least one value, but there is none");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int upper = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
        return new Spread(sorted.length, median, sorted[0], sorted[sorted.length - 1]);
    }

    /** Half of the distance between the extremes, as a part of the median; 0 if the median is 0. */
    public double relative() {
        return median == 0 ? 0 : (max - min) / 2 / Math.abs(median);
    }
}
