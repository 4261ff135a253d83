package io.litetopic.cli.bench.client;

import com.google.gson.Gson;
import io.litetopic.cli.bench.model.CaseSpec;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The consumer in a process of its own, as seen from the load process. For one thread. */
final class ConsumerNode implements Closeable {
    private static final long ANSWER_SECONDS = 60;

    private final Process process;
    private final PrintStream orders;
    private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(1);
    private final Thread reader;

    private ConsumerNode(Process process, Consumer<HandOverEvent> events) {
        this.process = process;
        this.orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.reader = new Thread(() -> read(events), "bench-node-reader");
    }

    /** Starts it and waits until it has subscribed to everything. */
    static ConsumerNode start(CaseSpec spec, Consumer<HandOverEvent> events) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(JavaCommand.inherited());
        options.add("-Xmx512m");
        options.add("-Drocketmq.log.root=" + System.getProperty("rocketmq.log.root"));
        options.add("-Drocketmq.log.level=" + System.getProperty("rocketmq.log.level"));
        Process process = new ProcessBuilder(JavaCommand.of(ConsumerNodeMain.class, options))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ConsumerNode node = new ConsumerNode(process, events);
        node.reader.start();
        node.order(new Gson().toJson(spec));
        return node;
    }

    void unsubscribe(int liteTopic) throws InterruptedException {
        order(ConsumerNodeMain.UNSUBSCRIBE + liteTopic);
    }

    /** Closes its consumer; the process lives on. */
    void closeConsumer() throws InterruptedException {
        order(ConsumerNodeMain.CLOSE);
    }

    /** Kills the process and waits until all that it said is read. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void order(String order) throws InterruptedException {
        orders.println(order);
        awaitAnswer(order);
    }

    private void awaitAnswer(String order) throws InterruptedException {
        if (answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS) == null) {
            throw new LoadFailure(
                    "the second consumer process did not do \"" + order + "\" in " + ANSWER_SECONDS + " s");
        }
    }

    private void read(Consumer<HandOverEvent> events) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(ConsumerNodeMain.OK)) {
                    answers.put(line);
                } else {
                    events.accept(HandOverEvent.parse(line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
