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
    private final List<Runnable> afterCall = new ArrayList<>();
    private @Nullable Thread worker;
    private boolean inCall;

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

    /** Takes out the first one, whose listener call begins. */
    HeldDelivery take() {
        inCall = true;
        return remove();
    }

    HeldDelivery remove() {
        return waiting.remove();
    }

    /** The listener call has ended; returns what was to be done then. */
    List<Runnable> endCall() {
        inCall = false;
        List<Runnable> tasks = new ArrayList<>(afterCall);
        afterCall.clear();
        return tasks;
    }

    boolean isInCall() {
        return inCall;
    }

    void afterCall(Runnable task) {
        afterCall.add(task);
    }

    /** Takes out all that wait, in order. */
    List<HeldDelivery> drain() {
        List<HeldDelivery> all = new ArrayList<>(waiting);
        waiting.clear();
        return all;
    }

    /** Takes out those of one proxy that wait, in order. */
    List<HeldDelivery> drain(String proxy) {
        List<HeldDelivery> ofProxy = new ArrayList<>();
        for (HeldDelivery held : waiting) {
            if (held.delivery().proxy().equals(proxy)) {
                ofProxy.add(held);
            }
        }
        waiting.removeAll(ofProxy);
        return ofProxy;
    }

    boolean isStarted() {
        return worker != null;
    }

    void startedOn(Thread thread) {
        worker = thread;
    }

    boolean runsOn(Thread thread) {
        return worker == thread;
    }
}
