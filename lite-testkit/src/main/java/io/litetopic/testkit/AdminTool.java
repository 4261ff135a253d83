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
import java.util.function.Predicate;

/** Runs stock {@code mqadmin} against one name server, each call in a JVM of its own. Thread-safe. */
final class AdminTool {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 3;
    private static final long POLL_MILLIS = 50;

    private final DataFolder dataFolder;
    private final String classPath;
    private final String nameServerAddress;

    AdminTool(DataFolder dataFolder, String classPath, String nameServerAddress) {
        this.dataFolder = dataFolder;
        this.classPath = classPath;
        this.nameServerAddress = nameServerAddress;
    }

    AdminResult run(String... args) {
        return run(output -> false, args);
    }

    /** @param enough whether the output so far is all that is asked for; the process is then killed */
    private AdminResult run(Predicate<String> enough, String... args) {
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
            long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                boolean late = System.nanoTime() - deadlineNanos >= 0;
                String soFar = text(output);
                if (enough.test(soFar)) {
                    process.destroyForcibly().waitFor();
                    Files.delete(output);
                    return new AdminResult(0, soFar);
                }
                if (late) {
                    process.destroyForcibly();
                    throw new IllegalStateException("mqadmin " + String.join(" ", args) + " did not end within "
                            + TIMEOUT.toSeconds() + " s; its output so far:\n" + soFar);
                }
            }
            String text = text(output);
            Files.delete(output);
            return new AdminResult(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot collect the output of mqadmin in " + folder, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for mqadmin", e);
        }
    }

    /**
     * Runs a command that reports {@code success}, which its exit code does not tell. By then it is done: the three seconds that stock
     * then waits for its own threads are not waited for.
     */
    void runOrFail(String... args) {
        AdminResult result = run(AdminTool::saysSuccess, args);
        for (int again = 1; again < ATTEMPTS && result.output().contains("RemotingTimeoutException"); again++) {
            result = run(AdminTool::saysSuccess, args); // a busy machine: the broker may have done it or not
        }
        if (result.exitCode() != 0 || !saysSuccess(result.output())) {
            throw new IllegalStateException("mqadmin " + String.join(" ", args) + " failed [exitCode="
                    + result.exitCode() + "]:\n" + result.output());
        }
    }

    private static boolean saysSuccess(String output) {
        return output.contains("success");
    }

    /** Of a file that is being written, and so may end within a character. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
