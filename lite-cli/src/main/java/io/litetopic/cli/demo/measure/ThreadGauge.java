package io.litetopic.cli.demo.measure;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the consumer threads that hold a request, and those of them that only sleep for an allowance. Thread-safe. */
public final class ThreadGauge {
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger sleeping = new AtomicInteger();

    public void enter() {
        busy.incrementAndGet();
    }

    public void exit() {
        busy.decrementAndGet();
    }

    public void fallAsleep() {
        sleeping.incrementAndGet();
    }

    public void wakeUp() {
        sleeping.decrementAndGet();
    }

    /** Threads in the listener, sleeping ones included. */
    public int busy() {
        return busy.get();
    }

    public int sleeping() {
        return sleeping.get();
    }
}
