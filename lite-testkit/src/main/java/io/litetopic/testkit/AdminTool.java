package io.litetopic.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs stock {@code mqadmin} against one name server, each call in a JVM of its own. Thread-safe. */
final class AdminTool {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final DataFolder dataFolder;
    private final String classPath;
    private final String nameServerAddress;

    AdminTool(DataFolder dataFolder, String classPath, String nameServerAddress) {
        this.dataFolder = dataFolder;
        this.classPath = classPath;
        this.nameServerAddress = nameServerAddress;
    }

    AdminResult run(String... args) {
        if (args.length == 0) {
            throw new IllegalArgumentException("mqadmin needs a subcommand, for example topicList");
        }
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        if (!arguments.contains("-n") && !arguments.get(0).equals("help")) {
            arguments.addAll(List.of("-n", nameServerAddress));
        }
        Path folder = dataFolder.process("mqadmin");
        JavaCommand command = new JavaCommand(
                "org.apache.rocketmq.tools.command.MQAdminStartup",
                classPath,
                dataFolder.rocketmqHome(),
                folder.resolve("home"),
                // lives for a second: start quickly, never mind peak speed
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                arguments);
        try {
            Path output = Files.createTempFile(folder, "run-", ".log");
            Process process = ProcessLauncher.start(command, folder, output, output);
            if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("mqadmin " + String.join(" ", args) + " did not end within "
                        + TIMEOUT.toSeconds() + " s; its output so far:\n" + Files.readString(output));
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            return new AdminResult(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot collect the output of mqadmin in " + folder, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for mqadmin", e);
        }
    }

    /** Runs a command that reports {@code success}, which its exit code does not tell. */
    void runOrFail(String... args) {
        AdminResult result = run(args);
        if (result.exitCode() != 0 || !result.output().contains("success")) {
            throw new IllegalStateException("mqadmin " + String.join(" ", args) + " failed [exitCode="
                    + result.exitCode() + "]:\n" + result.output());
        }
    }
}
