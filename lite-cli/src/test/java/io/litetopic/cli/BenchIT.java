package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lite bench}, the smallest load against one system. */
class BenchIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(170);

    @TempDir
    private Path folder;

    @Test
    void measuresAndWritesReports() throws Exception {
        Path report = folder.resolve("report");

        try (LiteProcess bench = LiteProcess.start(
                folder,
                "bench",
                "--quick",
                "--c1",
                "--clients",
                "sdk",
                "--only",
                "hot",
                "--peers",
                "ours",
                "--modes",
                "local",
                "--report",
                report.toString())) {
            int exitCode = bench.awaitExit(TIMEOUT);

            assertThat(exitCode).as(bench.out() + bench.err()).isZero();
            assertThat(bench.out()).contains("== hot", "consumption (msg/s)", "1 runs: nothing lost", "index.html");
            assertThat(bench.children()).isEmpty();
        }

        assertThat(report.resolve("index.html")).content().contains("<svg", "</html>");
        assertThat(report.resolve("report.txt")).content().contains("CPU of consumption, servers (µs/msg)");
        JsonObject results = JsonParser.parseString(Files.readString(report.resolve("results.json")))
                .getAsJsonObject();
        assertThat(results.getAsJsonArray("results")).hasSize(1);
        for (JsonElement result : results.getAsJsonArray("results")) {
            JsonObject delivery = result.getAsJsonObject().getAsJsonObject("delivery");
            assertThat(delivery.get("handled").getAsLong()).isEqualTo(5_000);
            for (JsonElement figure : result.getAsJsonObject().getAsJsonArray("figures")) {
                assertThat(figure.getAsJsonObject().get("value").getAsDouble()).isPositive();
            }
        }
    }
}
