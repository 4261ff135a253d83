package io.litetopic.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Hands out TCP ports that nobody listens on. They come from below the range operating systems use for outgoing
 * connections, so a port stays free while its process is down; no port is given out twice until it is released.
 * Thread-safe.
 */
final class FreePorts {
    /** 0 to 3: which quarter of the ports this JVM takes, so that several can start servers at a time. None: from all. */
    static final String SLICE_PROPERTY = "litetopic.testkit.portSlice";

    private static final int FIRST = 20_000;
    private static final int LAST = 31_999;
    private static final int SLICE = (LAST + 1 - FIRST) / 4;

    static final int LOWEST = FIRST + Integer.getInteger(SLICE_PROPERTY, 0) % 4 * SLICE;
    static final int HIGHEST = System.getProperty(SLICE_PROPERTY) == null ? LAST : LOWEST + SLICE - 1;
    private static final int MAX_ATTEMPTS = 1_000;

    private static final Set<Integer> TAKEN = new HashSet<>();

    private FreePorts() {}

    /** A free port. */
    static int take() {
        return takeWithNeighbour(0);
    }

    /** A free port {@code p} such that {@code p - distance} is free as well; both are taken. */
    static synchronized int takeWithNeighbour(int distance) {
        SplittableRandom random = new SplittableRandom();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            int port = random.nextInt(LOWEST + distance, HIGHEST + 1);
            if (isFree(port) && isFree(port - distance)) {
                TAKEN.add(port);
                TAKEN.add(port - distance);
                return port;
            }
        }
        throw new IllegalStateException("no free port found [tried=" + MAX_ATTEMPTS + ", range=" + LOWEST + "-"
                + HIGHEST + "]; close other servers or give the ports explicitly");
    }

    /** Takes exactly {@code port}. {@code use} names what for, for the error. */
    static synchronized int takeGiven(int port, String use) {
        if (!isFree(port)) {
            throw new IllegalStateException("port " + port + " for the " + use
                    + " is in use; end the process that listens there, choose another port, or 0 for a free one");
        }
        TAKEN.add(port);
        return port;
    }

    static synchronized void release(Set<Integer> ports) {
        TAKEN.removeAll(ports);
    }

    private static boolean isFree(int port) {
        return !TAKEN.contains(port) && canBind(Loopback.address(), port) && canBind(null, port);
    }

    /** Checks the wildcard address (null) too: stock gRPC and HA ports listen there, not on 127.0.0.1. */
    private static boolean canBind(@Nullable InetAddress address, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (IOException expected) { // somebody listens there
            return false;
        }
    }
}
