package io.litetopic.lite.internal.consumer;

import java.util.ArrayList;
import java.util.List;

/**
 * One queue of the bind topic at a stock server: what the server has delivered of it and has no ack for, in order. While any of that
 * is ours the server delivers nothing more of the queue.
 *
 * <p>Owner: all state is guarded by the lock of {@link PlainFifoTransport}.
 */
final class PlainQueue {

    /** Rests until somebody says otherwise. */
    static final long NO_END = Long.MAX_VALUE;

    private final String name;
    private final List<PlainDelivery> unsettled = new ArrayList<>();
    private boolean resting;
    private long resumeNanos; // meaningful while it rests
    private int rests; // tells the rests apart

    PlainQueue(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    List<PlainDelivery> unsettled() {
        return unsettled;
    }

    /** The server begins with the first message that is not settled: what it delivered before is settled or void. */
    void replace(List<PlainDelivery> delivered) {
        unsettled.clear();
        unsettled.addAll(delivered);
    }

    /** The delivery and the later ones go back. Returns false if the delivery is not the server's any more. */
    boolean takeBackFrom(PlainDelivery delivery) {
        int first = unsettled.indexOf(delivery);
        if (first < 0) {
            return false;
        }
        unsettled.subList(first, unsettled.size()).forEach(later -> later.setHandedOut(false));
        return true;
    }

    /** Takes those that the loop does not have. */
    List<Delivery> handOut() {
        List<Delivery> handedOut = new ArrayList<>();
        for (PlainDelivery delivery : waiting()) {
            delivery.setHandedOut(true);
            handedOut.add(delivery);
        }
        return handedOut;
    }

    /** Those that the loop does not have. */
    List<PlainDelivery> waiting() {
        List<PlainDelivery> waiting = new ArrayList<>();
        for (PlainDelivery delivery : unsettled) {
            if (!delivery.isHandedOut()) {
                waiting.add(delivery);
            }
        }
        return waiting;
    }

    /** Returns the number of this rest. */
    int rest(long untilNanos) {
        resting = true;
        resumeNanos = untilNanos;
        rests++;
        return rests;
    }

    /** Ends that rest, unless it has ended. */
    boolean resume(int rest) {
        if (!resting || rest != rests) {
            return false;
        }
        resting = false;
        return true;
    }

    boolean isResting() {
        return resting;
    }

    /** When those that wait are due, at the earliest now. */
    long dueNanos(long now) {
        return resting && resumeNanos != NO_END ? Math.max(now, resumeNanos) : now;
    }

    /** Forgets those that wait: the server delivers them again. */
    void forgetWaiting() {
        unsettled.removeIf(delivery -> !delivery.isHandedOut());
        resting = false;
    }
}
