package io.litetopic.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes that the calling thread allocates between {@link #start} and {@link #stop}, summed over all such pairs. */
final class AllocationMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long startedAt;
    private long bytes;
    private long operations;

    void start() {
        startedAt = threads.getCurrentThreadAllocatedBytes();
    }

    void stop(int operations) {
        this.bytes += threads.getCurrentThreadAllocatedBytes() - startedAt;
        this.operations += operations;
    }

    double bytesPerOperation() {
        return (double) bytes / operations;
    }
}
