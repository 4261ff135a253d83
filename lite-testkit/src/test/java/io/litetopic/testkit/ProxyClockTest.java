package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.clocktest.PrintsTheTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent in a JVM of its own, on a class that lies in a package of the plugin. */
class ProxyClockTest {
    private static final long TOLERANCE_MILLIS = 60_000; // of a loaded machine; the steps are hours

    @Test
    void clockOfThePluginFollowsEveryShiftWhileTheProcessRuns(@TempDir Path folder) throws Exception {
        ProxyClock clock = new ProxyClock(folder);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        clock.javaAgentOption(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PrintsTheTime.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("ready");

            assertOffset(ask(process, lines), Duration.ZERO);
            clock.shift(Duration.ofHours(1));
            assertOffset(ask(process, lines), Duration.ofHours(1));
            clock.shift(Duration.ofHours(-1));
            assertOffset(ask(process, lines), Duration.ofHours(-1));
            clock.shift(Duration.ZERO);
            assertOffset(ask(process, lines), Duration.ZERO);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String ask(Process process, BufferedReader lines) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write('?');
        in.flush();
        return lines.readLine();
    }

    private static void assertOffset(String times, Duration offset) {
        assertThat(Arrays.stream(times.split(" ", -1)).map(Long::parseLong))
                .hasSize(2)
                .allSatisfy(time -> assertThat(time - System.currentTimeMillis())
                        .isBetween(offset.toMillis() - TOLERANCE_MILLIS, offset.toMillis() + TOLERANCE_MILLIS));
    }
}
