package io.litetopic.cli;

import io.litetopic.testkit.ServerProcess;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ExitCode;

/**
 * Keeps this process in the foreground while its child processes live. Ends when one of them dies, or when a signal stops the
 * virtual machine, which then exits with 128 + the signal's number after everything is stopped.
 */
final class Foreground {
    private static final long CHECK_MILLIS = 300;
    private static final int LOG_TAIL_LINES = 40;

    private final Runnable stop;
    private final PrintStream err;
    private final CountDownLatch signalled = new CountDownLatch(1);

    Foreground(Runnable stop, PrintStream err) {
        this.stop = stop;
        this.err = err;
    }

    /** From now on a signal stops the children and waits for them before the process ends. */
    void stopOnSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopNow, "lite-stop"));
    }

    /**
     * Blocks until a child dies.
     *
     * @return the exit code for that
     */
    int watch(Map<Long, ServerProcess> children) throws InterruptedException {
        while (true) {
            for (ServerProcess child : children.values()) {
                // Ctrl-C reaches the children too: one that died of it is no news
                if (!child.isAlive() && !signalled.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                    err.println("lite: the " + child.name() + " process " + child.pid()
                            + " died; stopping. Its log ends with:\n" + child.logTail(LOG_TAIL_LINES));
                    return ExitCode.SOFTWARE;
                }
            }
            if (signalled.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                Thread.currentThread().join(); // the hook runs; the virtual machine ends without us
            }
        }
    }

    private void stopNow() {
        signalled.countDown();
        err.println("lite: stopping; RocketMQ takes ten seconds and more to write everything down ...");
        stop.run();
        err.println("lite: stopped");
    }
}
