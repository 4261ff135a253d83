package io.litetopic.cli;

import io.litetopic.cli.demo.Demo;
import io.litetopic.cli.demo.DemoOptions;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.report.ReportData;
import io.litetopic.cli.demo.report.ReportWriter;
import io.litetopic.cli.demo.report.SummaryTable;
import io.litetopic.cli.demo.report.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.rocketmq.client.apis.ClientException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lite demo}: the same load with and without lite topics, a table, and a report. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        description = {
            "Runs an AI gateway in small: 20 tenants, 3 of them flooding at 20 times their allowance.",
            "The same load is served by lite topics without the flooding tenants (baseline), by a plain FIFO topic whose"
                    + " listener sleeps to throttle (before), and by lite topics whose listener suspends (after).",
            "Ends with a table and an HTML report. Fails if a message was lost or out of order."
        },
        showDefaultValues = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all runs complete and in order",
            "1:something was lost or out of order, or a run failed",
            "2:wrong usage"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int SHORTEST_SECONDS = 2;
    private static final int LONGEST_SECONDS = 3600;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Measured time of each run, 2 to 3600. Warm-up and drain come on top.")
    private int seconds;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "lite-demo-report",
            description = "Folder for index.html, results.json and the clients' logs. Created if missing.")
    @SuppressWarnings("NullAway.Init") // has a default
    private Path report;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "20",
            description = "Seed of the load. The same seed gives the same requests at the same times.")
    private long seed;

    @Option(
            names = "--runs",
            paramLabel = "RUN",
            split = ",",
            defaultValue = "baseline,before,after",
            description = "Which runs to do: ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init") // has a default
    private List<RunKind> runs;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, ClientException, InterruptedException {
        DemoOptions options = checkedOptions();
        Files.createDirectories(report);
        ClientLogs.redirectTo(report.resolve("logs"));

        PrintStream out = System.out;
        Demo demo = new Demo(options, environment(), out, isTerminal());
        ReportData data = demo.run();

        out.println();
        out.print(new SummaryTable(data).asText());
        out.println();
        out.println(new Verdict(data).asText());
        Path page = new ReportWriter(data).writeTo(report);
        out.println("Report: " + page.toAbsolutePath().normalize());
        return data.isSound() ? 0 : 1;
    }

    DemoOptions checkedOptions() {
        if (seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--seconds': " + seconds + " is not between " + SHORTEST_SECONDS + " and "
                            + LONGEST_SECONDS);
        }
        if (Files.exists(report) && !Files.isDirectory(report)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--report': " + report + " is a file; name a folder for the report");
        }
        Set<RunKind> chosen = EnumSet.copyOf(runs);
        return new DemoOptions(seconds, report, seed, chosen);
    }

    private static Map<String, String> environment() {
        Versions versions = new Versions();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("LiteTopic", versions.litetopic());
        environment.put("RocketMQ servers", versions.rocketmq() + ", unmodified, proxy and broker in local mode");
        environment.put("RocketMQ client", versions.rocketmqClient());
        environment.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        environment.put(
                "Machine",
                Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
        return environment;
    }

    /** Java 17 cannot tell whether standard output alone is a terminal; the script that starts it can. */
    private static boolean isTerminal() {
        return Boolean.getBoolean("lite.terminal") && !"dumb".equals(System.getenv("TERM"));
    }
}
