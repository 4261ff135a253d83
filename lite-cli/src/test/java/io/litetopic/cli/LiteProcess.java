package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code bin/lite} as a user runs it, in a process of its own, with its output in files. */
final class LiteProcess implements AutoCloseable {
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(60);

    private final Process process;
    private final Path out;
    private final Path err;

    private LiteProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it with the jars of this build; the working folder is {@code folder}. */
    static LiteProcess start(Path folder, String... args) throws IOException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("litetopic.script")).toRealPath().toString());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("LITE_BUILD", "never");
        return new LiteProcess(builder.start(), out, err);
    }

    /** Waits for the READY line and gives the value of one of its fields. */
    String ready(String field) {
        await().atMost(Duration.ofSeconds(90))
                .failFast(() -> assertThat(process.isAlive()).as(out() + err()).isTrue())
                .until(() -> out().contains("READY ") && out().endsWith("\n"));
        for (String part : out().strip().split(" ")) {
            if (part.startsWith(field + "=")) {
                return part.substring(field.length() + 1);
            }
        }
        throw new AssertionError("no " + field + " in " + out());
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    int awaitExit(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + timeout + ": " + out() + err());
        }
        return process.exitValue();
    }

    int awaitExit() throws InterruptedException {
        return awaitExit(EXIT_TIMEOUT);
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    /** Processes below this one that live. */
    List<ProcessHandle> children() {
        return process.descendants().filter(ProcessHandle::isAlive).toList();
    }

    @Override
    public void close() throws InterruptedException {
        terminate();
        if (!process.waitFor(EXIT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
