package io.litetopic.cli.demo.measure;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.load.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Collects the figures of one run. A request is counted in the interval in which it was due, whenever it is served: counting
 * by the time of service would hide exactly the requests that wait. Thread-safe; all times are nanoseconds since the start
 * of the load.
 */
public final class RunMeasurement {
    private static final long SHORTEST_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MOST_INTERVALS = 60;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final LoadProfile profile;
    private final LoadSchedule schedule;
    private final long intervalNanos;
    // all below guarded by this
    private final TenantClass wellBehaved;
    private final TenantClass flooding;
    private final long[] servedInWindow; // per tenant
    private final long[] floodingServed; // per interval
    private final long[] busySum; // per interval, of samples
    private final long[] sleepingSum;
    private final long[] threadSamples;

    public RunMeasurement(LoadProfile profile, LoadSchedule schedule) {
        this.profile = profile;
        this.schedule = schedule;
        long window = profile.window().toNanos();
        this.intervalNanos = Math.max(SHORTEST_INTERVAL_NANOS, window / MOST_INTERVALS);
        int intervals = (int) ((window + intervalNanos - 1) / intervalNanos);
        this.wellBehaved = new TenantClass(intervals);
        this.flooding = new TenantClass(intervals);
        this.servedInWindow = new long[schedule.tenants().size()];
        this.floodingServed = new long[intervals];
        this.busySum = new long[intervals];
        this.sleepingSum = new long[intervals];
        this.threadSamples = new long[intervals];
    }

    /** The request's inference was done at that time. */
    public synchronized void served(Request request, long nowNanos) {
        Tenant tenant = schedule.tenants().get(request.tenant());
        if (profile.isMeasured(nowNanos)) {
            servedInWindow[request.tenant()]++;
            if (tenant.flooding()) {
                floodingServed[intervalAt(nowNanos)]++;
            }
        }
        if (profile.isMeasured(request.dueNanos())) {
            long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nowNanos - request.dueNanos()));
            (tenant.flooding() ? flooding : wellBehaved).record(intervalAt(request.dueNanos()), micros);
        }
    }

    /** A look at the consumer threads at that time. */
    public synchronized void sampleThreads(int busy, int sleeping, long nowNanos) {
        if (profile.isMeasured(nowNanos)) {
            int interval = intervalAt(nowNanos);
            busySum[interval] += busy;
            sleepingSum[interval] += sleeping;
            threadSamples[interval]++;
        }
    }

    /** The figures so far, together with what only the run knows. */
    public synchronized RunResult result(
            RunKind kind,
            long waitingAtClose,
            long sendFailures,
            DeliveryChecker.Totals delivery,
            double drainSeconds) {
        double windowSeconds = seconds(profile.window().toNanos());
        return new RunResult(
                kind,
                LatencySummary.of(wellBehaved.all),
                LatencySummary.of(flooding.all),
                kind.withFlooding()
                        ? schedule.tenants().stream()
                                .filter(Tenant::flooding)
                                .map(tenant -> servedInWindow[tenant.index()] / windowSeconds)
                                .toList()
                        : List.of(),
                IntStream.range(0, threadSamples.length)
                        .mapToObj(this::interval)
                        .toList(),
                waitingAtClose,
                mean(LongStream.of(busySum).sum(), LongStream.of(threadSamples).sum()),
                mean(
                        LongStream.of(sleepingSum).sum(),
                        LongStream.of(threadSamples).sum()),
                schedule.requests().size(),
                sendFailures,
                delivery,
                drainSeconds);
    }

    private RunResult.Interval interval(int index) {
        long start = index * intervalNanos;
        double length = seconds(Math.min(intervalNanos, profile.window().toNanos() - start));
        return new RunResult.Interval(
                seconds(start),
                length,
                wellBehaved.millis(index, 50),
                wellBehaved.millis(index, 99),
                flooding.millis(index, 50),
                floodingServed[index] / length / Math.max(1, profile.floodingTenants()),
                mean(busySum[index], threadSamples[index]),
                mean(sleepingSum[index], threadSamples[index]));
    }

    private int intervalAt(long nanos) {
        return (int) ((nanos - profile.warmUp().toNanos()) / intervalNanos);
    }

    private static double mean(long sum, long count) {
        return count == 0 ? 0 : (double) sum / count;
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    /** Latencies of one class of tenants in microseconds, in total and per interval. */
    private static final class TenantClass {
        private final Histogram all = new Histogram(SIGNIFICANT_DIGITS);
        private final List<Histogram> perInterval = new ArrayList<>();

        TenantClass(int intervals) {
            for (int i = 0; i < intervals; i++) {
                perInterval.add(new Histogram(SIGNIFICANT_DIGITS));
            }
        }

        void record(int interval, long micros) {
            all.recordValue(micros);
            perInterval.get(interval).recordValue(micros);
        }

        @Nullable
        Double millis(int interval, double percentile) {
            Histogram histogram = perInterval.get(interval);
            return histogram.getTotalCount() == 0 ? null : LatencySummary.millis(histogram, percentile);
        }
    }
}
