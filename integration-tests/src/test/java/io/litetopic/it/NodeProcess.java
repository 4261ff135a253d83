package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link ConsumerNode} in a JVM of its own, which ends with this one at the latest. Thread-safe.
 */
final class NodeProcess implements AutoCloseable {
    static final String READY = "READY";
    static final String HANDLED = "HANDLED";
    static final String HELD = "HELD";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final int END_TIMEOUT_SECONDS = 10;

    private final Process process;
    private final Deliveries handled = new Deliveries();
    private final ConcurrentMap<String, Integer> held = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> outputEnded;
    private volatile boolean ready;

    private NodeProcess(Process process) {
        this.process = process;
        this.outputEnded = CompletableFuture.runAsync(this::readLines);
    }

    /** Starts one and waits until it has subscribed. */
    static NodeProcess start(String endpoints, String bindTopic, String group, int firstToHold, List<String> liteTopics)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-Drocketmq.log.root=" + System.getProperty("rocketmq.log.root", "target/client-logs"),
                ConsumerNode.class.getName(),
                endpoints,
                bindTopic,
                group,
                Integer.toString(firstToHold)));
        command.addAll(liteTopics);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        NodeProcess node = new NodeProcess(builder.start());
        boolean started = false;
        try {
            await().atMost(START_TIMEOUT)
                    .failFast(() -> assertThat(node.process.isAlive())
                            .as("the node runs")
                            .isTrue())
                    .until(() -> node.ready);
            started = true;
            return node;
        } finally {
            if (!started) {
                node.close();
            }
        }
    }

    /** What it has handled with success. */
    Deliveries handled() {
        return handled;
    }

    /** The message of each lite topic that it holds without an end. */
    ConcurrentMap<String, Integer> held() {
        return held;
    }

    /** SIGKILL; returns when the process is gone and all that it wrote has been read. */
    void kill() {
        process.destroyForcibly();
        close();
    }

    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            outputEnded.get(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the output of process " + process.pid() + " did not end", e);
        }
    }

    private void readLines() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals(READY)) {
                    ready = true;
                } else if (words[0].equals(HANDLED) && words.length == 3) {
                    handled.add(words[1], Integer.parseInt(words[2]));
                } else if (words[0].equals(HELD) && words.length == 3) {
                    held.put(words[1], Integer.parseInt(words[2]));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read what process " + process.pid() + " writes", e);
        }
    }
}
