package io.litetopic.cli.demo.report;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * All that a report is made of.
 *
 * @param results in order of {@link RunKind}, at least one
 * @param environment name to value, in the order in which they are shown
 * @param finishedAt when the demo ended, ISO 8601
 */
public record ReportData(
        LoadProfile profile, List<RunResult> results, Map<String, String> environment, String finishedAt) {

    public Optional<RunResult> result(RunKind kind) {
        return results.stream().filter(result -> result.kind() == kind).findFirst();
    }

    /** The p99 latency of well-behaved tenants in that run, divided by the baseline's; empty unless both were run. */
    public OptionalDouble p99Ratio(RunKind kind) {
        Optional<RunResult> run = result(kind);
        Optional<RunResult> baseline = result(RunKind.BASELINE);
        if (run.isEmpty() || baseline.isEmpty() || baseline.get().wellBehaved().p99Millis() == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(run.get().wellBehaved().p99Millis()
                / baseline.get().wellBehaved().p99Millis());
    }

    /** Whether every run was complete and in order. */
    public boolean isSound() {
        return results.stream().allMatch(RunResult::isSound);
    }
}
