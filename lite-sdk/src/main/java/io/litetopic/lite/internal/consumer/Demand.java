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

    private final IntSupplier freeWorkers;

    // guarded by this
    private int proxies = 1;
    private int askedFor;

    Demand(IntSupplier freeWorkers) {
        this.freeWorkers = freeWorkers;
    }

    synchronized void share(int proxies) {
        this.proxies = proxies;
    }

    synchronized boolean isShared() {
        return proxies > 1;
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
        max = Math.min(max, LiteTransport.MAX_RECEIVE);
        askedFor += max;
        return max;
    }

    /** A call has ended. */
    synchronized void end(int max) {
        askedFor -= max;
    }
}
