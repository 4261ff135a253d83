package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.ClientKind;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.SystemKind;
import java.util.List;
import java.util.Map;

/** Results as they could be. */
final class BenchFixture {
    static final Contender OURS = new Contender(SystemKind.OURS_CLUSTER, ClientKind.SDK);
    static final Contender OURS_LOCAL = new Contender(SystemKind.OURS_LOCAL, ClientKind.SDK);
    static final Contender FIFO = new Contender(SystemKind.FIFO_CLUSTER, ClientKind.OFFICIAL);
    static final Contender NATIVE = new Contender(SystemKind.NATIVE, ClientKind.OFFICIAL);

    private BenchFixture() {}

    static BenchData data(CaseResult... results) {
        return new BenchData(
                true,
                2,
                List.of(results),
                List.of("resume, plain FIFO: cannot <suspend>"),
                Map.of("Machine", "2 processors & a fan"),
                "2026-01-01T00:00:00Z",
                "2026-01-01T01:00:00Z");
    }

    static CaseResult throughput(Contender contender, int repetition, double value) {
        return new CaseResult(
                Load.THROUGHPUT,
                "100 lite topics",
                contender,
                repetition,
                List.of(new Figure("throughput", Figure.Unit.MESSAGES_PER_SECOND, value)),
                List.of(new Latencies(
                        "latency at 200 msg/s",
                        10,
                        1.5,
                        value / 10,
                        9,
                        10,
                        List.of(new Latencies.Point(50, 1.5), new Latencies.Point(99, value / 10)))),
                new DeliveryLedger.Totals(10, 10, 10, 0, 0, 0),
                null);
    }

    static CaseResult failed(Contender contender) {
        return new CaseResult(
                Load.DRAIN, "100 lite topics", contender, 1, List.of(), List.of(), null, "lost <1> message");
    }
}
