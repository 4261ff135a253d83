package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.model.CaseResult;
import java.util.List;
import java.util.Map;

/**
 * Everything that came out; {@code results.json} as it is.
 *
 * @param quick whether the loads were too small for publication
 * @param results in the order of the runs
 * @param omitted what was not run, and why
 * @param environment versions and machine, by name
 * @param startedAt UTC, as is {@code finishedAt}
 */
public record BenchData(
        boolean quick,
        int repetitions,
        List<CaseResult> results,
        List<String> omitted,
        Map<String, String> environment,
        String startedAt,
        String finishedAt) {

    /** Whether every run counts. */
    public boolean isSound() {
        return failures().isEmpty();
    }

    /** The runs that do not count. */
    public List<CaseResult> failures() {
        return results.stream().filter(result -> !result.isSound()).toList();
    }
}
