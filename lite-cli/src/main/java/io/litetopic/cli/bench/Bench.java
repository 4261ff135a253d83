package io.litetopic.cli.bench;

import io.litetopic.cli.bench.report.BenchData;
import io.litetopic.testkit.ClusterStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * All runs, in an order in which what changes with time (heat, neighbours, caches of the machine) meets all systems alike: load by
 * load, and repetition by repetition each system in turn. Each system is started anew for each of them, alone on the machine.
 */
public final class Bench {
    private static final int LOG_TAIL_LINES = 20;

    private final BenchOptions options;
    private final Map<String, String> environment;
    private final BenchProgress progress;
    private final Path logs;
    private final LoadProcess loadProcess;
    private final List<CaseResult> results = new ArrayList<>();
    private final Set<String> omitted = new TreeSet<>();

    /** @param environment what the report says about versions and the machine */
    public Bench(BenchOptions options, Map<String, String> environment, BenchProgress progress) {
        this.options = options;
        this.environment = environment;
        this.progress = progress;
        this.logs = options.report().resolve("logs");
        this.loadProcess = new LoadProcess(logs);
    }

    /**
     * Blocks until all runs are done and all processes are stopped. For one call.
     *
     * @param soFar gets what is there after each run, for those who do not want to wait or interrupt the rest
     */
    public BenchData run(Consumer<BenchData> soFar) throws IOException, InterruptedException {
        String startedAt = now();
        Files.createDirectories(logs);
        Runnable publish = () -> soFar.accept(data(startedAt));
        List<SystemKind> systems = Arrays.stream(SystemKind.values())
                .filter(system -> options.peers().contains(system.peer())
                        && options.modes().contains(system.mode()))
                .toList();
        for (Load load : options.loads()) {
            progress.load(load);
            for (int repetition = 1; repetition <= options.repetitions(); repetition++) {
                for (SystemKind system : systems) {
                    List<PlannedRun> plan = plan(load, repetition, system);
                    if (!plan.isEmpty()) {
                        run(load, system, plan, publish);
                    }
                }
            }
        }
        return data(startedAt);
    }

    private BenchData data(String startedAt) {
        return new BenchData(
                options.quick(),
                options.repetitions(),
                List.copyOf(results),
                List.copyOf(omitted),
                environment,
                startedAt,
                now());
    }

    /** The runs against a system, case by case; what cannot be done is written down. */
    private List<PlannedRun> plan(Load load, int repetition, SystemKind system) {
        List<ClientKind> clients = new ArrayList<>(system.clients());
        if (repetition % 2 == 0) {
            Collections.reverse(clients); // whoever comes second meets warmer servers
        }
        List<PlannedRun> plan = new ArrayList<>();
        List<LoadCase> cases = load.cases(options.quick());
        for (int i = 0; i < cases.size(); i++) {
            for (ClientKind client : clients) {
                Contender contender = new Contender(system, client);
                String topic = "bench-" + client.name().toLowerCase(Locale.ROOT) + "-" + i;
                PlannedRun run = new PlannedRun(load, cases.get(i), contender, repetition, topic);
                load.obstacle(contender, cases.get(i))
                        .ifPresentOrElse(obstacle -> omitted.add(run.title() + ": " + obstacle), () -> plan.add(run));
            }
        }
        return plan;
    }

    private void run(Load load, SystemKind system, List<PlannedRun> plan, Runnable publish)
            throws IOException, InterruptedException {
        Deque<PlannedRun> left = new ArrayDeque<>(plan);
        progress.starting(system);
        try (BenchCluster cluster = BenchCluster.start(system, load, plan)) {
            for (PlannedRun run = left.peek(); run != null; run = left.peek()) {
                progress.begin(run, options.repetitions());
                CaseResult result = loadProcess.run(cluster.spec(run), progress::say, cluster::restartProxy);
                left.remove();
                add(result, publish);
                if (!result.isSound()) {
                    Files.writeString(
                            logs.resolve("servers-of-run-" + results.size() + ".log"), cluster.logTail(LOG_TAIL_LINES));
                }
            }
        } catch (ClusterStartException e) {
            Files.writeString(
                    logs.resolve("servers-of-run-" + (results.size() + 1) + ".log"), String.valueOf(e.getMessage()));
            left.forEach(run -> add(run.failed("a server did not start; see the folder logs"), publish));
        }
    }

    private void add(CaseResult result, Runnable publish) {
        results.add(result);
        progress.end(result);
        publish.run();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
