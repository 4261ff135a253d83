package io.litetopic.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A chart as inline SVG. Colours come from the page's style sheet through the class names, so it follows light and dark. All
 * charts have the same size, so that text stays readable when several stand side by side and when one fills a phone.
 */
public final class LineChart {
    private static final int WIDTH = 400;
    private static final int HEIGHT = 270;
    private static final int LEFT = 52;
    private static final int RIGHT = 12;
    private static final int TOP = 26;
    private static final int BOTTOM = 36;

    /** How a series is drawn. */
    public enum Style {
        LINE("line"),
        THIN("line thin"),
        DASHED("line dashed"),
        AREA("area");

        private final String styleClass;

        Style(String styleClass) {
            this.styleClass = styleClass;
        }
    }

    /** @param y null interrupts the line */
    public record Point(double x, @Nullable Double y, String hint) {}

    /**
     * @param label for the legend; empty if it is not listed
     * @param colour style class that sets the colour
     */
    public record Series(String label, String colour, Style style, List<Point> points) {}

    private final String title;
    private final Axis x;
    private final String xLabel;
    private final Axis y;
    private final String yLabel;
    private final List<Series> series = new ArrayList<>();

    public LineChart(String title, Axis x, String xLabel, Axis y, String yLabel) {
        this.title = title;
        this.x = x;
        this.xLabel = xLabel;
        this.y = y;
        this.yLabel = yLabel;
    }

    /** Later series lie on top of earlier ones. */
    public LineChart add(Series added) {
        series.add(added);
        return this;
    }

    /** A {@code figure} element with heading, drawing and legend. */
    public String toHtml() {
        StringBuilder html = new StringBuilder();
        html.append("<figure class=\"chart\"><figcaption>")
                .append(Html.escape(title))
                .append("</figcaption>\n");
        html.append(format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, Html.escape(title)));
        drawAxes(html);
        series.forEach(drawn -> drawSeries(html, drawn));
        series.forEach(drawn -> drawHints(html, drawn));
        html.append("</svg>\n<div class=\"legend\">");
        for (Series listed : series) {
            if (!listed.label().isEmpty()) {
                html.append(format(
                        "<span class=\"%s\"><i class=\"%s\"></i>%s</span>",
                        listed.colour(), listed.style().styleClass, Html.escape(listed.label())));
            }
        }
        return html.append("</div></figure>\n").toString();
    }

    private void drawAxes(StringBuilder html) {
        for (Axis.Tick tick : y.ticks()) {
            html.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    top(tick.value()),
                    top(tick.value()),
                    LEFT - 7,
                    top(tick.value()) + 4,
                    Html.escape(tick.label())));
        }
        for (Axis.Tick tick : x.ticks()) {
            html.append(format(
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                            + "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    left(tick.value()),
                    left(tick.value()),
                    HEIGHT - BOTTOM,
                    HEIGHT - BOTTOM + 4,
                    left(tick.value()),
                    HEIGHT - BOTTOM + 16,
                    Html.escape(tick.label())));
        }
        html.append(format("<text class=\"axis\" x=\"0\" y=\"12\">%s</text>%n", Html.escape(yLabel)));
        html.append(format(
                "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                WIDTH - RIGHT, HEIGHT - 4, Html.escape(xLabel)));
    }

    private void drawSeries(StringBuilder html, Series drawn) {
        for (List<Point> piece : pieces(drawn.points())) {
            StringBuilder path = new StringBuilder();
            for (Point point : piece) {
                path.append(format("%s%.1f %.1f", path.length() == 0 ? "M" : "L", left(point.x()), top(point)));
            }
            if (drawn.style() == Style.AREA) {
                double bottom = HEIGHT - (double) BOTTOM;
                path.append(format(
                        "L%.1f %.1fL%.1f %.1fZ",
                        left(piece.get(piece.size() - 1).x()),
                        bottom,
                        left(piece.get(0).x()),
                        bottom));
            }
            html.append(format("<path class=\"%s %s\" d=\"%s\"/>%n", drawn.style().styleClass, drawn.colour(), path));
        }
    }

    /** Invisible discs that show a point's figures when the mouse is over them. */
    private void drawHints(StringBuilder html, Series drawn) {
        for (Point point : drawn.points()) {
            if (point.y() != null && !point.hint().isEmpty()) {
                html.append(format(
                        "<circle class=\"hint\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>%s</title></circle>%n",
                        left(point.x()), top(point), Html.escape(point.hint())));
            }
        }
    }

    private static List<List<Point>> pieces(List<Point> points) {
        List<List<Point>> pieces = new ArrayList<>();
        List<Point> piece = new ArrayList<>();
        for (Point point : points) {
            if (point.y() != null) {
                piece.add(point);
            } else if (!piece.isEmpty()) {
                pieces.add(piece);
                piece = new ArrayList<>();
            }
        }
        if (!piece.isEmpty()) {
            pieces.add(piece);
        }
        return pieces;
    }

    private double left(double value) {
        return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private double top(Point point) {
        return top(point.y() == null ? y.min() : point.y());
    }

    private double top(double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
