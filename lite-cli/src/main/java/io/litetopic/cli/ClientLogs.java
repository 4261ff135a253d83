package io.litetopic.cli;

import java.nio.file.Path;

/** Keeps the official client's own log files out of the user's home folder, where it puts them unless told otherwise. */
final class ClientLogs {
    private static final String ROOT_PROPERTY = "rocketmq.log.root";
    private static final String LEVEL_PROPERTY = "rocketmq.log.level";

    private ClientLogs() {}

    /** To be called before the first class of the client is loaded. What the user has set by -D stays. */
    static void redirectTo(Path folder) {
        setIfMissing(ROOT_PROPERTY, folder.toAbsolutePath().toString());
        setIfMissing(LEVEL_PROPERTY, "warn");
    }

    private static void setIfMissing(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
