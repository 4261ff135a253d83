package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that stands still until a test moves it. */
final class ManualTimer implements LoopTimer {

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparingLong(Task::sequence));
    private long nowNanos = 1_000_000;
    private long sequence;

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized void schedule(Duration delay, Runnable task) {
        tasks.add(new Task(nowNanos + delay.toNanos(), sequence++, task));
    }

    /** Runs all that becomes due, each at its time. */
    void advance(Duration duration) {
        long end = nanoTime() + duration.toNanos();
        while (true) {
            Task task;
            synchronized (this) {
                task = tasks.peek();
                if (task == null || task.dueNanos > end) {
                    nowNanos = end;
                    return;
                }
                tasks.remove();
                nowNanos = task.dueNanos;
            }
            task.task.run();
        }
    }

    synchronized int scheduledTasks() {
        return tasks.size();
    }

    private record Task(long dueNanos, long sequence, Runnable task) {}
}
