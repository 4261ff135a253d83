package io.litetopic.testkit;

import java.util.HashSet;
import java.util.Set;

/**
 * The ports of one cluster, all different.
 *
 * @param nameServer remoting port of the name server
 * @param broker remoting port of the broker; the stock broker also listens on {@code broker - 2} (its fast channel)
 * @param brokerHa port on which the broker would serve replicas
 * @param grpc gRPC port of the proxy
 * @param proxyRemoting remoting port of the proxy
 */
record ClusterPorts(int nameServer, int broker, int brokerHa, int grpc, int proxyRemoting) implements AutoCloseable {
    static final int FAST_CHANNEL_DISTANCE = 2;

    /** Takes the given ports, and free ones where 0 is given. Takes none if one of them cannot be had. */
    static ClusterPorts take(int nameServer, int broker, int grpc) {
        Set<Integer> taken = new HashSet<>();
        try {
            int nameServerPort = nameServer == 0 ? 0 : given(nameServer, "name server", taken);
            int grpcPort = grpc == 0 ? 0 : given(grpc, "proxy's gRPC server", taken);
            int brokerPort = broker == 0 ? 0 : given(broker, "broker", taken);
            if (broker != 0) {
                given(broker - FAST_CHANNEL_DISTANCE, "broker's fast channel (broker port - 2)", taken);
            }
            return new ClusterPorts(
                    nameServer == 0 ? free(taken) : nameServerPort,
                    broker == 0 ? freeForBroker(taken) : brokerPort,
                    free(taken),
                    grpc == 0 ? free(taken) : grpcPort,
                    free(taken));
        } catch (IllegalStateException e) {
            FreePorts.release(taken);
            throw e;
        }
    }

    /** Gives the ports back. */
    @Override
    public void close() {
        FreePorts.release(Set.of(nameServer, broker, broker - FAST_CHANNEL_DISTANCE, brokerHa, grpc, proxyRemoting));
    }

    private static int given(int port, String use, Set<Integer> taken) {
        taken.add(FreePorts.takeGiven(port, use));
        return port;
    }

    private static int free(Set<Integer> taken) {
        int port = FreePorts.take();
        taken.add(port);
        return port;
    }

    private static int freeForBroker(Set<Integer> taken) {
        int port = FreePorts.takeWithNeighbour(FAST_CHANNEL_DISTANCE);
        taken.add(port);
        taken.add(port - FAST_CHANNEL_DISTANCE);
        return port;
    }
}
