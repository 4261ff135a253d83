package io.litetopic.it.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** What a run has shown, as a Markdown table: a line per kind of fault. */
final class FaultReport {
    private FaultReport() {}

    static String table(Checker checker) {
        StringBuilder text = new StringBuilder(
                "| fault | count | no delivery for, ms (median / max) | longest wait, ms (median / max)"
                        + " | normal again after, ms (median / max) |");
        for (Finding finding : Finding.values()) {
            text.append(' ').append(finding.label()).append(" |");
        }
        text.append("\n|").append("---|".repeat(5 + Finding.values().length)).append('\n');
        for (FaultKind kind : FaultKind.values()) {
            List<FaultWindow> faults = checker.faults().stream()
                    .filter(fault -> fault.kind() == kind)
                    .toList();
            if (faults.isEmpty()) {
                continue;
            }
            text.append("| ").append(kind.label()).append(" | ").append(faults.size());
            text.append(" | ").append(medianAndMax(faults, FaultWindow::silenceMillis));
            text.append(" | ").append(medianAndMax(faults, FaultWindow::longestWaitMillis));
            text.append(" | ")
                    .append(medianAndMax(faults, FaultWindow::recoveryMillis))
                    .append(" |");
            for (Finding finding : Finding.values()) {
                int sum =
                        faults.stream().mapToInt(fault -> fault.number(finding)).sum();
                text.append(' ').append(sum).append(" |");
            }
            text.append('\n');
        }
        text.append("| all | ").append(checker.faults().size()).append(" | | | |");
        for (Finding finding : Finding.values()) {
            text.append(' ').append(checker.total(finding)).append(" |");
        }
        return text.append('\n').toString();
    }

    private static String medianAndMax(List<FaultWindow> faults, ToLongFunction<FaultWindow> millis) {
        List<Long> values = new ArrayList<>();
        int never = 0;
        for (FaultWindow fault : faults) {
            long value = millis.applyAsLong(fault);
            if (value < 0) {
                never++;
            } else {
                values.add(value);
            }
        }
        values.sort(null);
        String text = values.isEmpty() ? "-" : values.get(values.size() / 2) + " / " + values.get(values.size() - 1);
        return never == 0 ? text : text + " (never: " + never + ")";
    }
}
