package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import java.util.ArrayList;
import java.util.List;

/** The tables for a terminal; also {@code report.txt}. */
public final class TextReport {
    private final BenchData data;

    public TextReport(BenchData data) {
        this.data = data;
    }

    /** Each line is ended by a line feed. */
    public String render() {
        StringBuilder text = new StringBuilder();
        Load load = null;
        for (Comparison comparison : Comparison.of(data)) {
            if (comparison.load() != load) {
                load = comparison.load();
                text.append("\n== ")
                        .append(load.key())
                        .append(": ")
                        .append(load.description())
                        .append("\n");
            }
            table(text, comparison);
        }
        text.append('\n');
        for (String omitted : data.omitted()) {
            text.append("Not run: ").append(omitted).append('\n');
        }
        text.append(verdict(data)).append('\n');
        return text.toString();
    }

    /** One sentence for each run that does not count, or one for all. */
    static String verdict(BenchData data) {
        if (data.isSound()) {
            return data.results().size() + " runs: nothing lost, nothing out of order, no duplicate without a crash.";
        }
        StringBuilder text = new StringBuilder();
        text.append(data.failures().size() + " of " + data.results().size() + " runs FAILED and are in no figure:");
        for (CaseResult result : data.failures()) {
            text.append("\n  ").append(failure(result));
        }
        return text.toString();
    }

    static String failure(CaseResult result) {
        return "%s, %s, %s, repetition %d: %s"
                .formatted(
                        result.load().key(),
                        result.caseName(),
                        result.contender().title(),
                        result.repetition(),
                        result.failure());
    }

    private static void table(StringBuilder text, Comparison comparison) {
        List<Cells.Line> lines = new ArrayList<>();
        int headings = comparison.contenders().stream()
                .mapToInt(contender -> contender.headings().size())
                .max()
                .orElse(0);
        for (int i = 0; i < headings; i++) {
            int line = i;
            lines.add(new Cells.Line(
                    i == 0 ? comparison.caseName() : "",
                    false,
                    comparison.contenders().stream()
                            .map(contender -> heading(contender, line))
                            .toList()));
        }
        lines.addAll(Cells.lines(comparison));
        int labelWidth =
                lines.stream().mapToInt(line -> line.label().length() + 2).max().orElse(0);
        int valueWidth = lines.stream()
                .flatMap(line -> line.values().stream())
                .mapToInt(String::length)
                .max()
                .orElse(0);
        text.append('\n');
        for (Cells.Line line : lines) {
            String label = line.ratio() ? "  " + line.label() : line.label();
            text.append(label).append(" ".repeat(labelWidth - label.length()));
            for (String value : line.values()) {
                text.append("   ")
                        .append(" ".repeat(valueWidth - value.length()))
                        .append(value);
            }
            text.append('\n');
        }
    }

    private static String heading(Contender contender, int line) {
        return line < contender.headings().size() ? contender.headings().get(line) : "";
    }
}
