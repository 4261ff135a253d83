package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.measure.Spread;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Peer;
import io.litetopic.cli.chart.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The words in the tables, the same in the text and on the page. */
final class Cells {
    private static final String NONE = "-";
    private static final List<Peer> REFERENCES = List.of(Peer.FIFO, Peer.NATIVE);

    /** @param ratio whether it compares the row before it with a peer */
    record Line(String label, boolean ratio, List<String> values) {}

    private Cells() {}

    static List<Line> lines(Comparison comparison) {
        List<Line> lines = new ArrayList<>();
        for (Comparison.Row row : comparison.rows()) {
            String unit = row.unit().symbol();
            lines.add(new Line(
                    unit.isEmpty() ? row.name() : row.name() + " (" + unit + ")",
                    false,
                    comparison.contenders().stream()
                            .map(contender -> value(row.spreads().get(contender), comparison.repetitions()))
                            .toList()));
            for (Peer reference : REFERENCES) {
                if (row.hasRatio(reference)) {
                    lines.add(new Line(
                            "against " + (reference == Peer.FIFO ? "plain FIFO" : "native"),
                            true,
                            comparison.contenders().stream()
                                    .map(contender -> ratio(row, contender, reference))
                                    .toList()));
                }
            }
        }
        return lines;
    }

    /** Says so where runs are missing: they failed, or the figure is not in each. */
    private static String value(@Nullable Spread spread, int repetitions) {
        if (spread == null) {
            return NONE;
        }
        String median = number(spread.median());
        String missing = spread.count() < repetitions ? " (" + spread.count() + " of " + repetitions + ")" : "";
        return spread.count() == 1
                ? median + missing
                : median + String.format(Locale.ROOT, " ±%.0f %%", 100 * spread.relative()) + missing;
    }

    private static String ratio(Comparison.Row row, Contender contender, Peer reference) {
        return row.ratio(contender, reference).map(Units::factor).orElse(NONE);
    }

    /** Three significant digits, or more if it is a large number. */
    static String number(double value) {
        double size = Math.abs(value);
        String pattern = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 || size == 0 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, pattern, value);
    }
}
