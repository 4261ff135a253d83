package io.litetopic.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Maps values to positions between 0 and 1, with labelled ticks. Values outside are held at the ends.
 *
 * @param ticks in ascending order
 */
public record Axis(double min, double max, boolean logarithmic, List<Tick> ticks) {
    private static final int ABOUT_TICKS = 5;

    public record Tick(double value, String label) {}

    /** From 0 to a round number not below {@code max}. */
    public static Axis linear(double max, DoubleFunction<String> label) {
        double step = roundStep(Math.max(max, 1e-9) / ABOUT_TICKS);
        int steps = (int) Math.ceil(max / step - 1e-9);
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i <= Math.max(1, steps); i++) {
            ticks.add(new Tick(i * step, label.apply(i * step)));
        }
        return new Axis(0, ticks.get(ticks.size() - 1).value(), false, List.copyOf(ticks));
    }

    /** Over whole decades that hold both values, which must be positive. */
    public static Axis decades(double min, double max, DoubleFunction<String> label) {
        int first = (int) Math.floor(Math.log10(min) + 1e-9);
        int last = Math.max(first + 1, (int) Math.ceil(Math.log10(max) - 1e-9));
        List<Tick> ticks = new ArrayList<>();
        for (int exponent = first; exponent <= last; exponent++) {
            double value = Math.pow(10, exponent);
            ticks.add(new Tick(value, label.apply(value)));
        }
        return new Axis(Math.pow(10, first), Math.pow(10, last), true, List.copyOf(ticks));
    }

    /** Percentiles from 0 to 99.99, stretched towards 100 like the tail that they describe. The unit is 1 / (1 - p). */
    public static Axis percentiles(double highest) {
        List<Tick> ticks = new ArrayList<>();
        for (String percentile : List.of("0", "90", "99", "99.9", "99.99")) {
            double value = Double.parseDouble(percentile);
            ticks.add(new Tick(tail(value), percentile + " %"));
            if (value >= highest) {
                break;
            }
        }
        return new Axis(1, ticks.get(ticks.size() - 1).value(), true, List.copyOf(ticks));
    }

    /** Where a percentile lies on the axis of {@link #percentiles}. */
    public static double tail(double percentile) {
        return 1 / (1 - percentile / 100);
    }

    public double position(double value) {
        double held = Math.max(min, Math.min(max, value));
        return logarithmic ? Math.log(held / min) / Math.log(max / min) : (held - min) / (max - min);
    }

    private static double roundStep(double atLeast) {
        double decade = Math.pow(10, Math.floor(Math.log10(atLeast)));
        for (double factor : new double[] {1, 2, 4, 5}) {
            if (decade * factor >= atLeast - 1e-12) {
                return decade * factor;
            }
        }
        return decade * 10;
    }
}
