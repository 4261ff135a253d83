package io.litetopic.cli.bench.report;

import io.litetopic.cli.bench.CaseResult;
import io.litetopic.cli.bench.Contender;
import io.litetopic.cli.bench.Load;
import io.litetopic.cli.bench.Peer;
import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.Spread;
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
 */
public record Comparison(Load load, String caseName, List<Contender> contenders, List<Row> rows) {

    /** A figure; {@code spreads} has an entry for each contender that has it. */
    public record Row(String name, Figure.Unit unit, Map<Contender, Spread> spreads) {

        /** The median of a contender as a multiple of that of the peer in the same mode; empty if one of them lacks it. */
        public Optional<Double> ratio(Contender contender, Peer to) {
            Spread own = spreads.get(contender);
            if (own == null || contender.system().peer() == to) {
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
        return byCase.values().stream().map(Comparison::ofCase).toList();
    }

    private static Comparison ofCase(List<CaseResult> results) {
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
        return new Comparison(first.load(), first.caseName(), contenders, rows);
    }

    private static Stream<Double> values(List<CaseResult> results, Contender contender, String name) {
        return results.stream()
                .filter(result -> result.contender().equals(contender))
                .flatMap(result -> result.figures().stream())
                .filter(figure -> figure.name().equals(name))
                .map(Figure::value);
    }
}
