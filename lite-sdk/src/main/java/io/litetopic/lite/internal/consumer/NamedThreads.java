package io.litetopic.lite.internal.consumer;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes threads with the same name and a number. */
final class NamedThreads implements ThreadFactory {

    private final String name;
    private final AtomicInteger count = new AtomicInteger();

    private NamedThreads(String name) {
        this.name = name;
    }

    static ThreadFactory of(String name) {
        return new NamedThreads(name);
    }

    @Override
    public Thread newThread(Runnable task) {
        return new Thread(task, name + "-" + count.incrementAndGet());
    }
}
