package io.litetopic.cli.bench;

import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Load;
import java.io.PrintStream;

/** What is shown while the benchmarks run: a line that stays for each run, and one that changes. For one thread. */
public final class BenchProgress {
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final int SECONDS_BETWEEN_LINES = 10;

    private final PrintStream out;
    private final boolean terminal;
    private boolean lineOpen;
    private int unsaid;

    /** @param terminal whether a line of {@code out} can be rewritten */
    public BenchProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void load(Load load) {
        stay(load.key() + ": " + load.description());
    }

    void begin(PlannedRun run, int repetitions) {
        stay("  %s, %s, %d of %d"
                .formatted(run.loadCase().name(), run.contender().title(), run.repetition(), repetitions));
        unsaid = 0;
        say("starting servers");
    }

    /** Something that may be forgotten; elsewhere than on a terminal only now and then. */
    void say(String text) {
        if (terminal) {
            out.print("\r    " + text + CLEAR_TO_END_OF_LINE);
            lineOpen = true;
        } else if (unsaid++ % SECONDS_BETWEEN_LINES == 0) {
            out.println("    " + text);
        }
        out.flush();
    }

    void end(CaseResult result) {
        String failure = result.failure();
        if (failure != null) {
            stay("    FAILED: " + failure);
        }
    }

    private void stay(String text) {
        if (lineOpen) {
            out.print("\r" + CLEAR_TO_END_OF_LINE);
            lineOpen = false;
        }
        out.println(text);
        out.flush();
    }
}
