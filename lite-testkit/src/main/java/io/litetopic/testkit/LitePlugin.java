package io.litetopic.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** How the LiteTopic plugin gets into the proxy: its jar, its configuration, and what to expect of it. */
final class LitePlugin {
    /** What the plugin says on standard error when it will not serve, or not all of its bind topics. */
    static final Pattern REFUSAL = Pattern.compile("^litetopic: .*(NOT ACTIVE|NOT SERVED)");

    static final String JAR_PROPERTY = "litetopic.plugin.jar";

    private LitePlugin() {}

    /** The JVM option that an operator would set. */
    static String javaAgentOption(Path jar, Path config) {
        return "-javaagent:" + jar.toAbsolutePath() + "=" + config.toAbsolutePath();
    }

    /** {@code given}, else the jar that the system property names, else the artifact of the testkit's own version. */
    static Path jar(@Nullable Path given) {
        String property = System.getProperty(JAR_PROPERTY);
        if (given != null) {
            return existing(given, "litePluginJar");
        }
        if (property != null) {
            return existing(Path.of(property), "system property " + JAR_PROPERTY);
        }
        return MavenArtifacts.single("io.litetopic:lite-proxy-plugin:" + ownVersion());
    }

    /**
     * Names of the bind topics that a configuration declares.
     *
     * @throws IllegalArgumentException if that cannot be read from it
     */
    static Set<String> bindTopics(String yaml) {
        Object root;
        try {
            root = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        } catch (YAMLException e) {
            throw new IllegalArgumentException(
                    "the plugin's configuration is not YAML: " + e.getMessage()
                            + "; correct it, or start with awaitLite(false) to see how the proxy takes it",
                    e);
        }
        if (!(root instanceof Map<?, ?> map) || !(map.get("bindTopics") instanceof Map<?, ?> topics)) {
            throw new IllegalArgumentException("the plugin's configuration has no map `bindTopics`, so there is nothing"
                    + " to wait for; add it, or start with awaitLite(false)");
        }
        Set<String> names = new TreeSet<>();
        topics.keySet().forEach(name -> names.add(String.valueOf(name)));
        return names;
    }

    private static Path existing(Path jar, String source) {
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException("no plugin jar at " + jar.toAbsolutePath() + ", which " + source
                    + " names; build lite-proxy-plugin first");
        }
        return jar;
    }

    private static String ownVersion() {
        Properties properties = new Properties();
        try (InputStream in = LitePlugin.class.getResourceAsStream("testkit.properties")) {
            if (in == null) {
                throw new IllegalStateException(
                        "testkit.properties is missing from the testkit's jar; name the plugin's"
                                + " jar with litePluginJar or the system property " + JAR_PROPERTY);
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read testkit.properties of the testkit", e);
        }
        return properties.getProperty("version");
    }
}
