package io.litetopic.proxy.agent;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where the YAML file is: agent argument, system property, environment, {@code $ROCKETMQ_HOME/conf}; the first that is set. */
final class ConfigLocation {
    static final String SYSTEM_PROPERTY = "lite.config";
    static final String ENVIRONMENT_VARIABLE = "LITE_CONFIG";
    static final String DEFAULT_FILE = "lite-topic.yaml";
    private static final String REMEDY = "name the file: -javaagent:lite-proxy-plugin.jar=/path/lite-topic.yaml, or -D"
            + SYSTEM_PROPERTY + "=..., or environment " + ENVIRONMENT_VARIABLE;

    private ConfigLocation() {}

    /**
     * @param systemProperty looks a system property up; may answer {@code null}
     * @param environment looks an environment variable up; may answer {@code null}
     * @throws IllegalStateException if none of the places is set
     */
    static Path resolve(
            @Nullable String agentArgument,
            UnaryOperator<@Nullable String> systemProperty,
            UnaryOperator<@Nullable String> environment) {
        String explicit =
                firstSet(agentArgument, systemProperty.apply(SYSTEM_PROPERTY), environment.apply(ENVIRONMENT_VARIABLE));
        if (explicit != null) {
            return Paths.get(explicit.trim()).toAbsolutePath();
        }
        String home = firstSet(systemProperty.apply("rocketmq.home.dir"), environment.apply("ROCKETMQ_HOME"));
        if (home == null) {
            throw new IllegalStateException("no configuration file is named and ROCKETMQ_HOME is not set; " + REMEDY);
        }
        return Paths.get(home.trim(), "conf", DEFAULT_FILE).toAbsolutePath();
    }

    private static @Nullable String firstSet(@Nullable String... candidates) {
        for (String candidate : candidates) {
            if (candidate != null && !candidate.trim().isEmpty()) {
                return candidate;
            }
        }
        return null;
    }
}
