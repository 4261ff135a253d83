package io.litetopic.lite.internal.consumer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages in hand of one lite topic, in order, and the one worker that handles them. Exists while it has a worker.
 *
 * <p>Owner: all state is guarded by the lock of {@link ConsumerLoop}.
 */
final class Lane {

    private final String liteTopic;
    private final Deque<HeldDelivery> waiting = new ArrayDeque<>();
    private @Nullable Thread worker;

    Lane(String liteTopic) {
        this.liteTopic = liteTopic;
    }

    String liteTopic() {
        return liteTopic;
    }

    void add(HeldDelivery held) {
        waiting.add(held);
    }

    @Nullable
    HeldDelivery peek() {
        return waiting.peek();
    }

    HeldDelivery take() {
        return waiting.remove();
    }

    /** Takes out all that wait, in order. */
    List<HeldDelivery> drain() {
        List<HeldDelivery> all = new ArrayList<>(waiting);
        waiting.clear();
        return all;
    }

    void startedOn(Thread thread) {
        worker = thread;
    }

    boolean runsOn(Thread thread) {
        return worker == thread;
    }
}
