package io.litetopic.proxy.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigLocationTest {
    private static final Map<String, String> PROPERTIES = Map.of("lite.config", "/from/property.yaml");
    private static final Map<String, String> ENVIRONMENT =
            Map.of("LITE_CONFIG", "/from/environment.yaml", "ROCKETMQ_HOME", "/home/rocketmq");

    @Test
    void prefersTheAgentArgumentThenPropertyThenEnvironmentThenHome() {
        assertThat(ConfigLocation.resolve("/from/argument.yaml", PROPERTIES::get, ENVIRONMENT::get))
                .isEqualTo(Path.of("/from/argument.yaml"));
        assertThat(ConfigLocation.resolve(" ", PROPERTIES::get, ENVIRONMENT::get))
                .isEqualTo(Path.of("/from/property.yaml"));
        assertThat(ConfigLocation.resolve(null, name -> null, ENVIRONMENT::get))
                .isEqualTo(Path.of("/from/environment.yaml"));
        assertThat(ConfigLocation.resolve(null, name -> null, Map.of("ROCKETMQ_HOME", "/home/rocketmq")::get))
                .isEqualTo(Path.of("/home/rocketmq/conf/lite-topic.yaml"));
    }

    @Test
    void saysHowToNameTheFileIfNothingIsSet() {
        assertThatThrownBy(() -> ConfigLocation.resolve(null, name -> null, name -> null))
                .hasMessageContaining("-javaagent:lite-proxy-plugin.jar=/path/lite-topic.yaml");
    }
}
