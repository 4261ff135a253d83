package io.litetopic.proxy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is in the jar that operators deploy. */
class PluginJarIT {
    private static final int JAVA_8 = 52;

    @Test
    void holdsNoClassNewerThanJava8() throws IOException {
        try (JarFile jar = open()) {
            for (JarEntry entry :
                    jar.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
                try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
                    in.readInt(); // magic
                    in.readUnsignedShort(); // minor version
                    assertThat(in.readUnsignedShort()).as(entry.getName()).isLessThanOrEqualTo(JAVA_8);
                }
            }
        }
    }

    @Test
    void holdsOnlyItsOwnPackagesAndTheProtocol() throws IOException {
        try (JarFile jar = open()) {
            List<String> foreign = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> !name.endsWith("/"))
                    .filter(name -> !name.startsWith("io/litetopic/proxy/") && !name.startsWith("apache/rocketmq/v2/"))
                    .filter(name -> !name.equals("META-INF/MANIFEST.MF"))
                    .filter(name -> !name.startsWith("META-INF/LICENSE") && !name.startsWith("META-INF/NOTICE"))
                    .filter(name -> !name.startsWith("META-INF/licenses/"))
                    .collect(Collectors.toList());

            assertThat(foreign).isEmpty();
            assertThat(jar.getEntry("apache/rocketmq/v2/SyncLiteSubscriptionRequest.class"))
                    .isNotNull();
            assertThat(jar.getManifest().getMainAttributes().getValue("Premain-Class"))
                    .isEqualTo(LiteAgent.class.getName());
        }
    }

    private static JarFile open() throws IOException {
        return new JarFile(System.getProperty("litetopic.plugin.jar"));
    }
}
