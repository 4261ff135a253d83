package io.litetopic.cli;

import java.nio.file.Path;
import java.util.List;

/** Makes a failed start readable: the plugin explains itself in one line, which would drown in the servers' logs. */
final class StartFailure {
    private static final String PLUGIN_LINE = "litetopic: ";

    private StartFailure() {}

    /**
     * What to show.
     *
     * @param message of the failure, with the tails of all logs
     * @return only the plugin's own words and where the logs are, if it said something; else the whole message
     */
    static String explain(String message, Path data) {
        List<String> plugin = message.lines()
                .filter(line -> line.startsWith(PLUGIN_LINE))
                .distinct()
                .toList();
        if (plugin.isEmpty()) {
            return message;
        }
        return "the cluster did not start, because of the plugin:\n" + String.join("\n", plugin) + "\nLogs are in "
                + data.toAbsolutePath().normalize();
    }
}
