package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StartFailureTest {
    private static final Path DATA = Path.of("/data/../data/lite");

    @Test
    void keepsThePluginsOwnWordsAndDropsTheServersLogs() {
        String message = """
                proxy did not start: not ready after 60000 ms
                ==> stderr.log <==
                litetopic: NOT ACTIVE: lite.yaml:3:5: unknown key
                ==> broker.log <==
                many lines
                """;

        assertThat(StartFailure.explain(message, DATA))
                .contains("litetopic: NOT ACTIVE: lite.yaml:3:5: unknown key", "Logs are in /data/lite")
                .doesNotContain("many lines");
    }

    @Test
    void keepsEverythingWhenThePluginSaidNothing() {
        String message = "proxy ended with exit code 1\n==> stderr.log <==\nAddress already in use\n";

        assertThat(StartFailure.explain(message, DATA)).isEqualTo(message);
    }
}
