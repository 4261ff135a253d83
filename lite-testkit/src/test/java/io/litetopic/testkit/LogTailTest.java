package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void returnsTheLastLinesOfAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.log"), "one\ntwo\nthree\n");

        assertThat(LogTail.ofFile(file, 2)).isEqualTo("two\nthree\n");
        assertThat(LogTail.ofFile(file, 5)).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void readsOnlyTheEndOfAHugeFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.log"), "filler line\n".repeat(100_000) + "last\n");

        assertThat(LogTail.ofFile(file, 1)).isEqualTo("last\n");
    }

    @Test
    void isEmptyWithoutTheFileOrWithoutContent() throws IOException {
        Files.createFile(folder.resolve("empty.log"));

        assertThat(LogTail.ofFile(folder.resolve("none.log"), 3)).isEmpty();
        assertThat(LogTail.ofFolder(folder, 3)).isEmpty();
        assertThat(LogTail.ofFolder(folder.resolve("none"), 3)).isEmpty();
    }

    @Test
    void headsEachLogWithItsPathAndPutsStandardErrorFirst() throws IOException {
        Path nested = Files.createDirectories(folder.resolve("home/logs"));
        Files.writeString(nested.resolve("broker.log"), "from broker\n");
        Files.writeString(folder.resolve("stdout.log"), "from stdout\n");
        Files.writeString(folder.resolve("stderr.log"), "from stderr\n");

        String tail = LogTail.ofFolder(folder, 3);

        assertThat(tail)
                .startsWith("==> " + folder.resolve("stderr.log") + " <==\nfrom stderr\n")
                .containsSubsequence("from stderr", "from stdout", "broker.log <==", "from broker");
    }
}
