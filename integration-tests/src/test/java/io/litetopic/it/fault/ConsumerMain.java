package io.litetopic.it.fault;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link LocalConsumer} in a process of its own, for {@link RemoteConsumer}. It obeys lines of standard input and ends with it:
 *
 * <pre>
 * + liteTopic      subscribe
 * - liteTopic      unsubscribe
 * OK id            see PipeHistory
 * CALM             let every listener call succeed
 * </pre>
 *
 * <p>Beside the history it writes {@code PENDING number}: how many changes of subscriptions are not done yet.
 */
final class ConsumerMain {
    static final String PENDING = "PENDING";
    static final String CALM = "CALM";

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private ConsumerMain() {}

    /** @param args name, endpoints, bind topic, consumer group, seed */
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // logs must not get between the lines
        PipeHistory history = new PipeHistory(out);
        LocalConsumer consumer =
                LocalConsumer.start(args[0], args[1], args[2], args[3], history, Long.parseLong(args[4]));
        Thread reporter = new Thread(() -> report(consumer, out), "test-reporter");
        reporter.setDaemon(true);
        reporter.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "+" -> consumer.subscribe(words[1]);
                case "-" -> consumer.unsubscribe(words[1]);
                case PipeHistory.OK -> history.acknowledged(Long.parseLong(words[1]));
                case CALM -> consumer.calmDown();
                default -> throw new IllegalArgumentException("unknown command: " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void report(LocalConsumer consumer, PrintStream out) {
        while (true) {
            out.println(PENDING + " " + consumer.pendingChanges());
            LockSupport.parkNanos(REPORT_NANOS);
        }
    }
}
