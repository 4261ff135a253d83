package io.litetopic.cli.bench.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line from the load process to the one that started it: exactly one field is set.
 *
 * @param progress for people who watch
 * @param restartProxy asks for a proxy that is killed and started again; answered by a {@link Restarted}
 * @param result the run is over, and this came out of it
 */
public record WireLine(
        @Nullable String progress,
        @Nullable Boolean restartProxy,
        @Nullable CaseResult result) {

    /**
     * Answer to a restart.
     *
     * @param startedNanos when the new process was started, by {@link System#nanoTime()}, which all processes of a Linux machine share
     * @param readyNanos when the proxy served the topic again
     * @param serverPids the processes from now on
     */
    public record Restarted(long startedNanos, long readyNanos, Map<String, Long> serverPids) {}

    public static WireLine ofProgress(String text) {
        return new WireLine(text, null, null);
    }

    public static WireLine ofRestart() {
        return new WireLine(null, true, null);
    }

    public static WireLine ofResult(CaseResult result) {
        return new WireLine(null, null, result);
    }
}
