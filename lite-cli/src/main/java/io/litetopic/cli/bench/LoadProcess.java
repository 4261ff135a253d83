package io.litetopic.cli.bench;

import com.google.gson.Gson;
import io.litetopic.cli.bench.client.JavaCommand;
import io.litetopic.cli.bench.client.LoadMain;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.WireLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The load process as seen from here. It cannot outlive this one: it ends when its standard input does. */
final class LoadProcess {
    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g");
    /** It says something every second or two, except while it looks at a large heap or a client closes. */
    private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(4);

    private final Path logs;
    private final List<String> jvmOptions;
    private final Gson gson = new Gson();

    LoadProcess(Path logs, List<String> jvmOptions) {
        this.jvmOptions = jvmOptions;
        this.logs = logs;
    }

    /** Starts it and blocks until it is done; {@code restart} does what it may ask for. */
    CaseResult run(CaseSpec spec, Consumer<String> progress, Supplier<WireLine.Restarted> restart)
            throws IOException, InterruptedException {
        Process process = start();
        AtomicLong heardNanos = new AtomicLong(System.nanoTime());
        Thread watchdog = watchdog(process, heardNanos);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                PrintStream orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
            orders.println(gson.toJson(spec));
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                heardNanos.set(System.nanoTime());
                WireLine line = gson.fromJson(text, WireLine.class);
                if (line.result() != null) {
                    return line.result();
                }
                if (line.progress() != null) {
                    progress.accept(line.progress());
                }
                if (line.restartProxy() != null) {
                    heardNanos.set(Long.MAX_VALUE); // the start has its own time limit
                    orders.println(gson.toJson(restart.get()));
                    heardNanos.set(System.nanoTime());
                }
            }
            return CaseResult.failed(
                    spec.load(),
                    spec.caseName(),
                    spec.contender(),
                    spec.repetition(),
                    "the load process ended without a result; its words are in " + errors());
        } finally {
            watchdog.interrupt();
            process.destroyForcibly().waitFor();
        }
    }

    private Process start() throws IOException {
        List<String> options = new ArrayList<>(HEAP);
        options.addAll(jvmOptions);
        options.add("-Drocketmq.log.root=" + logs.toAbsolutePath());
        options.add("-Drocketmq.log.level=warn");
        return new ProcessBuilder(JavaCommand.of(LoadMain.class, options))
                .redirectError(ProcessBuilder.Redirect.appendTo(errors().toFile()))
                .start();
    }

    private Path errors() {
        return logs.resolve("load-process.log");
    }

    /** Kills a process that has fallen silent, which ends the reading of its words. */
    private static Thread watchdog(Process process, AtomicLong heardNanos) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!process.waitFor(1, TimeUnit.SECONDS)) {
                            long heard = heardNanos.get();
                            if (heard != Long.MAX_VALUE && System.nanoTime() - heard > SILENCE_NANOS) {
                                process.destroyForcibly();
                            }
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "bench-watchdog");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
