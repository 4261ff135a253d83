package io.litetopic.cli.bench.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The live objects of a server's heap, counted by the JDK's own tool, which collects garbage first. */
final class ServerHeap {
    private ServerHeap() {}

    /** Bytes of all objects that can be reached in that process. Blocks for a garbage collection of the whole heap. */
    static long liveBytes(long pid) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(List.of(jcmd.toString(), Long.toString(pid), "GC.class_histogram"))
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new LoadFailure("jcmd cannot look at the heap of process " + pid + ": " + text);
        }
        return total(text);
    }

    /** The number of bytes in the last line: {@code Total  objects  bytes}. */
    static long total(String histogram) {
        return histogram
                .lines()
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[2]))
                .findFirst()
                .orElseThrow(() -> new LoadFailure("no total in the histogram of the heap: "
                        + histogram.lines().limit(10).toList()));
    }
}
