package io.litetopic.lite.internal.consumer;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages in hand of one lite topic, in order, and the one listener call that handles one of them.
 *
 * <p>Owner: all state is guarded by the lock of {@link Lanes}.
 */
final class Lane {

    private enum State {
        /** Waits for a thread. */
        QUEUED,
        /** Has a thread, which may be in a listener call. */
        RUNNING,
        /** A listener call is under way that holds no thread. */
        IN_FLIGHT,
        /** Out of {@link Lanes}; nothing of it counts any more. */
        ENDED
    }

    private final String liteTopic;
    private final Deque<HeldDelivery> waiting = new ArrayDeque<>();
    private final List<Runnable> afterCall = new ArrayList<>();
    private State state = State.QUEUED;
    private long queuedNanos;
    private @Nullable Thread thread; // not null exactly while the state is RUNNING, or was when it ended in a call
    private @Nullable HeldDelivery inCall; // not null exactly during a listener call whose result counts
    private @Nullable ListenerCall call; // the one that holds no thread
    private long callBeganNanos; // of the last one
    private boolean answered; // whether the listener call has ended and its result is being sent
    private boolean interrupted;

    Lane(String liteTopic, long nowNanos) {
        this.liteTopic = liteTopic;
        this.queuedNanos = nowNanos;
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

    HeldDelivery remove() {
        return waiting.remove();
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

    void queued(long nowNanos) {
        state = State.QUEUED;
        queuedNanos = nowNanos;
    }

    void startedOn(Thread thread) {
        state = State.RUNNING;
        this.thread = thread;
    }

    boolean isQueued() {
        return state == State.QUEUED;
    }

    boolean isQueuedSince(long nanos) {
        return isQueued() && queuedNanos - nanos <= 0;
    }

    boolean isEnded() {
        return state == State.ENDED;
    }

    boolean runsOn(Thread thread) {
        return state == State.RUNNING && this.thread == thread;
    }

    /** Takes out the first one, whose listener call begins. */
    HeldDelivery beginCall(long nowNanos) {
        callBeganNanos = nowNanos;
        HeldDelivery held = remove();
        inCall = held;
        answered = false;
        return held;
    }

    long callBeganNanos() {
        return callBeganNanos;
    }

    /** The listener call goes on without a thread. */
    void inFlight(ListenerCall call) {
        state = State.IN_FLIGHT;
        thread = null;
        this.call = call;
    }

    boolean isInCall() {
        return inCall != null;
    }

    /** The listener has decided; returns whether that counts. */
    boolean answer() {
        answered = isInCall();
        return answered;
    }

    /** Whether a listener call is under way. */
    boolean awaitsAnswer() {
        return isInCall() && !answered;
    }

    /** Runs when the listener call has ended. */
    void afterCall(Runnable task) {
        afterCall.add(task);
    }

    /** The listener call has ended; returns what was to be done then. */
    List<Runnable> endCall() {
        inCall = null;
        call = null;
        List<Runnable> tasks = new ArrayList<>(afterCall);
        afterCall.clear();
        return tasks;
    }

    void end() {
        state = State.ENDED;
    }

    /**
     * Ends the lane though its listener call goes on, whose thread is interrupted unless it is the caller's. The result
     * of the call does not count any more.
     *
     * @return the message of the call
     */
    HeldDelivery abandonCall() {
        HeldDelivery abandoned = requireNonNull(inCall, "no listener call");
        inCall = null;
        end();
        if (thread != null && thread != Thread.currentThread()) {
            interrupted = true;
            thread.interrupt();
        }
        return abandoned;
    }

    /** The listener call that holds no thread, if there is one. */
    @Nullable
    ListenerCall callInFlight() {
        return call;
    }

    /** Whether this lane has interrupted its thread, which may belong to others after the call. */
    boolean wasInterrupted() {
        return interrupted;
    }
}
