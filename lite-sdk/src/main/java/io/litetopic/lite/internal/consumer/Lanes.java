package io.litetopic.lite.internal.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All messages in hand, by lite topic: the state of {@link ConsumerLoop}, each change in one step. Calls nobody but
 * {@code inRoute} and {@code subscribed}; what follows from a change is up to the caller.
 *
 * <p>Thread-safe.
 */
final class Lanes {

    private final ConsumerSettings settings;
    private final LoopTimer timer;
    private final Predicate<String> inRoute;

    // guarded by this
    private final Map<String, Lane> byLiteTopic = new HashMap<>();
    private int messagesInHand;
    private long bytesInHand;
    private boolean paused;
    private boolean closing;
    private final ReadAhead readAhead;

    /** @param inRoute whether a proxy is in the route */
    Lanes(ConsumerSettings settings, LoopTimer timer, Predicate<String> inRoute) {
        this.settings = settings;
        this.timer = timer;
        this.inRoute = inRoute;
        this.readAhead = new ReadAhead(timer.nanoTime());
    }

    /** How many more lite topics may be handled, or wait for a moment. */
    synchronized int free() {
        boolean full = messagesInHand >= settings.maxMessagesInHand() || bytesInHand >= settings.maxBytesInHand();
        // What waits is used up first: a server cannot weigh lite topics against each other whose messages are in hand.
        boolean someWait = byLiteTopic.size() > settings.concurrency();
        return closing || paused || full || someWait ? 0 : Math.max(0, capacity() - byLiteTopic.size());
    }

    /** How many lite topics may be handled, or wait for a moment, together. */
    synchronized int capacity() {
        return settings.concurrency() + (settings.readsAhead() ? readAhead.messages(timer.nanoTime()) : 0);
    }

    /**
     * Adds a message behind those of its lite topic.
     *
     * @param toStart gets its lane if that needs a thread
     * @param perhapsWithoutThread gets its lane if that may have to wait for a thread
     * @return false if it came too late and must go back
     */
    synchronized boolean add(HeldDelivery held, List<Lane> toStart, Set<Lane> perhapsWithoutThread) {
        Delivery delivery = held.delivery();
        if (closing || paused || !inRoute.test(delivery.proxy())) {
            return false;
        }
        messagesInHand++;
        bytesInHand += delivery.bodyBytes();
        Lane lane = byLiteTopic.get(delivery.liteTopic());
        if (lane == null) {
            lane = new Lane(delivery.liteTopic(), timer.nanoTime());
            byLiteTopic.put(delivery.liteTopic(), lane);
            toStart.add(lane);
        }
        lane.add(held);
        if (mayLackThread(lane)) {
            perhapsWithoutThread.add(lane);
        }
        return true;
    }

    /** Whether the lane waits for a thread that may not come soon, as there are more lanes than threads. */
    synchronized boolean mayLackThread(Lane lane) {
        return lane.isQueued() && byLiteTopic.size() > settings.threads();
    }

    /** The lane has got this thread; returns whether it still needs one. */
    synchronized boolean startOnThisThread(Lane lane) {
        if (lane.isEnded()) {
            return false;
        }
        lane.startedOn(Thread.currentThread());
        return true;
    }

    /**
     * Takes the next message for a listener call, or ends the lane: both in one step, so that a message that comes now finds
     * it or not. If the first one is not for the listener, all are moved to {@code unwanted} instead.
     *
     * @return null if the lane has ended
     */
    synchronized @Nullable HeldDelivery next(Lane lane, Predicate<HeldDelivery> isWanted, List<HeldDelivery> unwanted) {
        HeldDelivery head = lane.peek();
        if (head != null && !lane.isEnded() && !closing && isWanted.test(head)) {
            return lane.beginCall(timer.nanoTime());
        }
        unwanted.addAll(drain(lane));
        end(lane);
        return null;
    }

    /** The listener call goes on without a thread. Returns whether its result still counts. */
    synchronized boolean inFlight(Lane lane, ListenerCall call) {
        if (!lane.awaitsAnswer()) {
            return false;
        }
        lane.inFlight(call);
        return true;
    }

    /** The listener has decided; returns whether that counts. */
    synchronized boolean answer(Lane lane) {
        return lane.answer();
    }

    /** The first of the lane that waits, if it is this one: then it is taken out. */
    synchronized @Nullable HeldDelivery takeIf(Lane lane, Predicate<HeldDelivery> isThis) {
        HeldDelivery head = lane.peek();
        if (head == null || !isThis.test(head)) {
            return null;
        }
        noLongerInHand(head);
        return lane.remove();
    }

    /** The result of a listener call is on its way; returns what was to be done then. */
    synchronized List<Runnable> endCall(Lane lane, HeldDelivery held) {
        noLongerInHand(held);
        long now = timer.nanoTime();
        readAhead.callEnded(now - lane.callBeganNanos(), now);
        return lane.endCall();
    }

