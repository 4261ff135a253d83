package io.litetopic.cli.demo;

import io.litetopic.cli.chart.Units;
import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.measure.LiveView;
import io.litetopic.cli.demo.measure.RunKind;
import java.io.PrintStream;
import java.time.Duration;

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

    /** The figures of the last second of the load. */
    void load(RunKind kind, Phase phase, long nowNanos, LiveView.Snapshot view, int busy, int sleeping) {
        boolean warmUp = phase == Phase.WARM_UP;
        Double p99 = view.wellBehavedP99Millis();
        StringBuilder line = new StringBuilder("  %-8s  %-7s %2d of %d s"
                .formatted(
                        kind.key(),
                        warmUp ? "warm-up" : "measure",
                        Duration.ofNanos(nowNanos).toSeconds()
                                - (warmUp ? 0 : profile.warmUp().toSeconds()),
                        (warmUp ? profile.warmUp() : profile.window()).toSeconds()));
        line.append("   well-behaved p99 %8s, %4d waiting (oldest %8s)"
                .formatted(p99 == null ? "-" : Units.millis(p99), view.waiting(), Units.millis(view.oldestMillis())));
        if (kind.withFlooding()) {
            line.append("   flooding %7s of %s"
                    .formatted(
                            Units.rate((double) view.floodingServed() / profile.floodingTenants()),
                            Units.chosenRate(profile.allowance())));
        }
        show(line.append("   threads %2d of %d busy, %d asleep".formatted(busy, profile.workers(), sleeping))
                .toString());
    }

    /** How many requests of well-behaved tenants were left when the load ended. */
    void finish(RunKind kind, long waiting) {
        show("  %-8s  load ended: %s well-behaved requests still waiting".formatted(kind.key(), Units.count(waiting)));
    }

    /** How far the drain is. */
    void drain(RunKind kind, long left) {
        show("  %-8s  drain, allowances lifted: %s requests left".formatted(kind.key(), Units.count(left)));
    }

    private void show(String line) {
        if (terminal) {
            out.print("\r" + line + CLEAR_TO_END_OF_LINE);
            lineOpen = true;
        } else {
            out.println(line);
        }
        out.flush();
    }
}
