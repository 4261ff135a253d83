package io.litetopic.cli.bench;

import io.litetopic.cli.bench.client.JavaCommand;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.LoadCase;
import io.litetopic.cli.bench.report.BenchData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All runs, in an order in which what changes with time (heat, neighbours, caches of the machine) meets all systems alike: case by
 * case, and repetition by repetition each contender in turn. Each run has servers of its own, alone on the machine.
 */
public final class Bench {
    private static final Logger log = LoggerFactory.getLogger(Bench.class);
    private static final int LOG_TAIL_LINES = 50;

    private final BenchOptions options;
    private final Map<String, String> environment;
    private final BenchProgress progress;
    private final List<String> jvmOptions;
    private final Path logs;
    private final LoadProcess loadProcess;
    private final List<CaseResult> results = new ArrayList<>();
    private final Set<String> omitted = new TreeSet<>();

    /** @param environment what the report says about versions and the machine */
    public Bench(BenchOptions options, Map<String, String> environment, BenchProgress progress) {
        this.options = options;
        this.environment = environment;
        this.progress = progress;
        this.jvmOptions = options.size().c1() ? List.of(JavaCommand.C1) : List.of();
        this.logs = options.report().resolve("logs");
        this.loadProcess = new LoadProcess(logs, jvmOptions);
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
        for (Load load : options.loads()) {
            progress.load(load);
            for (LoadCase loadCase : load.cases(options.size())) {
                if (loadCase.name().contains(options.cases())) {
                    for (int repetition = 1; repetition <= options.repetitions(); repetition++) {
                        for (Contender contender : contenders(repetition)) {
                            run(new PlannedRun(load, loadCase, contender, repetition), publish);
                        }
                    }
                }
            }
        }
        return data(startedAt);
    }

    private BenchData data(String startedAt) {
        return new BenchData(
                options.size().quick(),
                options.repetitions(),
                List.copyOf(results),
                List.copyOf(omitted),
                environment,
                startedAt,
                now());
    }

    /** To and fro, so that nobody is always the first after something else. */
    private List<Contender> contenders(int repetition) {
        List<Contender> contenders = new ArrayList<>(options.contenders());
        if (repetition % 2 == 0) {
            Collections.reverse(contenders);
        }
        return contenders;
    }

    /** What cannot be done is written down. */
    private void run(PlannedRun run, Runnable publish) throws InterruptedException {
        Optional<String> obstacle = run.load().obstacle(run.contender(), run.loadCase());
        if (obstacle.isPresent()) {
            omitted.add(run.title() + ": " + obstacle.get());
            return;
        }
        progress.begin(run, options.repetitions());
        try (BenchCluster cluster = BenchCluster.start(run, jvmOptions)) {
            CaseResult result = loadProcess.run(cluster.spec(run), progress::say, cluster::restartProxy);
            add(result, publish);
            if (!result.isSound()) {
                Files.writeString(serverLog(), cluster.logTail(LOG_TAIL_LINES));
            }
        } catch (IOException | RuntimeException e) { // one that does not start is no reason to lose hours of the others
            log.error("run failed run=\"{}\"", run.title(), e);
            add(run.failed(String.valueOf(e.getMessage())), publish);
        }
    }

    private Path serverLog() {
        return logs.resolve("servers-of-run-" + results.size() + ".log");
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
