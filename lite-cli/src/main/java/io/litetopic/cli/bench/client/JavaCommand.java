package io.litetopic.cli.bench.client;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a process of the benchmark is started: this Java, this class path, and nothing on standard output but what the class writes. */
public final class JavaCommand {
    /** The quick compiler of the JVM only. */
    public static final String C1 = "-XX:TieredStopAtLevel=1";

    private JavaCommand() {}

    /** Options of this process that another one of it should have, too. */
    static List<String> inherited() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(C1::equals)
                .toList();
    }

    public static List<String> of(Class<?> main, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xlog:disable");
        command.add("-Xlog:all=warning:stderr");
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        return command;
    }
}
