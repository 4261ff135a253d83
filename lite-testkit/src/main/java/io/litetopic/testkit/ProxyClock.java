package io.litetopic.testkit;

import io.litetopic.testkit.clock.ClockAgent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** The wall clock of the plugin in one proxy, which follows an offset in a file: see {@link ClockAgent}. Thread-safe. */
final class ProxyClock {
    private final Path jar;
    private final Path offsetFile;

    /** Prepares the clock of the proxy with that folder, at the real time. */
    ProxyClock(Path folder) {
        this.jar = folder.resolve("clock-agent.jar");
        this.offsetFile = folder.resolve("wall-clock-offset");
        try {
            ClockAgent.writeJar(jar);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the agent of the shiftable clock to " + jar, e);
        }
        shift(Duration.ZERO);
    }

    String javaAgentOption() {
        return "-javaagent:" + jar + "=" + offsetFile;
    }

    /** Sets the clock so much ahead of the real time; behind it if negative. */
    void shift(Duration offset) {
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        value.putLong(0, offset.toMillis());
        try (FileChannel channel = FileChannel.open(offsetFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(value, 0); // eight bytes in one piece: the reader maps the same page
        } catch (IOException e) {
            throw new UncheckedIOException("cannot shift the wall clock in " + offsetFile, e);
        }
    }
}
