package io.litetopic.proxy.runtime;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that runs the engines given to it: takes the commands that have come, lets every engine dispatch, sleeps until
 * the next command or deadline.
 *
 * <p>{@link #execute} is thread-safe and never blocks. Commands and machines must deal with their own failures: one that escapes
 * ends the thread through its uncaught exception handler.
 */
public final class EngineLoop implements AutoCloseable {
    private static final int MAX_BATCH = 4_096;
    private static final long MAX_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A state machine that this loop drives. Called on the loop's thread only. */
    public interface Machine {
        /** Does what is due at {@code nowNanos}. */
        void dispatch(long nowNanos);

        /** When {@link #dispatch} is due next; {@code Long.MAX_VALUE} if nothing is scheduled. */
        long nextDeadlineNanos();
    }

    private final Thread thread;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final List<Machine> machines = new CopyOnWriteArrayList<>();
    private volatile boolean sleeping;
    private volatile boolean closed;

    public EngineLoop(String threadName) {
        this.thread = new Thread(this::run, threadName);
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** From now on {@code machine} is driven. */
    public void add(Machine machine) {
        machines.add(machine);
        wakeUp();
    }

    public void remove(Machine machine) {
        machines.remove(machine);
    }

    /** Runs {@code command} on the loop's thread, in the order of the calls of each caller. */
    public void execute(Runnable command) {
        commands.add(command);
        wakeUp();
    }

    public boolean isLoopThread() {
        return Thread.currentThread() == thread;
    }

    /** The clock of commands and deadlines: monotonic. */
    public static long nowNanos() {
        return System.nanoTime();
    }

    private void wakeUp() {
        if (sleeping) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            Runnable command;
            for (int i = 0; i < MAX_BATCH && (command = commands.poll()) != null; i++) {
                command.run();
            }
            long nextDeadline = Long.MAX_VALUE;
            for (Machine machine : machines) {
                machine.dispatch(nowNanos());
                nextDeadline = Math.min(nextDeadline, machine.nextDeadlineNanos());
            }
            sleepUntil(nextDeadline);
        }
    }

    private void sleepUntil(long deadlineNanos) {
        // Announce the sleep before the last look at the queue: a command that comes in between sees it and wakes us.
        sleeping = true;
        if (commands.isEmpty() && !closed) {
            long nanos = Math.min(MAX_SLEEP_NANOS, deadlineNanos - nowNanos());
            if (nanos > 0) {
                LockSupport.parkNanos(this, nanos);
            }
        }
        sleeping = false;
    }

    /** Stops after the commands under way; those not begun are dropped. Waits for the thread unless called from it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        if (isLoopThread()) {
            return;
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
