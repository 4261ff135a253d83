package io.litetopic.cli.bench.client;

import com.google.gson.Gson;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.WireLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process that started this one, at the other end of standard input and output. */
final class Parent {
    private static final Logger log = LoggerFactory.getLogger(Parent.class);
    private static final int LOST_PARENT = 3;

    private final Gson gson = new Gson();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final PrintStream out; // guarded by itself

    private Parent(PrintStream out) {
        this.out = out;
    }

    /** From now on the end of standard input ends this process. */
    static Parent connect(BufferedReader in, PrintStream out) {
        Parent parent = new Parent(out);
        Thread reader = new Thread(() -> parent.read(in), "bench-parent");
        reader.setDaemon(true);
        reader.start();
        return parent;
    }

    /** The order that this process was started for. */
    CaseSpec order() throws InterruptedException {
        return gson.fromJson(lines.take(), CaseSpec.class);
    }

    void progress(String text) {
        say(WireLine.ofProgress(text));
    }

    void result(CaseResult result) {
        say(WireLine.ofResult(result));
    }

    /** Lets the proxy be killed and started again, and blocks until it serves. */
    WireLine.Restarted restartProxy() throws InterruptedException {
        say(WireLine.ofRestart());
        return gson.fromJson(lines.take(), WireLine.Restarted.class);
    }

    private void read(BufferedReader in) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            log.error("cannot read what the parent says", e);
        }
        Runtime.getRuntime().halt(LOST_PARENT); // nobody is left to report to, and hooks would wait for the servers
    }

    private void say(WireLine line) {
        synchronized (out) {
            out.println(gson.toJson(line));
            out.flush();
        }
    }
}
