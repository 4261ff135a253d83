package io.litetopic.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * CPU time and allocated bytes of the calling thread between {@link #start} and {@link #stop}, summed over all such pairs of the
 * measured iterations. Unlike JMH's score it does not count the time in which other processes have the core, so results of a busy
 * machine can be compared.
 */
final class CostMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long startedAtBytes;
    private long startedAtCpuNanos;
    private long bytes;
    private long cpuNanos;
    private long operations;

    void start() {
        startedAtBytes = threads.getCurrentThreadAllocatedBytes();
        startedAtCpuNanos = threads.getCurrentThreadCpuTime();
    }

    void stop(long operations) {
        this.cpuNanos += threads.getCurrentThreadCpuTime() - startedAtCpuNanos;
        this.bytes += threads.getCurrentThreadAllocatedBytes() - startedAtBytes;
        this.operations += operations;
    }

    /** Forgets what was measured if it was the warm-up. */
    void iterationEnds(IterationParams iteration) {
        if (iteration.getType() == IterationType.WARMUP) {
            bytes = 0;
            cpuNanos = 0;
            operations = 0;
        }
    }

    void print(String operation) {
        double nanos = (double) cpuNanos / operations;
        System.out.printf(
                "%ncost: %,.0f CPU ns/%s, %,.0f %ss/s of one core, %,.1f bytes/%s%n",
                nanos, operation, 1e9 / nanos, operation, (double) bytes / operations, operation);
    }
}
