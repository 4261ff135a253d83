package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.Figure;
import io.litetopic.cli.bench.measure.ProcessUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Processor time of the servers and of this process between two points in time. */
final class CpuMeter {
    private static final String CLIENT = "client";
    private static final String SERVER = "server";

    private final Map<String, Long> pids; // by role, in the order of the report
    private final Map<String, Double> startCpuSeconds;
    private final long startNanos;

    private CpuMeter(Map<String, Long> pids, Map<String, Double> startCpuSeconds, long startNanos) {
        this.pids = pids;
        this.startCpuSeconds = startCpuSeconds;
        this.startNanos = startNanos;
    }

    static CpuMeter start(Map<String, Long> serverPids) {
        Map<String, Long> pids = new LinkedHashMap<>();
        pids.put(CLIENT, ProcessHandle.current().pid());
        pids.putAll(serverPids);
        return new CpuMeter(pids, cpuSeconds(pids), System.nanoTime());
    }

    /** Since the start, for each of so many messages: the client, all servers together, and each server if there are several. */
    List<Figure> perMessage(String what, long messages) {
        return figures(
                what, Figure.Unit.CPU_MICROSECONDS_PER_MESSAGE, seconds -> seconds * 1e6 / Math.max(1, messages));
    }

    /** Since the start, as a part of the time that has passed. */
    List<Figure> ofACore(String what) {
        double elapsedSeconds = (System.nanoTime() - startNanos) / 1e9;
        return figures(what, Figure.Unit.PERCENT_OF_A_CORE, seconds -> 100 * seconds / elapsedSeconds);
    }

    private List<Figure> figures(String what, Figure.Unit unit, DoubleUnaryOperator value) {
        Map<String, Double> used = cpuSeconds(pids);
        startCpuSeconds.forEach((role, before) -> used.merge(role, -before, Double::sum));
        double servers = used.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(CLIENT))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure(what + ", servers", unit, value.applyAsDouble(servers)));
        used.forEach((role, seconds) -> {
            if (!role.equals(SERVER)) {
                figures.add(new Figure(what + ", " + role, unit, value.applyAsDouble(seconds)));
            }
        });
        return figures;
    }

    private static Map<String, Double> cpuSeconds(Map<String, Long> pids) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        pids.forEach((role, pid) -> seconds.put(role, ProcessUsage.of(pid).cpuSeconds()));
        return seconds;
    }
}
