package io.litetopic.it.fault;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One delivery, as a consumer has seen it. Guarded by its {@link TopicHistory}. */
final class Delivery {
    final long id;
    final TopicHistory topic;
    final String consumer;
    final int number;
    final long beganNanos;
    final List<Delivery> rivals = new ArrayList<>(); // listener calls of the lite topic that ran at the same time

    boolean ended;
    History.@Nullable Result result; // of the listener; null while it runs
    long suspendMillis;
    boolean confirmed;

    Delivery(long id, TopicHistory topic, String consumer, int number, long beganNanos) {
        this.id = id;
        this.topic = topic;
        this.consumer = consumer;
        this.number = number;
        this.beganNanos = beganNanos;
    }

    @Override
    public String toString() {
        return consumer + " #" + number;
    }
}
