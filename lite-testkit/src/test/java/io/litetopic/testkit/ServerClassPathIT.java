package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServerClassPathIT {
    private final List<Path> jars = Stream.of(
                    ServerClassPath.of(StockCluster.BASELINE_VERSION).split(File.pathSeparator))
            .map(Path::of)
            .toList();

    @Test
    void holdsTheServerAndNotTheClientThatWouldBreakIt() {
        assertThat(jars)
                .allMatch(jar -> jar.toFile().isFile())
                .anyMatch(jar -> jar.endsWith("rocketmq-proxy-5.3.3.jar"))
                .noneMatch(jar -> jar.getFileName().toString().startsWith("rocketmq-client-java"));
    }

    @Test
    void staysAwayFromTheClassPathOfThisJvm() {
        assertThatThrownBy(() -> Class.forName("org.apache.rocketmq.proxy.ProxyStartup"))
                .isInstanceOf(ClassNotFoundException.class);
    }
}
