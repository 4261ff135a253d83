package io.litetopic.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The last lines of log files. */
final class LogTail {
    /** No more than this much of a file is read, from its end. */
    private static final int MAX_BYTES = 256 << 10;

    private LogTail() {}

    /** The last {@code lines} lines of every non-empty {@code *.log} below {@code folder}, each under a heading. */
    static String ofFolder(Path folder, int lines) {
        StringBuilder text = new StringBuilder();
        for (Path log : logsBelow(folder)) {
            String tail = ofFile(log, lines);
            if (!tail.isBlank()) {
                text.append("==> ").append(log).append(" <==\n").append(tail);
            }
        }
        return text.toString();
    }

    /** The last {@code lines} lines of {@code file}, each ended by a line feed; empty if there is no such file. */
    static String ofFile(Path file, int lines) {
        if (!Files.exists(file)) {
            return "";
        }
        List<String> all = end(file).lines().toList();
        List<String> last = all.subList(Math.max(0, all.size() - lines), all.size());
        return last.isEmpty() ? "" : String.join("\n", last) + "\n";
    }

    /** Bytes in {@code file}; 0 if there is no such file. */
    static long length(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log file " + file, e);
        }
    }

    /** The first line behind the first {@code from} bytes of {@code file} in which {@code pattern} is found. */
    static Optional<String> find(Path file, long from, Pattern pattern) {
        return length(file) <= from
                ? Optional.empty()
                : since(file, from)
                        .lines()
                        .filter(line -> pattern.matcher(line).find())
                        .findFirst();
    }

    private static String end(Path file) {
        return since(file, 0);
    }

    private static String since(Path file, long from) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long start = Math.max(from, channel.size() - MAX_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - start));
            channel.position(start);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // reads until full or at the end of the file
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log file " + file, e);
        }
    }

    /** Standard output and error first, they say most about a failed start; then the others by name. */
    private static List<Path> logsBelow(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> logs = new ArrayList<>(files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().endsWith(".log"))
                    .sorted()
                    .toList());
            for (String first : List.of("stdout.log", "stderr.log")) {
                Path file = folder.resolve(first);
                if (logs.remove(file)) {
                    logs.add(0, file);
                }
            }
            return logs;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the log files below " + folder, e);
        }
    }
}
