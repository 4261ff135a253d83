package io.litetopic.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Versions that the build wrote into this jar. */
final class Versions implements IVersionProvider {
    private final Properties values = load();

    private static Properties load() {
        Properties properties = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is missing from the jar; build it with Maven");
            }
            properties.load(in);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of this project. */
    String litetopic() {
        return get("litetopic");
    }

    /** Of the embedded stock servers. */
    String rocketmq() {
        return get("rocketmq");
    }

    /** Of the official client. */
    String rocketmqClient() {
        return get("rocketmqClient");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"lite " + litetopic() + " (RocketMQ " + rocketmq() + ", client " + rocketmqClient() + ")"};
    }

    private String get(String key) {
        String value = values.getProperty(key);
        if (value == null) {
            throw new IllegalStateException("version.properties lacks " + key);
        }
        return value;
    }
}
