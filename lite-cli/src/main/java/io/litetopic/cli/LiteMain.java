package io.litetopic.cli;

import io.litetopic.testkit.ClusterStartException;
import picocli.CommandLine;

/** Entry point of {@code bin/lite}. Exit codes: 0 success, 1 failure, 2 wrong usage, 128 + n when stopped by signal n. */
public final class LiteMain {
    private LiteMain() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new LiteCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((error, commandLine, parseResult) -> {
                    commandLine.getErr().println(commandLine.getColorScheme().errorText("lite: " + describe(error)));
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    /** The messages of the error and its causes, except what the error has already put into words. */
    private static String describe(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = error;
                cause != null && !(cause instanceof ClusterStartException && cause != error);
                cause = cause.getCause()) {
            String message = cause.getMessage();
            String line = message == null || message.isBlank() ? cause.toString() : message;
            if (text.indexOf(line) < 0) {
                text.append(text.length() == 0 ? "" : "\n  caused by: ").append(line);
            }
        }
        return text.toString();
    }
}
