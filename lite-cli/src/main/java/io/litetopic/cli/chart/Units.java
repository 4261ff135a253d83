package io.litetopic.cli.chart;

import java.util.Locale;

/** Figures as people read them: three significant digits and a unit. */
public final class Units {
    private Units() {}

    /** A duration: {@code 4.21 ms}, {@code 421 ms}, {@code 4.2 s}. */
    public static String millis(double millis) {
        if (millis >= 10_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000);
        }
        if (millis >= 1000) {
            return String.format(Locale.ROOT, "%.2f s", millis / 1000);
        }
        return String.format(Locale.ROOT, millis >= 100 ? "%.0f ms" : "%.1f ms", millis);
    }

    /** A rate that somebody chose: {@code 10/s}, {@code 2.5/s}. */
    public static String chosenRate(double perSecond) {
        return perSecond == Math.rint(perSecond) ? String.format(Locale.ROOT, "%.0f/s", perSecond) : perSecond + "/s";
    }

    /** A rate that was measured: {@code 10.2/s}, {@code 10.0/s}. */
    public static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%.1f/s", perSecond);
    }

    /** A count with thousands separated: {@code 12,345}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** One decimal. */
    public static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** A factor: {@code 1.04×}, {@code 310×}. */
    public static String factor(double factor) {
        return String.format(Locale.ROOT, factor >= 10 ? "%.0f×" : "%.2f×", factor);
    }
}
