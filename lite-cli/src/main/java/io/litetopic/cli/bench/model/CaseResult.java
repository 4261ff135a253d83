package io.litetopic.cli.bench.model;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Latencies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came out of one run. Travels as JSON.
 *
 * @param repetition from 1
 * @param delivery null if the run ended before it was checked
 * @param failure why the run does not count; null if it does
 */
public record CaseResult(
        Load load,
        String caseName,
        Contender contender,
        int repetition,
        List<Figure> figures,
        List<Latencies> latencies,
        DeliveryLedger.@Nullable Totals delivery,
        @Nullable String failure) {

    /** One that did not come to figures. */
    public static CaseResult failed(Load load, String caseName, Contender contender, int repetition, String failure) {
        return new CaseResult(load, caseName, contender, repetition, List.of(), List.of(), null, failure);
    }

    public boolean isSound() {
        return failure == null;
    }
}
