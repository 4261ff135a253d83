package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LitePluginTest {
    @Test
    void findsTheBindTopicsOfAConfiguration() {
        String yaml = """
                bindTopics:
                  inference:
                    ttl: 30m
                    groups:
                      workers: { mode: shared }
                  chat: {}
                """;

        assertThat(LitePlugin.bindTopics(yaml)).containsExactly("chat", "inference");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bindTopics: [", "bindTopics: text", "other: {}", "- a\n- b"})
    void refusesConfigurationsFromWhichNothingCanBeAwaited(String yaml) {
        assertThatThrownBy(() -> LitePlugin.bindTopics(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("awaitLite(false)");
    }

    @Test
    void namesAMissingJarAndWhoNamedIt() {
        assertThatThrownBy(() -> LitePlugin.jar(Path.of("no-such-plugin.jar")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no-such-plugin.jar, which litePluginJar names");
    }
}
