package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LiteMainTest {
    private static final int OK = 0;
    private static final int USAGE = 2;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void showsItsCommandsAndOptions() {
        assertThat(run("--help")).isEqualTo(OK);
        assertThat(out.toString()).contains("up", "demo", "Exit codes");

        assertThat(run("up", "--help")).isEqualTo(OK);
        assertThat(out.toString())
                .contains("--config", "--data", "--grpc-port", "--namesrv-port", "--broker-port", "--mode", "READY");

        assertThat(run("demo", "--help")).isEqualTo(OK);
        assertThat(out.toString()).contains("--seconds", "--report", "--seed", "--runs");
    }

    @Test
    void showsTheOptionsOfTheBenchmarks() {
        assertThat(run("bench", "--help")).isEqualTo(OK);
        assertThat(out.toString())
                .contains("--quick", "--only", "--cases", "--peers", "--modes", "--repetitions", "--report");
    }

    @Test
    void refusesUnknownLoads() {
        assertThat(run("bench", "--only", "hot,speed")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--only", "speed is none of throughput, drain, hot");
    }

    @Test
    void refusesRepetitionsOutOfRange() {
        assertThat(run("bench", "--repetitions", "101")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--repetitions", "101 is not between 1 and 100");
        assertThat(run("bench", "--repetitions", "0")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("0 is not between 1 and 100");
    }

    @Test
    void refusesCasesThatNoLoadHas() {
        assertThat(run("bench", "--only", "hot", "--cases", "17 lite topics")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--cases", "\"17 lite topics\" is in no name of a case of [hot]");
    }

    @Test
    void refusesPeersThatHaveNoneOfTheModes() {
        assertThat(run("bench", "--peers", "native", "--modes", "local")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--modes", "[LOCAL] has none of the systems [NATIVE]");
    }

    @Test
    void showsItsVersion() {
        assertThat(run("--version")).isEqualTo(OK);
        assertThat(out.toString()).startsWith("lite ").contains("RocketMQ 5.").doesNotContain("${");
    }

    @Test
    void asksForACommand() {
        assertThat(run()).isEqualTo(USAGE);
        assertThat(err.toString()).contains("Missing command");
    }

    @Test
    void refusesUnknownCommandsAndOptions() {
        assertThat(run("down")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("down");

        assertThat(run("demo", "--secnods", "5")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--secnods");
    }

    @Test
    void refusesSecondsOutOfRange() {
        assertThat(run("demo", "--seconds", "0")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--seconds").contains("0 is not between 2 and 3600");
    }

    @Test
    void refusesSecondsThatAreNoNumber() {
        assertThat(run("demo", "--seconds", "ten")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--seconds").contains("ten");
    }

    @Test
    void refusesAReportFolderThatIsAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("report"));

        assertThat(run("demo", "--report", file.toString())).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--report", file.toString(), "is a file");
    }

    @Test
    void refusesUnknownRuns() {
        assertThat(run("demo", "--runs", "during")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("during").containsIgnoringCase("baseline");
    }

    @Test
    void asksForTheConfiguration() {
        assertThat(run("up")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--config");
    }

    @Test
    void refusesAConfigurationThatIsNotThere() {
        Path missing = folder.resolve("missing.yaml");

        assertThat(run("up", "--config", missing.toString())).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--config", missing.toString(), "not a readable file");
    }

    @Test
    void refusesADataFolderThatIsAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("data"));

        assertThat(run("up", "--config", config(), "--data", file.toString())).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--data", file.toString(), "is a file");
    }

    @Test
    void refusesPortsOutOfRange() throws IOException {
        assertThat(run("up", "--config", config(), "--grpc-port", "70000")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--grpc-port", "70000 is not between 0 and 65535");
    }

    @Test
    void refusesTheSamePortTwice() throws IOException {
        assertThat(run("up", "--config", config(), "--grpc-port", "9000", "--broker-port", "9000"))
                .isEqualTo(USAGE);
        assertThat(err.toString()).contains("9000 is also the value of");
    }

    @Test
    void refusesUnknownModes() throws IOException {
        assertThat(run("up", "--config", config(), "--mode", "remote")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("remote").containsIgnoringCase("cluster");
    }

    private String config() throws IOException {
        return Files.writeString(folder.resolve("lite.yaml"), "bindTopics: {}\n")
                .toString();
    }

    private int run(String... args) {
        CommandLine commandLine = LiteMain.commandLine();
        return commandLine
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
