package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Spread;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One case of a load, all contenders side by side. Only runs that count are in it.
 *
 * @param contenders the columns
 * @param repetitions how many values each cell should have
 */
public record Comparison(Load load, String caseName, List<Contender> contenders, List<Row> rows, int repetitions) {

    /** A figure; {@code spreads} has an entry for each contender that has it. */
    public record Row(String name, Figure.Unit unit, Map<Contender, Spread> spreads) {

        /** The median of a contender as a multiple of that of the peer in the same mode; empty if one of them lacks it. */
        public Optional<Double> ratio(Contender contender, Peer to) {
            Spread own = spreads.get(contender);
            if (own == null || contender.system().peer() == to || !unit.hasRatio()) {
                return Optional.empty();
            }
            double ownMedian = own.median();
            return spreads.entrySet().stream()
                    .filter(entry -> entry.getKey().system().peer() == to
                            && entry.getKey().system().mode()
                                    == contender.system().mode())
                    .map(entry -> entry.getValue().median())
                    .filter(other -> other != 0)
                    .map(other -> ownMedian / other)
                    .findFirst();
        }

        /** Whether some contender can be compared with that peer. */
        public boolean hasRatio(Peer to) {
            return spreads.keySet().stream()
                    .anyMatch(contender -> ratio(contender, to).isPresent());
        }
    }

    /** One for each case of each load, in the order of the runs. */
    public static List<Comparison> of(BenchData data) {
        Map<String, List<CaseResult>> byCase = new LinkedHashMap<>();
        for (CaseResult result : data.results()) {
            if (result.isSound()) {
                byCase.computeIfAbsent(result.load().key() + '/' + result.caseName(), key -> new ArrayList<>())
                        .add(result);
            }
        }
        return byCase.values().stream()
                .map(results -> ofCase(results, data.repetitions()))
                .toList();
    }

    private static Comparison ofCase(List<CaseResult> results, int repetitions) {
        List<Contender> contenders = Contender.all().stream()
                .filter(contender ->
                        results.stream().anyMatch(result -> result.contender().equals(contender)))
                .toList();
        Map<String, Figure.Unit> names = new LinkedHashMap<>();
        results.stream()
                .flatMap(result -> result.figures().stream())
                .forEach(figure -> names.putIfAbsent(figure.name(), figure.unit()));
        List<Row> rows = new ArrayList<>();
        names.forEach((name, unit) -> {
            Map<Contender, Spread> spreads = new LinkedHashMap<>();
            for (Contender contender : contenders) {
                List<Double> values = values(results, contender, name).toList();
                if (!values.isEmpty()) {
                    spreads.put(contender, Spread.of(values));
                }
            }
            rows.add(new Row(name, unit, spreads));
        });
        CaseResult first = results.get(0);
        return new Comparison(first.load(), first.caseName(), contenders, rows, repetitions);
    }

    private static Stream<Double> values(List<CaseResult> results, Contender contender, String name) {
        return results.stream()
                .filter(result -> result.contender().equals(contender))
                .flatMap(result -> result.figures().stream())
                .filter(figure -> figure.name().equals(name))
                .map(Figure::value);
    }
}
