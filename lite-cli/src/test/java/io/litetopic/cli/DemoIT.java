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

/** {@code bin/lite demo}, as short as it can be and still show something. */
class DemoIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(170);

    @TempDir
    private Path folder;

    @Test
    void servesTheLoadThreeTimesWithoutLossAndInOrderAndWritesAReport() throws Exception {
        Path report = folder.resolve("report");

        try (LiteProcess demo = LiteProcess.start(folder, "demo", "--seconds", "5", "--report", report.toString())) {
            int exitCode = demo.awaitExit(TIMEOUT);

            assertThat(exitCode).as(demo.out() + demo.err()).isZero();
            assertThat(demo.out())
                    .contains("Baseline", "Before", "After", "none lost, none out of order", "index.html");
            assertThat(demo.children()).isEmpty();
        }

        assertThat(report.resolve("index.html")).content().contains("<svg", "</html>");
        JsonObject results = JsonParser.parseString(Files.readString(report.resolve("results.json")))
                .getAsJsonObject();
        assertThat(results.getAsJsonArray("results")).hasSize(3);
        for (JsonElement result : results.getAsJsonArray("results")) {
            JsonObject delivery = result.getAsJsonObject().getAsJsonObject("delivery");
            assertThat(delivery.get("consumed").getAsLong())
                    .isEqualTo(result.getAsJsonObject().get("sent").getAsLong());
        }
    }
}
