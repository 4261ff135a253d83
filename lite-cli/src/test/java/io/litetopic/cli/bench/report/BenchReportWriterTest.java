package io.litetopic.cli.bench.report;

import static io.litetopic.cli.bench.report.BenchFixture.FIFO;
import static io.litetopic.cli.bench.report.BenchFixture.NATIVE;
import static io.litetopic.cli.bench.report.BenchFixture.OURS;
import static io.litetopic.cli.bench.report.BenchFixture.throughput;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchReportWriterTest {
    private final BenchData data = BenchFixture.data(
            throughput(OURS, 1, 900),
            throughput(OURS, 2, 1_100),
            throughput(FIFO, 1, 500),
            throughput(FIFO, 2, 500),
            throughput(NATIVE, 1, 2_000));

    @Test
    void showsMediansWithSpreadAndRatiosAsText() {
        String text = new TextReport(data).render();

        assertThat(text.lines().filter(line -> line.startsWith("throughput (msg/s)")))
                .singleElement()
                .asString()
                .containsSubsequence("1,000 ±10 %", "500 ±0 %", "2,000 (1 of 2)");
        assertThat(text.lines().filter(line -> line.contains("against plain FIFO")))
                .singleElement()
                .asString()
                .containsSubsequence("2.00×", "-", "4.00×");
        assertThat(text.lines().filter(line -> line.contains("against native")))
                .singleElement()
                .asString()
                .containsSubsequence("0.50×", "0.25×", "-");
        assertThat(text).contains("5 runs: nothing lost", "Not run: resume");
    }

    @Test
    void namesEachRunThatDoesNotCount() {
        String text = new TextReport(BenchFixture.data(throughput(OURS, 1, 900), BenchFixture.failed(FIFO))).render();

        assertThat(text)
                .contains("1 of 2 runs FAILED", "drain, 100 lite topics, plain FIFO, cluster mode, repetition 1")
                .contains("lost <1> message")
                .doesNotContain("nothing lost");
    }

    @Test
    void drawsAPageThatNeedsNothingElse(@TempDir Path folder) throws Exception {
        Path page = new BenchReportWriter(data).writeTo(folder);

        assertThat(page)
                .content()
                .contains(
                        "<svg",
                        "class=\"bar series",
                        "1,000 ±10 %",
                        "against native",
                        "latency at 200 msg/s",
                        "</html>")
                .contains("A quick run", "cannot &lt;suspend&gt;", "2 processors &amp; a fan")
                .doesNotContain("src=", "href=", "http", "NaN", "Infinity");
    }

    @Test
    void showsFailuresOnThePage() {
        assertThat(new BenchPage(BenchFixture.data(BenchFixture.failed(FIFO))).render())
                .contains("class=\"unsound\"", "lost &lt;1&gt; message")
                .doesNotContain("class=\"sound\"");
    }

    @Test
    void writesEveryFigureOfEveryRunAsJson(@TempDir Path folder) throws Exception {
        new BenchReportWriter(data).writeTo(folder);

        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("results.json")))
                .getAsJsonObject();
        assertThat(json.getAsJsonArray("results")).hasSize(5);
        JsonObject figure = json.getAsJsonArray("results")
                .get(1)
                .getAsJsonObject()
                .getAsJsonArray("figures")
                .get(0)
                .getAsJsonObject();
        assertThat(figure.get("value").getAsDouble()).isEqualTo(1_100);
        assertThat(folder.resolve("report.txt")).content().isEqualTo(new TextReport(data).render());
    }
}
