package io.litetopic.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a JVM as a child that cannot outlive this one. The child is started by a shell that first leaves a watcher behind
 * and then turns into the JVM, so the process id is the JVM's. The watcher reads from a pipe that only this JVM holds open:
 * when this JVM ends, even by kill -9, the pipe breaks and the watcher kills the child. Signals of the terminal (Ctrl-C,
 * hang-up) do not reach the child: this JVM gets them and stops the processes in order.
 */
final class ProcessLauncher {
    private static final String SCRIPT = """
            exec 3<&0 </dev/null
            trap '' HUP INT
            {
              read -r ignored <&3
              # once the child is gone its number may belong to a stranger
              if read -r self name state parent rest </proc/self/stat && [ "$parent" != "$$" ]; then exit 0; fi
              kill -9 $$
            } >/dev/null 2>&1 &
            exec 3<&-
            exec "$@"
            """;

    private ProcessLauncher() {}

    /** A command that runs a JVM: {@code command} describes it, the files receive what it writes (appended). */
    static Process start(JavaCommand command, Path folder, Path stdout, Path stderr) {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "sh"));
        line.addAll(command.line());
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(stdout.toFile()));
        if (stderr.equals(stdout)) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(ProcessBuilder.Redirect.appendTo(stderr.toFile()));
        }
        builder.environment().remove("NAMESRV_ADDR"); // would override the configuration files
        builder.environment().putAll(command.environment());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot start " + command.mainClass() + " through /bin/sh; the testkit needs a POSIX system", e);
        }
    }
}
