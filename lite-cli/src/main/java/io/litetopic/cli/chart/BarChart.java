package io.litetopic.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars as inline SVG, each with its name and its figure above it, and its spread as a thin line. */
public final class BarChart {
    private static final int WIDTH = 400;
    private static final int ROW = 44;
    private static final int BAR = 14;
    private static final int TEXT_DROP = 14;
    private static final int BAR_DROP = 20;

    /**
     * @param colour style class that sets the colour
     * @param value what the length shows, as are {@code min} and {@code max}; not negative
     * @param text what is written
     */
    public record Bar(String name, String colour, double value, double min, double max, String text) {}

    private final String title;
    private final List<Bar> bars = new ArrayList<>();

    public BarChart(String title) {
        this.title = title;
    }

    /** Below those added before. */
    public BarChart add(Bar bar) {
        bars.add(bar);
        return this;
    }

    /** A {@code figure} element. */
    public String toHtml() {
        double longest = Math.max(
                bars.stream()
                        .mapToDouble(bar -> Math.max(bar.value(), bar.max()))
                        .max()
                        .orElse(0),
                1e-9);
        StringBuilder html = new StringBuilder();
        html.append("<figure class=\"chart\"><figcaption>")
                .append(Html.escape(title))
                .append("</figcaption>\n");
        html.append(format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH, Math.max(1, bars.size()) * ROW, Html.escape(title)));
        for (int i = 0; i < bars.size(); i++) {
            draw(html, bars.get(i), i * ROW, longest);
        }
        return html.append("</svg></figure>\n").toString();
    }

    private static void draw(StringBuilder html, Bar bar, int top, double longest) {
        html.append(format(
                "<text x=\"0\" y=\"%d\">%s</text><text class=\"value\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                top + TEXT_DROP, Html.escape(bar.name()), WIDTH, top + TEXT_DROP, Html.escape(bar.text())));
        html.append(format(
                "<rect class=\"bar %s\" x=\"0\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"3\"/>%n",
                bar.colour(), top + BAR_DROP, WIDTH * bar.value() / longest, BAR));
        if (bar.max() > bar.min()) {
            int middle = top + BAR_DROP + BAR / 2;
            html.append(format(
                    "<line class=\"spread\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>%n",
                    WIDTH * bar.min() / longest, WIDTH * bar.max() / longest, middle, middle));
        }
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
