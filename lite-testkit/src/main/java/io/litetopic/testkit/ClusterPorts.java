package io.litetopic.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The ports of one cluster, all different; further ones can be taken while it runs. Thread-safe. */
final class ClusterPorts implements AutoCloseable {
    private final Set<Integer> taken = new HashSet<>(); // guarded by this
    private int nameServer; // this and the lists are complete before take returns
    private final List<BrokerPorts> brokers = new ArrayList<>();
    private final List<ProxyPorts> proxies = new ArrayList<>();

    private ClusterPorts() {}

    /**
     * Takes the given ports, which the first server of a kind gets, and free ones for all others and where 0 is given. Takes none if
     * one of them cannot be had.
     */
    static ClusterPorts take(int nameServer, int broker, int grpc, int brokers, int proxies) {
        ClusterPorts ports = new ClusterPorts();
        try {
            ports.takeAll(nameServer, broker, grpc, brokers, proxies);
            return ports;
        } catch (IllegalStateException e) {
            ports.close();
            throw e;
        }
    }

    private synchronized void takeAll(
            int givenNameServer, int givenBroker, int givenGrpc, int brokerCount, int proxyCount) {
        // the given ones first, lest a free one is one of them
        takeGiven(givenNameServer, "name server");
        takeGiven(givenGrpc, "proxy's gRPC server");
        takeGiven(givenBroker, "broker");
        if (givenBroker != 0) {
            takeGiven(givenBroker - BrokerPorts.FAST_CHANNEL_DISTANCE, "broker's fast channel (broker port - 2)");
        }
        nameServer = givenNameServer == 0 ? takeFree() : givenNameServer;
        for (int i = 0; i < brokerCount; i++) {
            brokers.add(new BrokerPorts(i == 0 && givenBroker != 0 ? givenBroker : takeFreeForBroker(), takeFree()));
        }
        for (int i = 0; i < proxyCount; i++) {
            proxies.add(new ProxyPorts(i == 0 && givenGrpc != 0 ? givenGrpc : takeFree(), takeFree()));
        }
    }

    int nameServer() {
        return nameServer;
    }

    /** Of the brokers, in order. */
    List<BrokerPorts> brokers() {
        return List.copyOf(brokers);
    }

    /** Of the proxies that the cluster starts with, in order. */
    List<ProxyPorts> proxies() {
        return List.copyOf(proxies);
    }

    ProxyPorts takeForProxy() {
        return new ProxyPorts(takeFree(), takeFree());
    }

    synchronized int takeFree() {
        int port = FreePorts.take();
        taken.add(port);
        return port;
    }

    /** Gives the ports back. */
    @Override
    public synchronized void close() {
        FreePorts.release(taken);
    }

    private void takeGiven(int port, String use) {
        if (port != 0) {
            taken.add(FreePorts.takeGiven(port, use));
        }
    }

    private int takeFreeForBroker() {
        int port = FreePorts.takeWithNeighbour(BrokerPorts.FAST_CHANNEL_DISTANCE);
        taken.add(port);
        taken.add(port - BrokerPorts.FAST_CHANNEL_DISTANCE);
        return port;
    }
}
