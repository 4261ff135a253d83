package io.litetopic.cli.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processor time and memory of a process of this machine, from {@code /proc}.
 *
 * @param cpuSeconds user and system time since its start, all threads
 * @param peakBytes the most memory that was resident at a time since its start
 */
public record ProcessUsage(double cpuSeconds, long peakBytes) {
    /** Linux shows all processes a clock of 100 Hz, whatever the kernel's own is. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TIME_FIELD = 14; // proc(5), counted from 1
    private static final int FIRST_FIELD_AFTER_NAME = 3;

    /**
     * Looks at a process.
     *
     * @throws IllegalStateException if there is no such process, or no {@code /proc}
     */
    public static ProcessUsage of(long pid) {
        Path folder = Path.of("/proc", Long.toString(pid));
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("cannot read the processor time of process " + pid + ": there is no "
                    + folder + "; the process has ended, or this is not Linux, which the benchmarks need");
        }
        try {
            return new ProcessUsage(
                    cpuSeconds(Files.readString(folder.resolve("stat"), StandardCharsets.UTF_8)),
                    peakBytes(Files.readString(folder.resolve("status"), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    static double cpuSeconds(String stat) {
        // the name of the program stands in parentheses and may contain anything
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long user = Long.parseLong(fields[USER_TIME_FIELD - FIRST_FIELD_AFTER_NAME]);
        long system = Long.parseLong(fields[USER_TIME_FIELD + 1 - FIRST_FIELD_AFTER_NAME]);
        return (user + system) / TICKS_PER_SECOND;
    }

    static long peakBytes(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no VmHWM in the status of the process: " + status));
    }
}
