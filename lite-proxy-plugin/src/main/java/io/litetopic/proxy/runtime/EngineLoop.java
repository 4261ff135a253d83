package io.litetopic.proxy.runtime;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * The one thread that runs the engines given to it: takes the commands that have come, lets every engine dispatch, sleeps until
 * the next command or deadline.
 *
 * <p>{@link #execute} is thread-safe and never blocks. Commands and machines must deal with their own failures. What escapes,
 * such as an OutOfMemoryError, leaves state that nobody can trust: the loop tells its machines, ends, and rejects every command
 * from then on.
 *
 * <p>When the process has stood still (a frozen virtual machine, SIGSTOP, a long collection of garbage), results and renewals of
 * clients wait in its sockets while deadlines have passed. So for a moment only commands are taken; what is due is done after
 * that, which makes it late but never early.
 */
public final class EngineLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");
    private static final int MAX_BATCH = 4_096;
    private static final long MAX_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Machines that are called that much later than meant were held up by the process, not by its clients. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** How long after a stall commands are taken before anything that was due meanwhile is done. */
    private static final long CATCH_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A state machine that this loop drives. Called on the loop's thread only. */
    public interface Machine {
        /** Does what is due at {@code nowNanos}. */
        void dispatch(long nowNanos);

        /** When {@link #dispatch} is due next; {@code Long.MAX_VALUE} if nothing is scheduled. */
        long nextDeadlineNanos();

        /** The loop ends because of {@code cause}; nothing of this machine is called again. */
        void loopFailed(Throwable cause);
    }

    private static final class Command {
        final Runnable task;
        final Runnable ifClosed;

        Command(Runnable task, Runnable ifClosed) {
            this.task = task;
            this.ifClosed = ifClosed;
        }
    }

    private final Thread thread;
    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final List<Machine> machines = new CopyOnWriteArrayList<>();
    private volatile boolean sleeping;
    private volatile boolean closed;
    private volatile boolean ended;
    private long expectedNanos; // when the machines are to be called at the latest
    private long catchUpUntilNanos;

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

    /**
     * Runs {@code task} on the loop's thread, in the order of the calls of each caller. Once the loop is closed {@code ifClosed}
     * runs instead, on the caller's thread or on the one that closes; it must not fail.
     */
    public void execute(Runnable task, Runnable ifClosed) {
        commands.add(new Command(task, ifClosed));
        if (ended) {
            rejectCommands();
        } else {
            wakeUp();
        }
    }

    private void rejectCommands() {
        Command command;
        while ((command = commands.poll()) != null) {
            command.ifClosed.run();
        }
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
        try {
            expectedNanos = nowNanos();
            catchUpUntilNanos = expectedNanos;
            while (!closed) {
                turn();
            }
        } catch (Throwable fatal) { // whatever it is, the state of the engines cannot be trusted any more
            fail(fatal);
        } finally {
            ended = true; // a command that comes in after this is rejected by its caller
            rejectCommands();
        }
    }

    private void turn() {
        expectedNanos = Math.min(expectedNanos, nowNanos()); // a command may have ended the sleep
        Command command;
        for (int i = 0; i < MAX_BATCH && (command = commands.poll()) != null; i++) {
            command.task.run();
        }
        long now = nowNanos(); // one for all: a stall from here on is seen in the next turn
        noticeStall(now);
        if (catchUpUntilNanos - now > 0) {
            sleepUntil(catchUpUntilNanos);
            return;
        }
        long nextDeadline = Long.MAX_VALUE;
        for (Machine machine : machines) {
            machine.dispatch(now);
            nextDeadline = Math.min(nextDeadline, machine.nextDeadlineNanos());
        }
        sleepUntil(nextDeadline);
    }

    private void noticeStall(long now) {
        long lateNanos = now - expectedNanos;
        expectedNanos = now;
        if (lateNanos > STALL_NANOS) {
            catchUpUntilNanos = now + CATCH_UP_NANOS;
            log.warn(
                    "litetopic: dispatch stood still for {} ms; clients get {} ms for what they sent meanwhile",
                    TimeUnit.NANOSECONDS.toMillis(lateNanos),
                    TimeUnit.NANOSECONDS.toMillis(CATCH_UP_NANOS));
        }
    }

    private void fail(Throwable fatal) {
        closed = true;
        ended = true;
        String line = "litetopic: NOT ACTIVE any more: dispatch has stopped because of " + fatal
                + "; lite topics are not served: put this right and restart the proxy";
        System.err.println(line);
        log.error(line, fatal);
        rejectCommands();
        for (Machine machine : machines) {
            try {
                machine.loopFailed(fatal);
            } catch (Throwable another) { // the others are told all the same
                log.error("litetopic: could not stop after a fatal error", another);
            }
        }
    }

    private void sleepUntil(long deadlineNanos) {
        // Announce the sleep before the last look at the queue: a command that comes in between sees it and wakes us.
        sleeping = true;
        if (commands.isEmpty() && !closed) {
            long nanos = Math.min(MAX_SLEEP_NANOS, deadlineNanos - nowNanos());
            if (nanos > 0) {
                expectedNanos += nanos;
                LockSupport.parkNanos(this, nanos);
            }
        }
        sleeping = false;
    }

    /** Stops after the commands under way; those not begun are rejected. Waits for the thread unless called from it. */
    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            ended = true;
            rejectCommands();
            return;
        }
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
