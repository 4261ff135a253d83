package io.litetopic.cli.demo;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.LiveView;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.report.Units;
import java.io.PrintStream;
import java.util.Locale;

/** The live line: rewritten in place on a terminal, one line a second elsewhere. For one thread. */
final class Progress {
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final LoadProfile profile;
    private boolean lineOpen;

    Progress(PrintStream out, boolean terminal, LoadProfile profile) {
        this.out = out;
        this.terminal = terminal;
        this.profile = profile;
    }

    /** A line that stays. */
    void say(String text) {
        if (lineOpen) {
            out.println();
            lineOpen = false;
        }
        out.println(text);
    }

    /** The figures of the last second. */
    void tick(RunKind kind, String phase, double elapsedSeconds, LiveView.Snapshot view, int busy, int sleeping) {
        StringBuilder line = new StringBuilder("  %-8s %-8s %4.0f s   ".formatted(kind.key(), phase, elapsedSeconds));
        Double p99 = view.wellBehavedP99Millis();
        line.append("well-behaved p99 %8s".formatted(p99 == null ? "-" : Units.millis(p99)));
        line.append(", %4d waiting (oldest %8s)".formatted(view.waiting(), Units.millis(view.oldestMillis())));
        if (kind.withFlooding()) {
            line.append(String.format(
                    Locale.ROOT,
                    "   flooding %5.1f/s of %.0f/s",
                    (double) view.floodingServed() / profile.floodingTenants(),
                    profile.allowance()));
        }
        line.append("   threads %2d busy, %d asleep, of %d".formatted(busy, sleeping, profile.workers()));
        if (terminal) {
            out.print("\r" + line + CLEAR_TO_END_OF_LINE);
            lineOpen = true;
        } else {
            out.println(line);
        }
        out.flush();
    }
}
