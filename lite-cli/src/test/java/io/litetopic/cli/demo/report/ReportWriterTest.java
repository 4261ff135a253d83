package io.litetopic.cli.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.litetopic.cli.demo.measure.RunKind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xml.sax.InputSource;

class ReportWriterTest {
    private final ReportFixture fixture = new ReportFixture();

    @Test
    void writesAPageThatLoadsNothingElse(@TempDir Path folder) throws IOException {
        Path page = new ReportWriter(fixture.soundData(RunKind.values())).writeTo(folder.resolve("new/report"));

        String html = Files.readString(page);

        assertThat(html).doesNotContain("http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link");
        assertThat(html).contains("prefers-color-scheme: dark", "name=\"viewport\"");
    }

    @Test
    void writesWellFormedChartsWithoutNumbersThatAreNone() throws Exception {
        String html = new HtmlPage(fixture.soundData(RunKind.values())).render();
        Matcher charts = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);

        int count = 0;
        while (charts.find()) {
            count++;
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(charts.group())));
        }

        assertThat(count).isEqualTo(6);
        assertThat(html).doesNotContain("NaN", "Infinity", "null");
    }

    @Test
    void escapesWhatComesFromOutside() {
        String html = new HtmlPage(fixture.soundData(RunKind.BASELINE)).render();

        assertThat(html).contains("0.1 &lt;snapshot&gt;").doesNotContain("<snapshot>");
    }

    @ParameterizedTest
    @EnumSource(RunKind.class)
    void rendersARunOnItsOwn(RunKind only) {
        String html = new HtmlPage(fixture.soundData(only)).render();

        assertThat(html).contains("<h3>" + only.title() + "</h3>").doesNotContain("NaN", "Infinity");
    }

    @Test
    void writesEveryFigureAsJson(@TempDir Path folder) throws IOException {
        new ReportWriter(fixture.soundData(RunKind.values())).writeTo(folder);

        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("results.json")))
                .getAsJsonObject();

        assertThat(json.getAsJsonObject("profile").get("seed").getAsLong()).isEqualTo(20);
        assertThat(json.getAsJsonObject("profile").get("window").getAsLong()).isEqualTo(20_000);
        assertThat(json.getAsJsonArray("results")).hasSize(3);
        JsonObject after = json.getAsJsonArray("results").get(2).getAsJsonObject();
        assertThat(after.get("kind").getAsString()).isEqualTo("AFTER");
        assertThat(after.getAsJsonObject("delivery").get("lost").getAsLong()).isZero();
        assertThat(after.getAsJsonArray("intervals")).hasSize(40);
    }
}
