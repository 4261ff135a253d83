package io.litetopic.cli.demo.measure;

import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.load.Tenant;
import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** What the progress line shows: figures since the last look. Recording is thread-safe; looking is for one thread. */
public final class LiveView {
    private static final int SIGNIFICANT_DIGITS = 3;

    /**
     * One look.
     *
     * @param wellBehavedP99Millis of the well-behaved tenants' requests served since the last look; null if there was none
     * @param waiting well-behaved tenants' requests that are due and not served
     * @param oldestMillis how long the oldest of them waits; 0 if none waits
     * @param floodingServed flooding tenants' requests served since the last look
     */
    public record Snapshot(
            @Nullable Double wellBehavedP99Millis, long waiting, double oldestMillis, long floodingServed) {}

    private final LoadSchedule schedule;
    private final DeliveryChecker checker;
    private final long[][] dueNanos; // per tenant, per sequence number
    private final Recorder wellBehaved = new Recorder(SIGNIFICANT_DIGITS);
    private final Recorder flooding = new Recorder(SIGNIFICANT_DIGITS);

    public LiveView(LoadSchedule schedule, DeliveryChecker checker) {
        this.schedule = schedule;
        this.checker = checker;
        this.dueNanos = schedule.tenants().stream()
                .map(tenant -> schedule.requests().stream()
                        .filter(request -> request.tenant() == tenant.index())
                        .mapToLong(Request::dueNanos)
                        .toArray())
                .toArray(long[][]::new);
    }

    /** The request was served at that time, in nanoseconds since the start of the load. */
    public void served(Request request, long nowNanos) {
        boolean isFlooding = schedule.tenants().get(request.tenant()).flooding();
        (isFlooding ? flooding : wellBehaved).recordValue(Math.max(0, (nowNanos - request.dueNanos()) / 1000));
    }

    /** Figures at that time; begins a new interval. */
    public Snapshot look(long nowNanos) {
        Histogram recent = wellBehaved.getIntervalHistogram();
        long oldestDue = nowNanos;
        for (Tenant tenant : schedule.tenants()) {
            int next = checker.completedPrefix(tenant.index());
            if (!tenant.flooding() && next < dueNanos[tenant.index()].length) {
                oldestDue = Math.min(oldestDue, dueNanos[tenant.index()][next]);
            }
        }
        return new Snapshot(
                recent.getTotalCount() == 0 ? null : LatencySummary.millis(recent, 99),
                wellBehavedWaiting(nowNanos),
                (nowNanos - oldestDue) / 1e6,
                flooding.getIntervalHistogram().getTotalCount());
    }

    /** Well-behaved tenants' requests that were due by that time and are not served. Thread-safe. */
    public long wellBehavedWaiting(long nowNanos) {
        long waiting = 0;
        for (Tenant tenant : schedule.tenants()) {
            if (!tenant.flooding()) {
                long[] due = dueNanos[tenant.index()];
                int position = Arrays.binarySearch(due, nowNanos);
                int dueByNow = position < 0 ? -position - 1 : position + 1;
                waiting += Math.max(0, dueByNow - checker.completed(tenant.index()));
            }
        }
        return waiting;
    }
}
