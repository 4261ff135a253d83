package io.litetopic.cli;

import io.litetopic.cli.bench.Bench;
import io.litetopic.cli.bench.BenchOptions;
import io.litetopic.cli.bench.BenchProgress;
import io.litetopic.cli.bench.model.ClientKind;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.Peer;
import io.litetopic.cli.bench.model.Size;
import io.litetopic.cli.bench.report.BenchData;
import io.litetopic.cli.bench.report.BenchReportWriter;
import io.litetopic.cli.bench.report.TextReport;
import io.litetopic.testkit.ProxyMode;
import io.litetopic.testkit.StockCluster;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lite bench}: whole-process benchmarks against plain FIFO and native lite topics. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        description = {
            "Measures lite topics against plain FIFO through the same proxy and against the native lite topics of later brokers.",
            "Each system is started from Maven artifacts, alone, with the same heap and the same load, in turn. Ends with tables of"
                    + " medians and ratios and an HTML report. Fails if a message was lost or out of order.",
            "Needs Linux and a quiet machine. All loads in full size take hours."
        },
        showDefaultValues = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all runs complete and in order",
            "1:something was lost, duplicated or out of order, or a run failed",
            "2:wrong usage"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_REPETITIONS = 100;
    private static final int QUICK_REPETITIONS = 1;
    private static final int REPETITIONS = 3;

    @Option(names = "--quick", description = "Small loads, once: shows that it works, not how fast it is.")
    private boolean quick;

    @Option(
            names = "--c1",
            description =
                    "All processes use the quick compiler of the JVM only. They are warm in seconds then, where the optimizing one"
                            + " takes minutes on few cores; everything costs more.")
    private boolean c1;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "all",
            description =
                    "Which loads: throughput, drain, hot, burst, tenants, resume, handover, million, slow, idle; or all.")
    @SuppressWarnings("NullAway.Init") // has a default
    private List<String> only;

    @Option(
            names = "--cases",
            paramLabel = "TEXT",
            defaultValue = "",
            showDefaultValue = Visibility.NEVER,
            description = "Only the cases of these loads whose name contains the text, such as \"10,000 lite topics\".")
    @SuppressWarnings("NullAway.Init") // has a default
    private String cases;

    @Option(
            names = "--peers",
            paramLabel = "PEER",
            split = ",",
            defaultValue = "ours,fifo,native",
            description = "Which systems: ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init") // has a default
    private List<Peer> peers;

    @Option(
            names = "--clients",
            paramLabel = "CLIENT",
            split = ",",
            defaultValue = "sdk,official",
            description =
                    "Which clients: ${COMPLETION-CANDIDATES}. Plain FIFO and native lite topics have the official one only.")
    @SuppressWarnings("NullAway.Init") // has a default
    private List<ClientKind> clients;

    @Option(
            names = "--modes",
            paramLabel = "MODE",
            split = ",",
            defaultValue = "local,cluster",
            description =
                    "Which modes of the proxy: ${COMPLETION-CANDIDATES}. Native lite topics work in cluster mode only.")
    @SuppressWarnings("NullAway.Init") // has a default
    private List<ProxyMode> modes;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "0",
            showDefaultValue = Visibility.NEVER,
            description = "How often, 1 to 100. Default: 3, with --quick 1.")
    private int repetitions;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "lite-bench-report",
            description = "Folder for index.html, report.txt, results.json and logs. Created if missing.")
    @SuppressWarnings("NullAway.Init") // has a default
    private Path report;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        BenchOptions options = checkedOptions();
        Files.createDirectories(report);

        PrintStream out = System.out;
        BenchData data =
                new Bench(options, environment(options), new BenchProgress(out, isTerminal())).run(this::write);

        out.print(new TextReport(data).render());
        out.println("Report: " + write(data).toAbsolutePath().normalize());
        return data.isSound() ? 0 : 1;
    }

    private Path write(BenchData data) {
        try {
            return new BenchReportWriter(data).writeTo(report);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + report, e);
        }
    }

    BenchOptions checkedOptions() {
        boolean isSet = spec.commandLine().getParseResult().hasMatchedOption("--repetitions");
        if ((isSet && repetitions < 1) || repetitions > MOST_REPETITIONS) {
            throw wrong("--repetitions", repetitions + " is not between 1 and " + MOST_REPETITIONS);
        }
        if (Files.exists(report) && !Files.isDirectory(report)) {
            throw wrong("--report", report + " is a file; name a folder for the report");
        }
        List<Contender> contenders = Contender.all().stream()
                .filter(contender -> peers.contains(contender.system().peer())
                        && modes.contains(contender.system().mode())
                        && clients.contains(contender.client()))
                .toList();
        if (contenders.isEmpty()) {
            throw wrong("--modes", modes + " has none of the systems " + peers + " with one of the clients " + clients);
        }
        int count = repetitions > 0 ? repetitions : quick ? QUICK_REPETITIONS : REPETITIONS;
        Set<Load> loads = loads();
        if (loads.stream()
                .flatMap(load -> load.cases(new Size(quick, c1)).stream())
                .noneMatch(loadCase -> loadCase.name().contains(cases))) {
            throw wrong("--cases", '"' + cases + "\" is in no name of a case of " + only);
        }
        return new BenchOptions(loads, cases, contenders, new Size(quick, c1), count, report);
    }

    private Set<Load> loads() {
        if (only.equals(List.of("all"))) {
            return EnumSet.allOf(Load.class);
        }
        return only.stream()
                .map(name -> Load.of(name)
                        .orElseThrow(() -> wrong(
                                "--only",
                                name + " is none of "
                                        + Arrays.stream(Load.values())
                                                .map(Load::key)
                                                .collect(Collectors.joining(", ")))))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Load.class)));
    }

    private ParameterException wrong(String option, String problem) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + problem);
    }

    private static Map<String, String> environment(BenchOptions options) {
        Versions versions = new Versions();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("LiteTopic", versions.litetopic());
        environment.put("RocketMQ servers", versions.rocketmq() + ", unmodified");
        if (options.contenders().stream()
                .anyMatch(contender -> contender.system().peer() == Peer.NATIVE)) {
            environment.put("Native lite topics", "RocketMQ " + StockCluster.NATIVE_LITE_VERSION);
        }
        environment.put("RocketMQ client", versions.rocketmqClient());
        environment.put("Compiler", options.size().c1() ? "C1 only (-XX:TieredStopAtLevel=1)" : "default");
        environment.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        environment.put(
                "Machine",
                Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        return environment;
    }

    /** Java 17 cannot tell whether standard output alone is a terminal; the script that starts it can. */
    private static boolean isTerminal() {
        return Boolean.getBoolean("lite.terminal") && !"dumb".equals(System.getenv("TERM"));
    }
}