    /** A listener call that held no thread has ended. Returns whether the lane needs a thread again; else it ends. */
    synchronized boolean queueAgain(Lane lane) {
        if (lane.isEnded()) {
            return false;
        }
        if (lane.peek() == null) {
            end(lane);
            return false;
        }
        lane.queued(timer.nanoTime());
        return true;
    }

    /** The lane gets no thread: it ends. Returns what waits. */
    synchronized List<HeldDelivery> refuse(Lane lane) {
        List<HeldDelivery> waiting = drain(lane);
        end(lane);
        return waiting;
    }

    synchronized boolean wasInterrupted(Lane lane) {
        return lane.wasInterrupted();
    }

    /**
     * Takes out what waits for a lite topic.
     *
     * @param afterCall what to do when the listener call ends that runs; up to the caller if none does
     * @param waiting gets what waits
     * @return whether a listener call runs
     */
    synchronized boolean drain(String liteTopic, Runnable afterCall, List<HeldDelivery> waiting) {
        Lane lane = byLiteTopic.get(liteTopic);
        if (lane == null) {
            return false;
        }
        waiting.addAll(drain(lane));
        if (lane.isInCall()) {
            lane.afterCall(afterCall);
            return true;
        }
        return false;
    }

    /** Takes out what waits in the lane and came from the proxy. */
    synchronized List<HeldDelivery> drain(Lane lane, String proxy) {
        return noLongerInHand(lane.drain(proxy));
    }

    /** Takes out what came from the proxy and waits, by lane. */
    synchronized List<List<HeldDelivery>> drainAll(String proxy) {
        List<List<HeldDelivery>> all = new ArrayList<>();
        byLiteTopic.values().forEach(lane -> all.add(drain(lane, proxy)));
        return all;
    }

    /** Takes out what waits for a thread for at least that long, by lane. */
    synchronized List<List<HeldDelivery>> drainQueued(Collection<Lane> lanes, Duration time) {
        long sinceNanos = timer.nanoTime() - time.toNanos();
        List<List<HeldDelivery>> all = new ArrayList<>();
        for (Lane lane : lanes) {
            if (lane.isQueuedSince(sinceNanos)) {
                all.add(drain(lane));
            }
        }
        return all;
    }

    /** Lets nothing be added until {@link #resume}. Returns what waits, by lane. */
    synchronized List<List<HeldDelivery>> pause() {
        paused = true;
        return drainAll();
    }

    synchronized void resume() {
        paused = false;
    }

    synchronized boolean isPaused() {
        return paused;
    }

    /** Lets nothing be added for good. Returns what waits, by lane; only lanes in a listener call are left. */
    synchronized List<List<HeldDelivery>> stop() {
        closing = true;
        List<List<HeldDelivery>> all = drainAll();
        for (Lane lane : new ArrayList<>(byLiteTopic.values())) {
            if (lane.isQueued()) {
                end(lane); // Its thread may never come.
            }
        }
        return all;
    }

    /** Waits until no listener call runs, other than one on the calling thread; returns whether that was so in time. */
    synchronized boolean awaitEnd(Duration timeout) throws InterruptedException {
        long startNanos = System.nanoTime();
        while (!isDoneExceptFor(Thread.currentThread())) {
            long remainingMillis =
                    timeout.minusNanos(System.nanoTime() - startNanos).toMillis();
            if (remainingMillis <= 0) {
                return false;
            }
            wait(remainingMillis);
        }
        return true;
    }

    private boolean isDoneExceptFor(Thread caller) {
        for (Lane lane : byLiteTopic.values()) {
            if (!lane.runsOn(caller)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Ends the lanes whose listener call goes on, and interrupts the threads that are in it, but not the caller.
     *
     * @param inFlight gets the calls that hold no thread
     * @return the messages of the calls
     */
    synchronized List<HeldDelivery> abandonCalls(List<ListenerCall> inFlight) {
        List<HeldDelivery> abandoned = new ArrayList<>();
        for (Lane lane : new ArrayList<>(byLiteTopic.values())) {
            if (lane.awaitsAnswer()) {
                ListenerCall call = lane.callInFlight();
                if (call != null) {
                    inFlight.add(call);
                }
                HeldDelivery held = lane.abandonCall();
                noLongerInHand(held);
                abandoned.add(held);
                end(lane);
            }
        }
        return abandoned;
    }

    private List<List<HeldDelivery>> drainAll() {
        List<List<HeldDelivery>> all = new ArrayList<>();
        byLiteTopic.values().forEach(lane -> all.add(drain(lane)));
        return all;
    }

    private List<HeldDelivery> drain(Lane lane) {
        return noLongerInHand(lane.drain());
    }

    private List<HeldDelivery> noLongerInHand(List<HeldDelivery> drained) {
        drained.forEach(this::noLongerInHand);
        return drained;
    }

    private void noLongerInHand(HeldDelivery held) {
        messagesInHand--;
        bytesInHand -= held.delivery().bodyBytes();
    }

    private void end(Lane lane) {
        lane.end();
        if (byLiteTopic.remove(lane.liteTopic(), lane)) {
            notifyAll();
        }
    }
}
