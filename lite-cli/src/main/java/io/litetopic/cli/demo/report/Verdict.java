package io.litetopic.cli.demo.report;

import io.litetopic.cli.chart.Units;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the figures say, in words. Every sentence follows from the results; a bad result is called bad. */
public final class Verdict {
    private final ReportData data;

    public Verdict(ReportData data) {
        this.data = data;
    }

    /** One or two sentences about the comparison, and one about completeness. */
    public String asText() {
        return isolation() + "\n" + soundness();
    }

    /** How much the flooding tenants cost the others. */
    String isolation() {
        String parts = data.results().stream()
                .map(result -> p99(result) + ratio(result.kind()) + circumstances(result.kind()))
                .collect(Collectors.joining("; "));
        return "99 % of the well-behaved tenants' requests are answered within " + parts + ".";
    }

    private String circumstances(RunKind kind) {
        return switch (kind) {
            case BASELINE -> " without flooding tenants";
            case BEFORE -> " with flooding tenants on a plain FIFO topic";
            case AFTER -> " with flooding tenants on lite topics";
        };
    }

    private String ratio(RunKind kind) {
        return kind != RunKind.BASELINE && data.p99Ratio(kind).isPresent()
                ? " (" + Units.factor(data.p99Ratio(kind).getAsDouble()) + ")"
                : "";
    }

    /** Whether every request of every run was processed, in order. */
    String soundness() {
        List<String> faults = new ArrayList<>();
        long requests = 0;
        long duplicated = 0;
        for (RunResult result : data.results()) {
            requests += result.delivery().accepted();
            duplicated += result.delivery().duplicated();
            if (!result.isSound()) {
                faults.add("%s: %s lost, %s out of order, %s sends failed"
                        .formatted(
                                result.kind().title(),
                                Units.count(result.delivery().lost()),
                                Units.count(result.delivery().outOfOrder()),
                                Units.count(result.sendFailures())));
            }
        }
        if (faults.isEmpty()) {
            return "All %s requests were processed: none lost, none out of order, %s duplicated."
                    .formatted(Units.count(requests), Units.count(duplicated));
        }
        return "NOT SOUND. " + String.join("; ", faults) + ".";
    }

    /** What happened in one run. */
    String story(RunResult result) {
        String waiting = "%s of their requests were waiting or in work when the window closed"
                .formatted(Units.count(result.waitingAtClose()));
        String threads = "On average %s of %d consumer threads were busy"
                .formatted(
                        Units.decimal(result.meanBusyThreads()), data.profile().workers());
        return switch (result.kind()) {
            case BASELINE ->
                "Only the %d well-behaved tenants send. Half of their requests are answered within %s, 99 %% within %s; %s. %s. This is what the other two runs are measured against."
                        .formatted(
                                data.profile().wellBehavedTenants(),
                                Units.millis(result.wellBehaved().p50Millis()),
                                p99(result),
                                waiting,
                                threads);
            case BEFORE ->
                "A message group is a tenant, so the order is right, but message groups share queues: a listener that sleeps until a flooding tenant may go on holds back everyone behind it in the queue. Half of the well-behaved requests are answered within %s, 99 %% within %s; %s. %s, %s of them asleep. Requests still waiting at the end were served only because the demo then lifts all allowances, so these latencies are lower bounds."
                        .formatted(
                                Units.millis(result.wellBehaved().p50Millis()),
                                p99(result),
                                waiting,
                                threads,
                                Units.decimal(result.meanSleepingThreads()));
            case AFTER ->
                "Every tenant has a lite topic. When a flooding tenant has used up its allowance, the listener returns at once with the exact time until the next request is allowed; that lite topic pauses, no thread waits, and the flood stays in its own mailbox. Half of the well-behaved requests are answered within %s, 99 %% within %s; %s. The flooding tenants got %s each, of %s allowed. %s, %s asleep."
                        .formatted(
                                Units.millis(result.wellBehaved().p50Millis()),
                                p99(result),
                                waiting,
                                Units.rate(result.meanFloodingRate()),
                                Units.chosenRate(data.profile().allowance()),
                                threads,
                                result.meanSleepingThreads() == 0
                                        ? "none"
                                        : Units.decimal(result.meanSleepingThreads()));
        };
    }

    private static String p99(RunResult result) {
        return Units.millis(result.wellBehaved().p99Millis());
    }
}
