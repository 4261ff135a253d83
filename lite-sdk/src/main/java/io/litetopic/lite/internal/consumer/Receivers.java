package io.litetopic.lite.internal.consumer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives from all proxies of the route, one {@link Receiver} each, and follows the route.
 *
 * <p>Thread-safe.
 */
final class Receivers {

    private static final Logger log = LoggerFactory.getLogger(Receivers.class);

    private final LiteTransport transport;
    private final LoopTimer timer;
    private final Demand demand;
    private final Consumer<List<Delivery>> sink;
    private final Function<String, CompletableFuture<Void>> rejoin;
    private final Consumer<String> onLeft;

    // guarded by this
    private final Map<String, Receiver> byProxy = new LinkedHashMap<>();
    private int turn;
    private boolean started;
    private boolean stopped;

    /**
     * @param freeWorkers how many messages more could be taken
     * @param capacity how many may be in hand at the moment
     * @param workers how many can be handled at a time
     * @param sink takes what was received, before the workers that it needs count as free
     * @param rejoin called when contact with a proxy was lost, or it is new; the future ends when it knows this client
     * @param onLeft called when a proxy is not in the route any more
     */
    Receivers(
            LiteTransport transport,
            LoopTimer timer,
            IntSupplier freeWorkers,
            IntSupplier capacity,
            int workers,
            Consumer<List<Delivery>> sink,
            Function<String, CompletableFuture<Void>> rejoin,
            Consumer<String> onLeft) {
        this.transport = transport;
        this.timer = timer;
        this.demand = new Demand(freeWorkers, capacity, workers);
        this.sink = sink;
        this.rejoin = rejoin;
        this.onLeft = onLeft;
    }

    /** Receives from the proxies of the route, all of which know this client. */
    void start() {
        synchronized (this) {
            if (stopped) {
                return;
            }
            started = true;
            for (String proxy : transport.proxies()) {
                byProxy.put(proxy, receiver(proxy));
            }
            demand.share(byProxy.size());
        }
        receiveOnDemand();
        // The route may have changed while nobody listened.
        routeChanged(transport.proxies());
    }

    /** Receives from those that are new, once they know this client, and ends what there was with those that left. */
    void routeChanged(Set<String> proxies) {
        List<Receiver> added = new ArrayList<>();
        List<String> left = new ArrayList<>();
        synchronized (this) {
            if (!started || stopped) {
                return;
            }
            for (String proxy : new HashSet<>(byProxy.keySet())) {
                Receiver receiver = proxies.contains(proxy) ? null : byProxy.remove(proxy);
                if (receiver != null) {
                    receiver.stop();
                    left.add(proxy);
                }
            }
            for (String proxy : proxies) {
                if (!byProxy.containsKey(proxy)) {
                    Receiver receiver = receiver(proxy);
                    byProxy.put(proxy, receiver);
                    added.add(receiver);
                }
            }
            if (left.isEmpty() && added.isEmpty()) {
                return;
            }
            demand.share(byProxy.size());
        }
        log.info("route changed proxies={} left={}", proxies, left);
        added.forEach(Receiver::join);
        left.forEach(onLeft);
        receiveOnDemand();
    }

    /** Makes further calls if workers are free that nobody asks for; all proxies have the first choice in turn. */
    void receiveOnDemand() {
        List<Receiver> all;
        synchronized (this) {
            all = new ArrayList<>(byProxy.values());
            if (!all.isEmpty()) {
                turn = (turn + 1) % all.size();
                Collections.rotate(all, turn);
            }
        }
        all.forEach(Receiver::receiveOnDemand);
    }

    /** A connection broke: the proxy hears of this client at once, and receiving goes on after that. */
    void contactLost(String proxy) {
        Receiver receiver = find(proxy);
        if (receiver != null) {
            receiver.contactLost();
        }
    }

    synchronized boolean inRoute(String proxy) {
        return !started || byProxy.containsKey(proxy);
    }

    /** Whether the proxy is in the route and can be reached, as far as is known. */
    boolean hasContact(String proxy) {
        Receiver receiver = find(proxy);
        return receiver != null && receiver.hasContact();
    }

    /** Ends all calls. */
    void stop() {
        synchronized (this) {
            stopped = true;
            byProxy.values().forEach(Receiver::stop);
        }
        transport.stopReceiving();
    }

    private synchronized @Nullable Receiver find(String proxy) {
        return byProxy.get(proxy);
    }

    private Receiver receiver(String proxy) {
        return new Receiver(proxy, transport, timer, demand, sink, () -> rejoin.apply(proxy), this::receiveOnDemand);
    }
}
