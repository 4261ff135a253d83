package io.litetopic.testkit;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The class path of the stock server, for child JVMs only. Resolved once per version and process. Thread-safe. */
final class ServerClassPath {
    private static final Map<String, String> BY_VERSION = new ConcurrentHashMap<>();

    /** Bundles unrelocated protocol classes against a relocated protobuf: it breaks every proxy that finds it first. */
    private static final String CLIENT_JAR_PREFIX = "rocketmq-client-java-";

    private ServerClassPath() {}

    /** All jars of the stock server of {@code version}, joined as the {@code CLASSPATH} variable wants them. Blocks. */
    static String of(String version) {
        return BY_VERSION.computeIfAbsent(version, ServerClassPath::resolve);
    }

    private static String resolve(String version) {
        List<String> coordinates = Stream.of("namesrv", "broker", "proxy", "tools")
                .map(part -> "org.apache.rocketmq:rocketmq-" + part + ":" + version)
                .toList();
        List<Path> jars = MavenArtifacts.withDependencies(coordinates);
        for (Path jar : jars) {
            if (jar.getFileName().toString().startsWith(CLIENT_JAR_PREFIX)) {
                throw new IllegalStateException("the stock server's dependencies contain " + jar
                        + ", which cannot share a class path with the proxy; choose another version than " + version);
            }
        }
        return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
