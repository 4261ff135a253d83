package io.litetopic.cli.demo.measure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one run.
 *
 * @param wellBehaved latency of the well-behaved tenants' requests that were due in the window, also of those that were
 *     served only after it
 * @param flooding the same of the flooding tenants; without any request in the baseline
 * @param floodingRates requests per second served in the window, per flooding tenant; empty in the baseline
 * @param intervals the window in pieces, in order of time
 * @param waitingAtClose well-behaved tenants' requests that were due but not served when the window closed
 * @param meanBusyThreads over the window, sleeping ones included
 * @param meanSleepingThreads over the window
 * @param sent requests handed to the producer, warm-up included
 * @param sendFailures requests that the producer could not deliver to the broker
 * @param delivery completeness and order of all requests, warm-up and drain included
 * @param drainSeconds from the end of the window until everything was served
 */
public record RunResult(
        RunKind kind,
        LatencySummary wellBehaved,
        LatencySummary flooding,
        List<Double> floodingRates,
        List<Interval> intervals,
        long waitingAtClose,
        double meanBusyThreads,
        double meanSleepingThreads,
        long sent,
        long sendFailures,
        DeliveryChecker.Totals delivery,
        double drainSeconds) {

    /**
     * A piece of the window. Latencies are of the requests that were due in it, rates and threads are what happened in it.
     *
     * @param startSeconds since the start of the window
     * @param floodingRate requests per second served per flooding tenant
     */
    public record Interval(
            double startSeconds,
            double lengthSeconds,
            @Nullable Double wellBehavedP50Millis,
            @Nullable Double wellBehavedP99Millis,
            @Nullable Double floodingP50Millis,
            double floodingRate,
            double busyThreads,
            double sleepingThreads) {}

    /** Nothing lost, nothing out of order, and the whole load reached the broker. */
    public boolean isSound() {
        return delivery.lost() == 0 && delivery.outOfOrder() == 0 && sendFailures == 0;
    }

    /** Mean over the flooding tenants, or 0 if there are none. */
    public double meanFloodingRate() {
        return floodingRates.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
