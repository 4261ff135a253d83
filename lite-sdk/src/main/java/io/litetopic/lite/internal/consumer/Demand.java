package io.litetopic.lite.internal.consumer;

import java.util.function.IntSupplier;

/**
 * Shares the free workers among the receive calls to all proxies.
 *
 * <p>With one proxy its calls together ask for as many messages as workers are free. With several, nobody knows which has
 * messages, and a call cannot be taken back: so a proxy that had none is asked for a single one, and only one whose last
 * call brought some is asked for all that nobody asks for yet, in a call that does not wait for long. Each proxy may be
 * asked for one while a worker is free. That keeps a proxy that is idle, slow or dead from holding the demand of the others, and
 * a burst of one is received one call later. What is asked for exceeds the free workers by one message per proxy at most.
 *
 * <p>Thread-safe.
 */
final class Demand {

    /** A call beside others is worth its cost if it asks for that part of all that a consumer takes. */
    private static final int SMALLEST_PART = 4;

    private final IntSupplier freeWorkers;
    private final IntSupplier capacity;
    private final int workers;

    // guarded by this
    private int proxies = 1;
    private int askedFor;

    /**
     * @param freeWorkers how many messages more may be taken
     * @param capacity how many may be in hand at the moment
     * @param workers how many can be handled at a time
     */
    Demand(IntSupplier freeWorkers, IntSupplier capacity, int workers) {
        this.freeWorkers = freeWorkers;
        this.workers = workers;
        this.capacity = capacity;
    }

    synchronized void share(int proxies) {
        this.proxies = proxies;
    }

    /** Whether a call that asks for so many must end soon: others may need the demand, or the listener become slow. */
    synchronized boolean isForAMoment(int max) {
        return (proxies > 1 && max > 1) || max > workers;
    }

    /**
     * Takes what a call may ask for; 0 if it should not be made.
     *
     * @param flowing whether the last call to this proxy brought messages
     * @param onlyCall whether there is no other call to this proxy
     */
    synchronized int take(boolean flowing, boolean onlyCall) {
        int free = freeWorkers.getAsInt();
        if (free <= 0) {
            return 0;
        }
        int max = proxies == 1 || flowing ? Math.max(0, free - askedFor) : 0;
        if (proxies > 1 && onlyCall) {
            max = Math.max(1, max);
        }
        if (!onlyCall && max < capacity.getAsInt() / SMALLEST_PART) {
            return 0; // the call under way ends with the next message, and the one after it asks for all
        }
        max = Math.min(max, LiteTransport.MAX_RECEIVE);
        askedFor += max;
        return max;
    }

    /** A call has ended. */
    synchronized void end(int max) {
        askedFor -= max;
    }
}
