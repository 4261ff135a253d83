package io.litetopic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script {@code bin/lite}, in a tree of its own with a {@code mvn} and a {@code java} that only leave traces. */
class ScriptTest {
    private static final List<String> MODULES = List.of("lite-sdk", "lite-testkit", "lite-proxy-plugin", "lite-cli");

    private record Outcome(int exitCode, String out, String err) {}

    @TempDir
    private Path folder;

    private Path tree;
    private Path tools;

    @BeforeEach
    void plantTree() throws IOException {
        tree = Files.createDirectories(folder.resolve("a tree"));
        tools = Files.createDirectories(folder.resolve("tools"));
        Files.createDirectories(tree.resolve("bin"));
        Files.copy(Path.of(System.getProperty("litetopic.script")), tree.resolve("bin/lite"));
        assertThat(tree.resolve("bin/lite").toFile().setExecutable(true)).isTrue();
        Files.writeString(tree.resolve("pom.xml"), "<project>\n  <version>1.2-TEST</version>\n</project>\n");
        for (String module : MODULES) {
            Files.createDirectories(tree.resolve(module).resolve("src/main/java"));
            Files.writeString(tree.resolve(module).resolve("pom.xml"), "<project/>\n");
            Files.writeString(tree.resolve(module).resolve("src/main/java/A.java"), "class A {}\n");
        }
        script("java", "printf '%s\\n' \"$@\"");
        script("mvn", """
                echo built >>"%1$s/builds"
                echo noise
                for module in %2$s; do
                    mkdir -p "%1$s/$module/target"
                    echo jar >"%1$s/$module/target/$module-1.2-TEST.jar"
                done
                mkdir -p "%1$s/lite-cli/target/lib"
                """.formatted(tree, String.join(" ", MODULES)));
    }

    @Test
    void buildsOnceAndPassesItsArgumentsOn() throws Exception {
        Outcome first = lite(tree.resolve("bin/lite"), "up", "--data", "two words");
        Outcome second = lite(tree.resolve("bin/lite"), "--version");

        assertThat(first.exitCode()).isZero();
        assertThat(first.err()).contains("building").doesNotContain("noise");
        assertThat(first.out().lines())
                .endsWith("io.litetopic.cli.LiteMain", "up", "--data", "two words")
                .contains("-Dlitetopic.plugin.jar=" + tree.toRealPath()
                        + "/lite-proxy-plugin/target/lite-proxy-plugin-1.2-TEST.jar");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void findsItsTreeThroughSymbolicLinks() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a tree/bin/lite"));
        Path linkToLink = Files.createSymbolicLink(folder.resolve("link to link"), link);

        assertThat(lite(linkToLink, "--version").exitCode()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsAgainWhenASourceIsNewerThanItsJar() throws Exception {
        lite(tree.resolve("bin/lite"));
        touchLater(tree.resolve("lite-sdk/src/main/java/A.java"));

        lite(tree.resolve("bin/lite"));

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainWhenTheParentIsNewer() throws Exception {
        lite(tree.resolve("bin/lite"));
        touchLater(tree.resolve("pom.xml"));

        lite(tree.resolve("bin/lite"));

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void needsNoMavenOnceEverythingIsBuilt() throws Exception {
        lite(tree.resolve("bin/lite"));
        Files.delete(tools.resolve("mvn"));

        assertThat(lite(tree.resolve("bin/lite")).exitCode()).isZero();
    }

    @Test
    void showsTheEndOfTheLogWhenTheBuildFails() throws Exception {
        script("mvn", "echo 'the compiler is unhappy'; exit 1");

        Outcome outcome = lite(tree.resolve("bin/lite"));

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("the compiler is unhappy", "the build failed", "bin-lite-build.log");
    }

    @Test
    void doesNotTakeAFailedBuildForABuild() throws Exception {
        lite(tree.resolve("bin/lite"));
        touchLater(tree.resolve("pom.xml"));
        script("mvn", "exit 1");

        assertThat(lite(tree.resolve("bin/lite")).exitCode()).isEqualTo(1);
        assertThat(lite(tree.resolve("bin/lite")).exitCode()).isEqualTo(1);
    }

    @Test
    void refusesToRunUnbuiltWhenItMustNotBuild() throws Exception {
        Outcome outcome = lite(Map.of("LITE_BUILD", "never"), tree.resolve("bin/lite"));

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("is missing", "LITE_BUILD=always");
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        script("java", "exit 7");

        assertThat(lite(tree.resolve("bin/lite")).exitCode()).isEqualTo(7);
    }

    private long builds() throws IOException {
        return Files.readAllLines(tree.resolve("builds")).size();
    }

    private void script(String name, String body) throws IOException {
        Path file = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** As if edited after all jars were built, however coarse the file system's clock is. */
    private static void touchLater(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
    }

    private Outcome lite(Path script, String... arguments) throws IOException, InterruptedException {
        return lite(Map.of(), script, arguments);
    }

    private Outcome lite(Map<String, String> environment, Path script, String... arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("LITE_BUILD");
        builder.environment().remove("LITE_JAVA_OPTS");
        builder.environment().put("PATH", tools + ":/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
