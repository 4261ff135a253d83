package io.litetopic.cli.bench.report;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@code report.txt}, {@code results.json} with every figure of every run, and {@code index.html}. */
public final class BenchReportWriter {
    private final BenchData data;

    public BenchReportWriter(BenchData data) {
        this.data = data;
    }

    /**
     * Writes the files into the folder, over older ones.
     *
     * @return the page
     */
    public Path writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.txt"), new TextReport(data).render());
        Files.writeString(
                folder.resolve("results.json"),
                new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(data) + "\n");
        return Files.writeString(folder.resolve("index.html"), new BenchPage(data).render());
    }
}
