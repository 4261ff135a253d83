package io.litetopic.cli.demo.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Writes {@code index.html}, which needs nothing but itself, and {@code results.json}, which holds every figure. */
public final class ReportWriter {
    private final ReportData data;

    public ReportWriter(ReportData data) {
        this.data = data;
    }

    /**
     * Writes both files into the folder, over older ones.
     *
     * @return the page
     */
    public Path writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("results.json"), json());
        return Files.writeString(folder.resolve("index.html"), new HtmlPage(data).render());
    }

    /** Durations are numbers of milliseconds. */
    String json() {
        Gson gson = new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                        (duration, type, context) -> new JsonPrimitive(duration.toMillis()))
                .create();
        return gson.toJson(data) + "\n";
    }
}
