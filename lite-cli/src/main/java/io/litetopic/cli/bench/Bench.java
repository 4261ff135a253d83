package io.litetopic.cli.bench;

import io.litetopic.cli.bench.report.BenchData;
import io.litetopic.testkit.ClusterStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * All runs, in an order in which what changes with time (heat, neighbours, caches of the machine) meets all systems alike: load by
 * load, and repetition by repetition each system in turn. Each system is started anew for each of them, alone on the machine.
 */
public final class Bench {
    private static final int LOG_TAIL_LINES = 20;

    private final BenchOptions options;
    private final Map<String, String> environment;
    private final BenchProgress progress;

    /** @param environment what the report says about versions and the machine */
    public Bench(BenchOptions options, Map<String, String> environment, BenchProgress progress) {
        this.options = options;
        this.environment = environment;
        this.progress = progress;
    }

    /** Blocks until all runs are done and all processes are stopped. */
    public BenchData run() throws IOException, InterruptedException {
        String startedAt = now();
        Path logs = Files.createDirectories(options.report().resolve("logs"));
        LoadProcess loadProcess = new LoadProcess(logs);
        List<CaseResult> results = new ArrayList<>();
        Set<String> omitted = new TreeSet<>();
        List<SystemKind> systems = Arrays.stream(SystemKind.values())
                .filter(system -> options.peers().contains(system.peer())
                        && options.modes().contains(system.mode()))
                .toList();
        for (Load load : options.loads()) {
            progress.load(load);
            for (int repetition = 1; repetition <= options.repetitions(); repetition++) {
                for (SystemKind system : systems) {
                    List<Contender> contenders = contenders(system, load, repetition, omitted);
                    if (!contenders.isEmpty()) {
                        results.addAll(runAll(load, repetition, system, contenders, loadProcess, omitted));
                    }
                }
            }
        }
        return new BenchData(
                options.quick(),
                options.repetitions(),
                List.copyOf(results),
                List.copyOf(omitted),
                environment,
                startedAt,
                now());
    }

    private static List<Contender> contenders(
            SystemKind system, Load load, int repetition, Set<String> omitted) {
        List<Contender> contenders = new ArrayList<>();
        for (ClientKind client : system.clients()) {
            Contender contender = new Contender(system, client);
            load.obstacle(contender)
                    .ifPresentOrElse(
                            obstacle -> omitted.add(load.key() + ", " + contender.title() + ": " + obstacle),
                            () -> contenders.add(contender));
        }
        if (repetition % 2 == 0) {
            Collections.reverse(contenders); // whoever comes second meets warmer servers
        }
        return contenders;
    }

    private List<CaseResult> runAll(
            Load load,
            int repetition,
            SystemKind system,
            List<Contender> contenders,
            LoadProcess loadProcess,
            Set<String> omitted)
            throws IOException, InterruptedException {
        List<LoadCase> cases = load.cases(options.quick());
        Map<Contender, List<BenchCluster.Place>> places = places(cases, contenders);
        List<CaseResult> results = new ArrayList<>();
        progress.starting(system);
        try (BenchCluster cluster = BenchCluster.start(
                system, places.values().stream().flatMap(List::stream).toList())) {
            for (int i = 0; i < cases.size(); i++) {
                for (Contender contender : able(load, cases.get(i), contenders, omitted)) {
                    CaseSpec spec = cluster.spec(
                            load, cases.get(i), contender, repetition, places.get(contender).get(i));
                    progress.begin(spec, options.repetitions());
                    CaseResult result = loadProcess.run(spec, progress::say, cluster::restartProxy);
                    results.add(result);
                    progress.end(result);
                    if (!result.isSound()) {
                        Files.writeString(
                                options.report().resolve("logs").resolve("servers-" + load.key() + "-" + results.size()
                                        + "-" + system.name().toLowerCase(Locale.ROOT) + ".log"),
                                cluster.logTail(LOG_TAIL_LINES));
                    }
                }
            }
        } catch (ClusterStartException e) {
            progress.failed(system, e);
            for (LoadCase loadCase : cases) {
                for (Contender contender : contenders) {
                    results.add(new CaseResult(
                            load,
                            loadCase.name(),
                            contender,
                            repetition,
                            List.of(),
                            List.of(),
                            null,
                            "a server did not start: " + e.getMessage().lines().findFirst().orElse("")));
                }
            }
        }
        return results;
    }

    private static List<Contender> able(
            Load load, LoadCase loadCase, List<Contender> contenders, Set<String> omitted) {
        List<Contender> able = new ArrayList<>();
        for (Contender contender : contenders) {
            load.obstacle(contender, loadCase)
                    .ifPresentOrElse(
                            obstacle -> omitted.add("%s, %s, %s: %s"
                                    .formatted(load.key(), loadCase.name(), contender.title(), obstacle)),
                            () -> able.add(contender));
        }
        return able;
    }

    private static Map<Contender, List<BenchCluster.Place>> places(List<LoadCase> cases, List<Contender> contenders) {
        Map<Contender, List<BenchCluster.Place>> places = new LinkedHashMap<>();
        for (Contender contender : contenders) {
            List<BenchCluster.Place> ofContender = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                String topic = "bench-" + contender.client().name().toLowerCase(Locale.ROOT) + "-" + i;
                ofContender.add(
                        new BenchCluster.Place(topic, topic + "-workers", cases.get(i).subscribing() == LoadCase.Subscribing.NONE));
            }
            places.put(contender, ofContender);
        }
        return places;
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
