package io.litetopic.it.fault;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link LocalConsumer} in a JVM of its own, to be killed and stopped; it ends with this one at the latest. Thread-safe. */
final class RemoteConsumer implements TestConsumer {
    private static final Logger log = LoggerFactory.getLogger(RemoteConsumer.class);
    private static final int END_TIMEOUT_SECONDS = 10;

    private final String name;
    private final Checker checker;
    private final Process process;
    private final BufferedWriter commands;
    private final CompletableFuture<Void> outputEnded;
    private volatile int pending = Integer.MAX_VALUE; // until it has said so

    private RemoteConsumer(String name, Checker checker, Process process) {
        this.name = name;
        this.checker = checker;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.outputEnded = new CompletableFuture<>();
    }

    /** Starts the process and returns at once; commands wait in its standard input. */
    static RemoteConsumer start(
            String name, String endpoints, String bindTopic, String group, Checker checker, long seed)
            throws IOException {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Drocketmq.log.root=" + System.getProperty("rocketmq.log.root", "target/client-logs"),
                ConsumerMain.class.getName(),
                name,
                endpoints,
                bindTopic,
                group,
                Long.toString(seed));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        RemoteConsumer consumer = new RemoteConsumer(name, checker, builder.start());
        Thread reader = new Thread(consumer::readLines, "test-reader " + name);
        reader.setDaemon(true);
        reader.start();
        return consumer;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void subscribe(String liteTopic) {
        command("+ " + liteTopic);
    }

    @Override
    public void unsubscribe(String liteTopic) {
        command("- " + liteTopic);
    }

    @Override
    public int pendingChanges() {
        return pending;
    }

    @Override
    public void calmDown() {
        command(ConsumerMain.CALM);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when the process is gone and all that it wrote has been read. */
    void kill() {
        close();
        checker.consumerDied(name);
    }

    /** SIGSTOP, and SIGCONT after that time even if this JVM is gone by then. Returns at once. */
    void stopFor(Duration time) throws IOException {
        String pid = Long.toString(process.pid());
        new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "kill -STOP $1; sleep $2; kill -CONT $1",
                        "sh",
                        pid,
                        Long.toString(time.toSeconds()))
                .start();
    }

    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            outputEnded.get(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the output of consumer " + name + " did not end", e);
        }
    }

    private void command(String line) {
        synchronized (commands) {
            try {
                commands.write(line);
                commands.newLine();
                commands.flush();
            } catch (IOException e) {
                if (process.isAlive()) {
                    throw new UncheckedIOException("cannot tell consumer " + name + ": " + line, e);
                }
                log.debug("command for a dead consumer consumer={} command={}", name, line);
            }
        }
    }

    private void readLines() {
        Map<Long, Long> ids = new HashMap<>(); // the checker's, by the process's own
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                read(line.split(" ", -1), ids);
            }
        } catch (IOException | RuntimeException e) {
            log.error("cannot read what a consumer says consumer={}", name, e);
            outputEnded.completeExceptionally(e);
        }
        outputEnded.complete(null);
    }

    private void read(String[] words, Map<Long, Long> ids) {
        switch (words[0]) {
            case PipeHistory.BEGAN ->
                ids.put(
                        Long.valueOf(words[1]),
                        checker.began(name, words[3], Integer.parseInt(words[4]), Long.parseLong(words[2])));
            case PipeHistory.ENDED -> {
                Long id = ids.get(Long.valueOf(words[1]));
                if (id != null) {
                    checker.ended(
                            id, History.Result.valueOf(words[3]), Long.parseLong(words[4]), Long.parseLong(words[2]));
                }
                command(PipeHistory.OK + " " + words[1]);
            }
            case PipeHistory.SETTLED -> {
                Long id = ids.remove(Long.valueOf(words[1]));
                if (id != null) {
                    checker.settled(
                            id, History.Outcome.valueOf(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
                }
            }
            case ConsumerMain.PENDING -> pending = Integer.parseInt(words[1]);
            default ->
                throw new IllegalStateException(
                        "consumer " + name + " wrote a line that is none of its reports: " + String.join(" ", words));
        }
    }
}
