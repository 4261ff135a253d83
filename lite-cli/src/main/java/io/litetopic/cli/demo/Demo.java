package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunResult;
import io.litetopic.cli.demo.report.ReportData;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.rocketmq.client.apis.ClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole demo: starts the cluster, does the chosen runs one after the other under the same load, and stops everything.
 * Progress goes to the given stream.
 */
public final class Demo {
    private static final Logger log = LoggerFactory.getLogger(Demo.class);

    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final long CLOSE_SECONDS = 40;
    /**
     * The run that needs no figures of a warm virtual machine goes first, and warms up the clients and servers for the two
     * that are compared with each other.
     */
    private static final List<RunKind> ORDER = List.of(RunKind.BEFORE, RunKind.BASELINE, RunKind.AFTER);

    private final DemoOptions options;
    private final Map<String, String> environment;
    private final PrintStream out;
    private final boolean terminal;

    /**
     * @param environment what the report says about versions and the machine
     * @param terminal whether {@code out} is one on which a line can be rewritten
     */
    public Demo(DemoOptions options, Map<String, String> environment, PrintStream out, boolean terminal) {
        this.options = options;
        this.environment = environment;
        this.out = out;
        this.terminal = terminal;
    }

    /** Blocks until all runs are done and all processes are stopped. */
    public ReportData run() throws ClientException, InterruptedException {
        LoadProfile profile = LoadProfile.gateway(WARM_UP, Duration.ofSeconds(options.seconds()), options.seed());
        Progress progress = new Progress(out, terminal, profile);
        List<RunResult> results = new ArrayList<>();
        // a consumer's close lasts as long as its open long poll; the next run need not wait for that
        ExecutorService closers = Executors.newCachedThreadPool(task -> new Thread(task, "demo-closer"));
        List<Future<?>> closing = new ArrayList<>();
        progress.say("Starting the embedded RocketMQ ...");
        try (DemoCluster cluster = DemoCluster.start(options.runs())) {
            for (RunKind kind : ORDER) {
                if (options.runs().contains(kind)) {
                    progress.say(kind.title() + ": " + kind.description());
                    Transport transport = cluster.transport(kind, profile);
                    try {
                        results.add(new DemoRun(kind, profile, transport, progress, cluster::checkAlive).execute());
                    } finally {
                        Callable<Void> close = () -> {
                            transport.close();
                            return null;
                        };
                        closing.add(closers.submit(close));
                    }
                }
            }
            progress.say("Stopping ...");
            awaitClosed(closing);
        } finally {
            closers.shutdownNow();
        }
        results.sort(Comparator.comparing(RunResult::kind));
        return new ReportData(
                profile,
                List.copyOf(results),
                environment,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private static void awaitClosed(List<Future<?>> closing) throws InterruptedException {
        for (Future<?> future : closing) {
            try {
                future.get(CLOSE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                // all figures are in, and the cluster stops next: worth a word, not a failure
                log.warn("a client did not close cleanly", e);
            }
        }
    }
}
