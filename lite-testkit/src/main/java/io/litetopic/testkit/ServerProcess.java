package io.litetopic.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server JVM of a {@link StockCluster}, with the means to hurt it. After {@link #kill()} or {@link #stop()} the same
 * object starts it again with {@link #restart()}. Thread-safe; {@link #kill()}, {@link #suspend()} and {@link #resume()} do not
 * wait for a start or stop that is under way in another thread.
 */
public final class ServerProcess {
    private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);
    private static final long POLL_MILLIS = 50;
    private static final int FAILURE_TAIL_LINES = 40;
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);

    private final String name;
    private final JavaCommand command;
    private final Path folder;
    private final Readiness readiness;
    private final Duration startTimeout;
    private final Duration stopTimeout;
    private final @Nullable Pattern hopeless;

    private final Object transition = new Object(); // held through every start and stop
    private volatile @Nullable Process process; // null before the first start; written under transition
    private volatile boolean suspended;
    private volatile long stderrStart; // length of the log of standard error when the process was started
    private volatile Readiness afterRestart = Optional::empty;
    private volatile boolean closed; // once true, stays so

    /** @param hopeless a line on standard error that means that waiting on is useless; null if there is none such */
    ServerProcess(
            String name,
            JavaCommand command,
            Path folder,
            Readiness readiness,
            Duration startTimeout,
            Duration stopTimeout,
            @Nullable Pattern hopeless) {
        this.name = name;
        this.command = command;
        this.folder = folder;
        this.readiness = readiness;
        this.startTimeout = startTimeout;
        this.stopTimeout = stopTimeout;
        this.hopeless = hopeless;
    }

    /** What this process is: {@code nameserver}, {@code broker}, {@code proxy}, or {@code proxy+broker} in one JVM. */
    public String name() {
        return name;
    }

    /** Process id of the java process; of the last one if it has ended. */
    public long pid() {
        return running().pid();
    }

    /** Whether the process exists; a suspended one does. */
    public boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /** Ends the process at once (SIGKILL) and waits until it is gone. Does nothing if it has ended already. */
    public void kill() {
        Process current = running();
        current.destroyForcibly();
        if (!waitFor(current, KILL_TIMEOUT)) {
            throw new IllegalStateException(name + " did not end within " + KILL_TIMEOUT.toSeconds()
                    + " s of SIGKILL [pid=" + current.pid() + "]; it hangs in the kernel, see its state in ps");
        }
    }

    /**
     * Asks the process to end (SIGTERM) and waits until it is gone. One that is still there after the stop timeout is
     * killed, which is logged as a warning. A suspended process is resumed first. Does nothing if it has ended already.
     */
    public void stop() {
        synchronized (transition) {
            Process current = running();
            if (!current.isAlive()) {
                return;
            }
            // not Process.destroy(), which closes the pipe too and so makes the watcher kill the process
            current.toHandle().destroy();
            signal(current, "CONT");
            if (!waitFor(current, stopTimeout)) {
                log.warn(
                        "process did not stop in time, killing it process={} pid={} stopTimeoutMillis={}",
                        name,
                        current.pid(),
                        stopTimeout.toMillis());
                kill();
            }
        }
    }

    /**
     * Starts the process again with the same ports, configuration and data, and waits until it serves requests. Stops it
     * first if it is alive.
     *
     * @throws ClusterStartException if it does not become ready; the process is then stopped
     */
    public void restart() {
        synchronized (transition) {
            stop();
            launch();
            await(readiness.and(afterRestart));
        }
    }

    /** Freezes the process (SIGSTOP): it keeps its connections and answers nothing. */
    public void suspend() {
        signal(running(), "STOP");
        suspended = true;
    }

    /** Lets a suspended process go on (SIGCONT). */
    public void resume() {
        signal(running(), "CONT");
        suspended = false;
    }

    /**
     * The end of what the process has logged, over all its starts.
     *
     * @param lines how many lines of each log at most; at least 1
     * @return the tails of standard error, standard output and every stock log file, each under a line that names the
     *     file; empty if nothing was logged
     */
    public String logTail(int lines) {
        if (lines < 1) {
            throw new IllegalArgumentException("lines must be at least 1, but is " + lines);
        }
        return LogTail.ofFolder(folder, lines);
    }

    @Override
    public String toString() {
        Process current = process;
        return name
                + (current == null ? " (not started)" : "[pid=" + current.pid() + ", alive=" + current.isAlive() + "]");
    }

    /** Starts the process and returns at once. */
    void launch() {
        synchronized (transition) {
            if (closed) {
                throw new IllegalStateException("cannot start " + name + ": its cluster is closed");
            }
            suspended = false;
            stderrStart = LogTail.length(stderr());
            process = ProcessLauncher.start(command, folder, folder.resolve("stdout.log"), stderr());
        }
    }

    private Path stderr() {
        return folder.resolve("stderr.log");
    }

    /** Waits until the launched process serves requests. */
    void awaitReady() {
        await(readiness);
    }

    /** Whether the process exists and is not suspended. */
    boolean isRunning() {
        return isAlive() && !suspended;
    }

    /** Makes {@link #restart()} wait for {@code also} too. */
    void awaitAfterRestart(Readiness also) {
        afterRestart = also;
    }

    private void await(Readiness awaited) {
        Process current = running();
        long deadlineNanos = System.nanoTime() + startTimeout.toNanos();
        Optional<String> missing = Optional.of("not asked yet");
        while (System.nanoTime() - deadlineNanos < 0) {
            if (!current.isAlive()) {
                throw startFailed("it ended with exit code " + current.exitValue());
            }
            if (closed) {
                throw startFailed("its cluster was closed meanwhile");
            }
            if (hopeless != null) {
                LogTail.find(stderr(), stderrStart, hopeless).ifPresent(line -> {
                    throw startFailed(line);
                });
            }
            missing = awaited.missing();
            if (missing.isEmpty()) {
                return;
            }
            waitFor(current, Duration.ofMillis(POLL_MILLIS));
        }
        throw startFailed("not ready after " + startTimeout.toMillis() + " ms: " + missing.orElseThrow()
                + "; the builder's startTimeout gives it more time");
    }

    /** Throws what a start throws if the process has ended, so that those who depend on it need not wait in vain. */
    void requireAlive() {
        Process current = running();
        if (!current.isAlive()) {
            throw startFailed("it ended with exit code " + current.exitValue());
        }
    }

    /** Ends the process for good, by {@link #kill()} if {@code atOnce}, else by {@link #stop()}. */
    void close(boolean atOnce) {
        closed = true; // first of all, so that a start under way gives up and the lock comes free
        synchronized (transition) {
            if (process == null) {
                return;
            }
            if (atOnce) {
                kill();
            } else {
                stop();
            }
        }
    }

    private ClusterStartException startFailed(String reason) {
        return new ClusterStartException(name + " did not start: " + reason + "\n" + logTail(FAILURE_TAIL_LINES));
    }

    private Process running() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name + " was not started");
        }
        return current;
    }

    private void signal(Process target, String signal) {
        if (!target.isAlive()) {
            if (signal.equals("CONT")) {
                return;
            }
            throw new IllegalStateException("cannot suspend " + name + ": it has ended [pid=" + target.pid()
                    + ", exitCode=" + target.exitValue() + "]; restart it first");
        }
        try {
            // kill is built into sh: no further program needed
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + target.pid()).start();
            if (!waitFor(kill, KILL_TIMEOUT) || (kill.exitValue() != 0 && target.isAlive())) {
                throw new IllegalStateException(
                        "cannot send SIG" + signal + " to " + name + " [pid=" + target.pid() + "]");
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run /bin/sh to send SIG" + signal + " to " + name, e);
        }
    }

    private static boolean waitFor(Process target, Duration timeout) {
        try {
            return target.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a process of the cluster", e);
        }
    }
}
