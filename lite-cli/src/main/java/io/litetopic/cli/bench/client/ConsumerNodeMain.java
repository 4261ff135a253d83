package io.litetopic.cli.bench.client;

import com.google.gson.Gson;
import io.litetopic.cli.bench.model.CaseSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.apis.ClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer in a process of its own, which may be killed. Standard input: its order, then {@code unsubscribe INDEX} or {@code
 * close}, each answered by {@code ok}. Standard output: {@code ok} when it has subscribed, and an event a line.
 */
public final class ConsumerNodeMain {
    static final String OK = "ok";
    static final String CLOSE = "close";
    static final String UNSUBSCRIBE = "unsubscribe ";

    private static final Logger log = LoggerFactory.getLogger(ConsumerNodeMain.class);

    private ConsumerNodeMain() {}

    public static void main(String[] args) {
        int exitCode = 1;
        try {
            obey();
            exitCode = 0;
        } catch (IOException | ClientException | RuntimeException e) {
            log.error("the second consumer ends", e);
        } finally {
            Runtime.getRuntime().halt(exitCode); // nobody is left to report to, and clients' threads would live on
        }
    }

    private static void obey() throws IOException, ClientException {
        PrintStream out = System.out;
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        CaseSpec spec = new Gson().fromJson(in.readLine(), CaseSpec.class);
        Handler handler = HandOverEvent.reporting(0, spec.number("handlerMillis"), event -> say(out, event.toLine()));
        Receiver receiver = new Clients(spec).receiver(spec.number("workers"), handler);
        for (int i = 0; i < spec.number("liteTopics"); i++) {
            receiver.subscribe(LiteTopics.name(i));
        }
        say(out, OK);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith(UNSUBSCRIBE)) {
                receiver.unsubscribe(LiteTopics.name(Integer.parseInt(line.substring(UNSUBSCRIBE.length()))));
            } else if (line.equals(CLOSE)) {
                receiver.close();
            } else {
                throw new IllegalArgumentException("unknown order: " + line);
            }
            say(out, OK);
        }
    }

    private static void say(PrintStream out, String line) {
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }
}
