package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanIT {
    /** Starts a cluster, tells the process ids, and waits to be killed. */
    static final class Starter {
        private Starter() {}

        public static void main(String[] args) throws Exception {
            try (StockCluster cluster = StockCluster.builder()
                    .dataDirectory(Path.of(args[0])) // a killed JVM cannot delete a temporary one
                    .start()) {
                System.out.println("pid " + cluster.nameServer().pid());
                System.out.println("pid " + cluster.proxy().pid());
                System.out.println("ready");
                int ignored = System.in.read();
            }
        }
    }

    @TempDir
    Path folder = Path.of("");

    @Test
    void serversDieWithTheJvmThatStartedThemEvenIfThatIsKilled() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
        String localRepository = System.getProperty("maven.repo.local");
        if (localRepository != null) {
            command.add("-Dmaven.repo.local=" + localRepository);
        }
        command.add(Starter.class.getName());
        command.add(folder.toString());
        Process starter = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<Long> servers = new ArrayList<>();
        try (BufferedReader out = starter.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.equals("ready")) {
                if (line.startsWith("pid ")) {
                    servers.add(Long.valueOf(line.substring(4)));
                }
                line = out.readLine();
            }
            assertThat(servers).hasSize(2).allMatch(OrphanIT::isAlive);

            starter.destroyForcibly().waitFor();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(servers).noneMatch(OrphanIT::isAlive));
        } finally {
            starter.destroyForcibly();
        }
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
