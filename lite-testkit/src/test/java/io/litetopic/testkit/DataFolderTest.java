package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path temporary = Path.of("");

    @Test
    void deletesATemporaryFolderOnClose() {
        DataFolder folder = DataFolder.open(null);
        folder.write(folder.process("proxy").resolve("stdout.log"), "text");

        folder.close();

        assertThat(folder.root()).doesNotExist();
    }

    @Test
    void keepsAGivenFolderAndOpensItAgain() {
        Path given = temporary.resolve("deep/data");
        try (DataFolder folder = DataFolder.open(given)) {
            folder.write(folder.process("proxy").resolve("stdout.log"), "text");
        }

        try (DataFolder folder = DataFolder.open(given)) {
            assertThat(folder.process("proxy").resolve("stdout.log")).hasContent("text");
        }
    }

    @Test
    void refusesAFolderThatAnotherClusterUses() {
        try (DataFolder folder = DataFolder.open(temporary)) {
            assertThatThrownBy(() -> DataFolder.open(temporary))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("data folder " + folder.root() + " is in use by another cluster");
        }
    }
}
